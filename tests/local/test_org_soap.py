"""The Metadata API by SOAP: who reads what, and how it refuses."""

import pytest
import requests

from local.conftest import certificate_of
from local.deploying import AppFiles, Deployer
from local.org_administrator import Administrator, hire
from local.org_soap import bare, fault, read, results, retrieve, text
from local.org_visitor import Visitor
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.components import TYPES, Component

APP_READER = (rights.MODIFY_METADATA, rights.APP_VIEWER)
GLOBAL = "ExtlClntAppGlobalOauthSettings"


@pytest.fixture
def deployer(administrator: Administrator) -> Deployer:
    return Deployer(**vars(administrator))


@pytest.fixture
def app(deployer: Deployer, visitor: Visitor) -> AppFiles:
    files = AppFiles.drawn(certificate_of(visitor.key))
    result = deployer.deploy(*files.all())
    assert result["status"] == "Succeeded", result
    return files


def test_what_was_deployed_is_read_with_the_consumer_key(administrator: Administrator, app: AppFiles) -> None:
    (settings,) = read(administrator, GLOBAL, f"{app.name}_global")

    assert settings["consumerKey"].startswith("3MVG9")
    assert settings["consumerSecret"]
    assert settings["certificate"].strip() == app.certificate.strip()
    assert list(settings) == ["fullName", *sorted(set(settings) - {"fullName"})]


@pytest.mark.parametrize(
    ("settings", "held", "seen"),
    [
        ({}, (*APP_READER, rights.VIEW_CLIENT_SECRET), {"consumerKey", "consumerSecret"}),
        ({}, APP_READER, set()),
        ({"masks_consumer_secret": True}, (*APP_READER, rights.VIEW_CLIENT_SECRET), {"consumerKey"}),
        ({"shows_consumer_key": False}, (*APP_READER, rights.VIEW_CLIENT_SECRET), set()),
    ],
)
def test_orgs_and_rights_decide_what_is_shown_of_an_apps_credentials(
    org: OrgControl,
    org_http: requests.Session,
    app: AppFiles,
    settings: dict[str, bool],
    held: tuple[str, ...],
    seen: set[str],
) -> None:
    org.change_settings(**settings)
    reader = hire(org, org_http, *held)

    (record,) = read(reader, GLOBAL, f"{app.name}_global")
    _, files = retrieve(reader, **{GLOBAL: [f"{app.name}_global"]})
    file = files[f"unpackaged/extlClntAppGlobalOauthSets/{app.name}_global.ecaGlblOauth"]

    assert {"consumerKey", "consumerSecret"} & set(record) == seen
    assert {name for name in ("consumerKey", "consumerSecret") if f"<{name}>".encode() in file} == seen
    assert record["externalClientApplication"] == app.name


def test_the_orgs_switches_are_there_before_anybody_has_deployed_them(administrator: Administrator) -> None:
    administrator.control.empty_setup()

    (switches,) = read(administrator, "ExternalClientAppSettings", "ExternalClientApp")
    _, files = retrieve(administrator, Settings=["ExternalClientApp"])
    (listed,) = results(administrator, "<listMetadata><queries><type>Settings</type></queries></listMetadata>")

    assert switches["enableClientSecretInRestApiAccess"] == "false"
    assert b"<enableClientSecretInRestApiAccess>false<" in files["unpackaged/settings/ExternalClientApp.settings"]
    assert text(listed, "fullName") == "ExternalClientApp"


def test_a_component_that_is_not_there_is_read_as_nothing(administrator: Administrator, app: AppFiles) -> None:
    there, missing = read(administrator, "ExternalClientApplication", app.name, "nobody")

    assert (there["fullName"], missing) == (app.name, {})


def test_repeated_elements_are_written_as_often_as_they_are(administrator: Administrator) -> None:
    elements: dict[str, str | tuple[str, ...]] = {
        "label": "a & b",
        "userPermissions.enabled": ("true", "false"),
        "userPermissions.name": ("ApiEnabled", "ViewSetup"),
    }
    administrator.control.put_component(Component(type="PermissionSet", full_name="Several", elements=elements))

    (result,) = results(
        administrator, "<readMetadata><type>PermissionSet</type><fullNames>Several</fullNames></readMetadata>"
    )

    (record,) = result
    groups = [child for child in record if bare(child) == "userPermissions"]
    assert [(text(group, "name"), text(group, "enabled")) for group in groups] == [
        ("ApiEnabled", "true"),
        ("ViewSetup", "false"),
    ]
    assert text(record, "label") == "a & b"


def test_components_are_listed_by_type(administrator: Administrator, app: AppFiles) -> None:
    queries = "".join(f"<queries><type>{kind}</type></queries>" for kind in ("ExternalClientApplication", GLOBAL))

    listed = results(administrator, f"<listMetadata>{queries}<asOfVersion>67.0</asOfVersion></listMetadata>")

    names = {text(entry, "fullName"): text(entry, "fileName") for entry in listed}
    assert names[app.name] == f"externalClientApps/{app.name}.eca"
    assert names[f"{app.name}_global"].startswith("extlClntAppGlobalOauthSets/")


@pytest.mark.parametrize(("held", "sees"), [(APP_READER, 8), ((rights.MODIFY_METADATA,), 3)])
def test_types_are_described_to_those_who_see_them(
    org: OrgControl, org_http: requests.Session, held: tuple[str, ...], sees: int
) -> None:
    (result,) = results(
        hire(org, org_http, *held), "<describeMetadata><asOfVersion>67.0</asOfVersion></describeMetadata>"
    )

    assert len([child for child in result if bare(child) == "metadataObjects"]) == sees
    assert len(TYPES) == 8


def test_a_retrieved_zip_begins_with_unpackaged_and_cannot_be_sent_back(deployer: Deployer, app: AppFiles) -> None:
    status, files = retrieve(deployer, ExternalClientApplication=["*"], PermissionSet=[f"{app.name}_access", "nobody"])

    assert {name.split("/")[0] for name in files} == {"unpackaged"}
    assert f"unpackaged/externalClientApps/{app.name}.eca" in files
    assert b"<members>nobody</members>" not in files["unpackaged/package.xml"]
    assert "named 'nobody' cannot be found" in "".join(status.itertext())
    assert deployer.deploy_files(dict(files))["status"] == "Failed"


def test_a_retrieval_takes_its_time(org: OrgControl, administrator: Administrator) -> None:
    org.change_settings(retrieve_s=60)
    (begun,) = results(administrator, "<retrieve><retrieveRequest><unpackaged/></retrieveRequest></retrieve>")
    asked = f"<checkRetrieveStatus><asyncProcessId>{text(begun, 'id')}</asyncProcessId></checkRetrieveStatus>"

    (before,) = results(administrator, asked)
    org.change_settings(clock_offset_s=61)
    (after,) = results(administrator, asked)

    assert (text(before, "done"), text(before, "status"), text(before, "zipFile")) == ("false", "InProgress", "")
    assert (text(after, "done"), text(after, "status")) == ("true", "Succeeded")


@pytest.mark.parametrize(
    ("body", "options", "code", "said"),
    [
        ("<readMetadata/>", {"session": "00Dnobody!x"}, "sf:INVALID_SESSION_ID", "Invalid Session ID found"),
        ("<readMetadata/>", {"session": " "}, "sf:INVALID_SESSION_ID", "Invalid Session ID found"),
        ("<readMetadata/>", {"version": "19.0"}, "sf:UNSUPPORTED_API_VERSION", "Invalid Api version"),
        ("<readMetadata/>", {"version": "99.0"}, "sf:UNSUPPORTED_API_VERSION", "Invalid Api version"),
        ("<readMetadata/>", {"version": "67"}, "sf:UNSUPPORTED_API_VERSION", "Invalid Api version"),
        ("<readMetadata><type>ApexClass</type></readMetadata>", {}, "sf:INVALID_TYPE", "ApexClass"),
        (
            f"<readMetadata><type>PermissionSet</type>{'<fullNames>a</fullNames>' * 11}</readMetadata>",
            {},
            "sf:LIMIT",
            "",
        ),
        (f"<listMetadata>{'<queries><type>PermissionSet</type></queries>' * 4}</listMetadata>", {}, "sf:LIMIT", ""),
        ("<checkRetrieveStatus><asyncProcessId>09S</asyncProcessId></checkRetrieveStatus>", {}, "sf:INVALID_CROSS", ""),
        (
            "<deleteMetadata/>",
            {},
            "sf:UNKNOWN_EXCEPTION",
            "The embedded org does not know the operation deleteMetadata",
        ),
        ("<readMetadata><type>", {}, "sf:UNKNOWN_EXCEPTION", "cannot be read"),
        ("", {}, "sf:UNKNOWN_EXCEPTION", "No SOAP envelope with a body"),
    ],
)
def test_a_wrong_call_is_refused_with_a_fault(
    administrator: Administrator, body: str, options: dict[str, str], code: str, said: str
) -> None:
    found = fault(administrator, body, **options)

    assert found[0].startswith(code)
    assert said in found[1]


def test_a_document_type_is_refused(administrator: Administrator) -> None:
    body = '<!DOCTYPE x [<!ENTITY e "e">]><x/>'
    answer = administrator.call("/services/Soap/m/67.0", "POST", data=body)

    assert answer.status_code == 500
    assert "cannot be read" in answer.text


def test_reading_metadata_needs_the_right_to_modify_it(org: OrgControl, org_http: requests.Session) -> None:
    somebody = hire(org, org_http, rights.APP_DEVELOPER)

    code, said = fault(somebody, "<readMetadata><type>PermissionSet</type></readMetadata>")

    assert code == "sf:INSUFFICIENT_ACCESS"
    assert "requires a user with the ModifyAllData or ModifyMetadata permissions" in said


def test_apps_are_no_type_without_a_right_on_them(org: OrgControl, org_http: requests.Session) -> None:
    somebody = hire(org, org_http, rights.MODIFY_METADATA)

    code, _ = fault(somebody, f"<readMetadata><type>{GLOBAL}</type><fullNames>x</fullNames></readMetadata>")

    assert code == "sf:INVALID_TYPE"


@pytest.mark.parametrize(("version", "is_taken"), [("67.0", False), ("68.0", True)])
def test_a_token_that_is_a_jwt_is_taken_from_version_68_on(
    org: OrgControl, org_http: requests.Session, version: str, *, is_taken: bool
) -> None:
    org.change_settings(newest_version=68)
    somebody = hire(org, org_http, jwt_based=True)
    body = "<listMetadata><queries><type>PermissionSet</type></queries></listMetadata>"

    if is_taken:
        assert isinstance(results(somebody, body, version=version), list)
    else:
        assert fault(somebody, body, version=version)[0] == "sf:INVALID_SESSION_ID"


def test_calls_by_soap_count_for_the_days_requests(org: OrgControl, administrator: Administrator) -> None:
    org.change_settings(api_limit=0)
    assert fault(administrator, "<describeMetadata/>")[0] == "sf:REQUEST_LIMIT_EXCEEDED"
