"""What a deployment is refused for: each rule, with inputs near to valid ones."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local.conftest import certificate_of
from local.deploying import NAMESPACE, AppFiles, Deployer, manifest, package, place, problems, xml
from local.org_administrator import hire
from sfmint_local.org.identifiers import ORG_ID
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.components import CONNECTED_APP, TYPES, Component

type Change = Callable[[AppFiles], Component]

PLUGIN = "Invalid plugin settings"
FOREIGN_KEY = "3MVG9.another.org"


def body_of(certificate: str) -> str:
    return "".join(certificate.splitlines()[1:-1])


def one_problem(deployer: Deployer, files: AppFiles, changed: Component, *, version: str = "67.0") -> str:
    """Deploy an app with one component changed, and return the problem, which is that component's alone."""
    parts = [
        changed if (part.type, part.full_name) == (changed.type, changed.full_name) else part for part in files.all()
    ]
    if changed not in parts:
        parts.append(changed)
    found = problems(deployer.deploy(*parts, version=version))
    assert changed.full_name in found, found
    return found[changed.full_name]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda f: f.eca(isNice="true"), f"Element {{{NAMESPACE}}}isNice invalid", id="unknown-element"),
        pytest.param(lambda f: f.eca(certificate="x"), "invalid at this location in type Ext", id="element-of-another"),
        pytest.param(lambda f: f.oauth(callbackUrl="x"), "invalid at this location", id="callback-in-oauth"),
        pytest.param(lambda f: f.eca(**{"label.inner": "x", "label": None}), "invalid at this", id="nested-in-text"),
        pytest.param(lambda f: f.eca(distributionState="local"), "the enum 'ExtlClntAppDistState'", id="enum-case"),
        pytest.param(
            lambda f: f.oauth_policies(permittedUsersPolicyType="AdminApproved"),
            "'AdminApproved' is not a valid value for the enum 'PermittedUsersPolicyType'",
            id="enum",
        ),
        pytest.param(lambda f: f.oauth_policies(ipRelaxationPolicyType="ENFORCE"), "not a valid value", id="of-a-ca"),
        pytest.param(lambda f: f.app_policies(startPage="Home"), "not a valid value for the enum", id="start-page"),
        pytest.param(lambda f: f.global_oauth(isPkceRequired="yes"), "for the type xsd:boolean", id="boolean"),
        pytest.param(lambda f: f.global_oauth(isPkceRequired="TRUE"), "for the type xsd:boolean", id="boolean-case"),
        pytest.param(lambda f: f.oauth_policies(sessionTimeoutInMinutes="15.0"), "xsd:int", id="int"),
        pytest.param(lambda f: f.oauth_policies(sessionTimeoutInMinutes=""), "xsd:int", id="empty-int"),
        pytest.param(lambda f: f.eca(contactEmail=None), "Required field is missing: contactEmail", id="required"),
        pytest.param(lambda f: f.eca(label=""), "Required field is missing: label", id="empty-is-missing"),
        pytest.param(lambda f: f.global_oauth(callbackUrl=None), "missing: callbackUrl", id="callback"),
        pytest.param(lambda f: f.oauth(externalClientApplication=None), "missing: externalClient", id="of-no-app"),
        pytest.param(lambda f: f.app_policies(isEnabled=None), "missing: isEnabled", id="enabled"),
        pytest.param(lambda f: f.oauth(commaSeparatedOauthScopes="api"), "problem with your scope(s): api", id="scope"),
        pytest.param(lambda f: f.oauth(commaSeparatedOauthScopes="Api RefreshToken"), "your scope(s)", id="no-comma"),
        pytest.param(lambda f: f.oauth(commaSeparatedOauthScopes="Api, refresh_token"), "s): refresh", id="one-scope"),
        pytest.param(lambda f: f.oauth(commaSeparatedOauthScopes="RefreshToken"), "your scope(s)", id="no-other-scope"),
        pytest.param(lambda f: f.oauth(commaSeparatedOauthScopes=None), "your scope(s)", id="no-scope"),
        pytest.param(
            lambda f: f.oauth(externalClientApplication=f.name.upper()),
            "no ExternalClientApplication named APP_",
            id="exactly-spelt",
        ),
        pytest.param(lambda f: f.app_policies(externalClientApplication="other"), "named other found", id="other-app"),
        pytest.param(
            lambda f: f.oauth_policies(commaSeparatedPermissionSet="nobody"), "no PermissionSet named nobody", id="set"
        ),
        pytest.param(lambda f: f.oauth_policies(sessionTimeoutInMinutes="14"), PLUGIN, id="short-session"),
        pytest.param(lambda f: f.oauth_policies(sessionTimeoutInMinutes="1441"), PLUGIN, id="long-session"),
        pytest.param(lambda f: f.oauth_policies(namedUserJwtTimeout="5"), PLUGIN, id="jwt-time-without-jwt"),
        pytest.param(
            lambda f: f.oauth_policies(namedUserJwtSessionTimeoutType="UserSession"), PLUGIN, id="jwt-type-without-jwt"
        ),
        pytest.param(lambda f: f.oauth_policies(isNamedUserJwtEnabled="true"), PLUGIN, id="jwt-policy-without-jwt"),
        pytest.param(lambda f: f.eca(orgScopedExternalApp=f"{ORG_ID}:{f.name}"), "a new external", id="scope-of-org"),
        pytest.param(lambda f: f.oauth(oauthLink=f"{ORG_ID}:888"), "another org", id="link-of-another"),
        pytest.param(lambda f: f.global_oauth(consumerKey="short"), "8 to 256", id="odd-consumer-key"),
    ],
)
def test_a_component_is_refused_by_its_own_rule(
    deployer: Deployer, files: AppFiles, change: Change, words: str
) -> None:
    assert words in one_problem(deployer, files, change(files))


def private_key(_: str) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        pytest.param(lambda pem: pem + pem, "exactly one", id="two"),
        pytest.param(lambda pem: "Bag Attributes\n" + pem, "exactly one", id="text-before"),
        pytest.param(body_of, "exactly one", id="without-header"),
        pytest.param(lambda pem: pem.replace("END CERTIFICATE", "END CERT"), "exactly one", id="other-footer"),
        pytest.param(private_key, "exactly one", id="private-key"),
        pytest.param(lambda pem: pem[:200] + pem[300:], "no X.509 certificate", id="cut"),
        pytest.param(lambda pem: pem.replace("-----END", "\n" * 4096 + "-----END"), "4 KB", id="large"),
        pytest.param(
            lambda _: certificate_of(rsa.generate_private_key(public_exponent=65537, key_size=1024)),  # noqa: S505
            "1024 bits",
            id="small",
        ),
        pytest.param(lambda _: certificate_of(ec.generate_private_key(ec.SECP256R1())), "not RSA", id="elliptic-curve"),
    ],
)
def test_the_certificate_is_exactly_one_of_rsa_2048_or_more_below_4_kb(
    deployer: Deployer, files: AppFiles, certificate: Callable[[str], str], words: str
) -> None:
    assert words in one_problem(deployer, files, files.global_oauth(certificate=certificate(files.certificate)))


@pytest.mark.parametrize(
    ("change", "before", "since"),
    [
        (lambda f: f.oauth_policies(), "58.0", "59.0"),
        (lambda f: f.app_policies(), "59.0", "60.0"),
        (lambda f: f.global_oauth(), "59.0", "60.0"),
        (lambda f: f.global_oauth(isNamedUserJwtEnabled="true"), "60.0", "61.0"),
        (lambda f: f.oauth_policies(apexHandler="Handler"), "60.0", "61.0"),
        (lambda f: f.app_policies(isCanvasPluginEnabled="true"), "65.0", "66.0"),
    ],
)
def test_a_type_and_an_element_are_unknown_before_the_version_that_brought_them(
    deployer: Deployer, files: AppFiles, change: Change, before: str, since: str
) -> None:
    part = change(files)
    others = [other for other in files.all() if other.type in {"PermissionSet", "ExternalClientApplication"}]
    problem = problems(deployer.deploy(part, version=before))[part.full_name]

    assert "invalid at this location" in problem or "is unknown" in problem
    needed = [files.oauth()] if part.type != files.app_policies().type else []
    assert problems(deployer.deploy(*others, *needed, part, version=since)) == {}


def test_jwt_settings_are_taken_where_the_app_issues_jwts(deployer: Deployer, files: AppFiles) -> None:
    parts = {part.type: part for part in files.all()}
    custom = {"namedUserJwtTimeout": "5", "namedUserJwtSessionTimeoutType": "Custom"}
    for changed in (files.global_oauth(isNamedUserJwtEnabled="true"), files.oauth_policies(**custom)):
        parts[changed.type] = changed

    assert problems(deployer.deploy(*parts.values())) == {}
    for odd in ({"namedUserJwtTimeout": "7"}, custom | {"namedUserJwtSessionTimeoutType": "UserSession"}):
        assert problems(deployer.deploy(files.oauth_policies(**odd))) == {f"{files.name}_oauthPlcy": PLUGIN}


def test_an_element_stands_once(deployer: Deployer, files: AppFiles) -> None:
    told = package(files.eca())
    told[place(files.eca())] = xml(files.eca()).replace("<label>", "<label>a</label><label>")

    assert problems(deployer.deploy_files(told)) == {
        files.name: "Error parsing file: Element label is duplicated at this location in type ExternalClientApplication"
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("</ExternalClientApplication>", ""), "no element found"),
        (lambda text: text.replace("<label>", "<label>&"), "not well-formed"),
        (lambda text: text.replace('encoding="UTF-8"', 'encoding="no-such"'), "encoding"),
        (lambda text: text.replace(NAMESPACE, "urn:other"), "Element {urn:other}ExternalClientApplication invalid"),
        (lambda text: text.replace("<label>", '<label xmlns="urn:other">'), "Element {urn:other}label invalid"),
        (lambda text: text.replace("ExternalClientApplication", "ConnectedApp"), "ConnectedApp invalid"),
        (lambda text: text.replace("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>', 1), "document type"),
        (lambda text: text.replace("?>", '?><!DOCTYPE x SYSTEM "file:///etc/hostname">', 1), "document type"),
        (lambda _: "", "no element found"),
        (lambda _: "<a>" * 5000, "too deeply"),
    ],
)
def test_xml_is_read_without_document_types_and_in_salesforces_namespace(
    deployer: Deployer, files: AppFiles, change: Callable[[str], str], words: str
) -> None:
    told = package(files.eca()) | {place(files.eca()): change(xml(files.eca()))}

    assert words in problems(deployer.deploy_files(told))[files.name]


@pytest.mark.parametrize("name", ["1app", "my app", "app-1", "a__b", "app_", "ä", "a" * 81])
def test_a_name_has_letters_digits_and_single_underscores(deployer: Deployer, files: AppFiles, name: str) -> None:
    part = AppFiles(name=name, certificate=files.certificate).eca(label="x")

    assert "can only contain underscores" in problems(deployer.deploy(part))[name]


def test_files_and_package_xml_say_the_same(deployer: Deployer, files: AppFiles) -> None:
    eca, oauth = files.eca(), files.oauth()
    told = {"package.xml": manifest(eca, oauth), place(eca): xml(eca), place(files.permission_set()): "x", "notes": "x"}

    assert problems(deployer.deploy_files(told)) == {
        oauth.full_name: f"An object '{oauth.full_name}' of type {oauth.type} was named in package.xml, "
        "but was not found in zipped directory",
        files.permission_set().full_name: "Not in package.xml",
        "notes": "Not in package.xml",
    }


def test_missing_files_can_be_allowed(deployer: Deployer, files: AppFiles) -> None:
    told = {"package.xml": manifest(files.eca(), files.oauth()), place(files.eca()): xml(files.eca())}

    assert deployer.deploy_files(told, allowMissingFiles=True)["status"] == "Succeeded"


def test_a_star_lists_every_file_of_a_type(deployer: Deployer, files: AppFiles) -> None:
    told = package(files.eca())
    told["package.xml"] = told["package.xml"].replace(f"<members>{files.name}</members>", "<members>*</members>")

    assert problems(deployer.deploy_files(told)) == {}


def test_files_named_as_in_a_project_are_taken_too(deployer: Deployer, files: AppFiles) -> None:
    told = {"package.xml": manifest(files.eca()), f"{place(files.eca())}-meta.xml": xml(files.eca())}

    assert deployer.deploy_files(told)["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Error parsing file"),
        ("<Package>", "Error parsing file"),
        (f'<Pack xmlns="{NAMESPACE}"/>', "Pack invalid"),
        ("<Package><version>67.0</version></Package>", "Package invalid"),
        (f'<Package xmlns="{NAMESPACE}"><type/></Package>', "type invalid at this location in type Package"),
        (f'<Package xmlns="{NAMESPACE}"><types><members>a</members></types></Package>', "one name"),
        (f'<Package xmlns="{NAMESPACE}"><types><name>NoSuchType</name></types></Package>', "type name 'NoSuchType'"),
        (f'<Package xmlns="{NAMESPACE}"><version>99.0</version></Package>', "Invalid version specified:99.0"),
        (f'<Package xmlns="{NAMESPACE}"><version>67</version></Package>', "Invalid version specified:67"),
        (f'<Package xmlns="{NAMESPACE}"><version>20.0</version></Package>', "Invalid version specified:20.0"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
    ],
)
def test_package_xml_has_rules_of_its_own(deployer: Deployer, text: str, words: str) -> None:
    result = deployer.deploy_files({"package.xml": text})

    assert result["status"] == "Failed"
    assert words in problems(result)["package.xml"]


def test_the_package_begins_where_the_option_says(deployer: Deployer, files: AppFiles) -> None:
    flat = package(files.eca())
    retrieved = {f"unpackaged/{name}": text for name, text in flat.items()}

    assert problems(deployer.deploy_files(retrieved)) == {"package.xml": "No package.xml found"}
    assert deployer.deploy_files(retrieved, singlePackage=False)["status"] == "Succeeded"
    assert problems(deployer.deploy_files(flat, singlePackage=False)) == {"package.xml": "No package.xml found"}
    several = retrieved | {f"more/{name}": text for name, text in flat.items()}
    assert "one package" in deployer.deploy_files(several, singlePackage=False)["errorMessage"]


def test_a_component_has_one_file(deployer: Deployer, files: AppFiles) -> None:
    told = package(files.eca()) | {f"{place(files.eca())}-meta.xml": xml(files.eca())}

    assert problems(deployer.deploy_files(told)) == {files.name: "Duplicate file of a component"}


def test_a_file_may_name_its_component_as_a_read_does(deployer: Deployer, files: AppFiles) -> None:
    assert deployer.deploy(files.eca(fullName=files.name))["status"] == "Succeeded"
    assert "fullName" not in deployer.component(files.eca().type, files.name).elements


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "a/./x", "a//x", "C:\\x", "C:/x", "a\\..\\x", "..\\x"])
def test_a_zip_with_a_name_that_leads_elsewhere_fails_as_a_whole(
    deployer: Deployer, files: AppFiles, name: str
) -> None:
    result = deployer.deploy_files(package(files.eca()) | {name: "x"})

    assert (result["status"], result["errorStatusCode"]) == ("Failed", "UNKNOWN_EXCEPTION")
    assert "absolute" in result["errorMessage"]
    assert result["details"]["componentFailures"] == []


@pytest.mark.parametrize("archive", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + b"\0" * 10])
def test_what_is_no_zip_fails_as_a_whole(deployer: Deployer, archive: bytes) -> None:
    result = deployer.deploy_files(archive)

    assert (result["status"], result["errorMessage"]) == ("Failed", "The file is not a zip that can be read.")


def test_ten_thousand_files_are_too_many(deployer: Deployer) -> None:
    result = deployer.deploy_files({"package.xml": manifest()} | {f"f{number}": "" for number in range(10_000)})

    assert "10,000 files" in result["errorMessage"]


def test_destructive_changes_are_not_embedded_and_delete_nothing(deployer: Deployer, files: AppFiles) -> None:
    deployer.deploy(files.eca())
    told = {"package.xml": manifest(), "destructiveChanges.xml": manifest(files.eca())}

    assert "The embedded org does not know" in problems(deployer.deploy_files(told))["destructiveChanges.xml"]
    assert deployer.control.components(files.name)


@pytest.mark.parametrize("part", ["oauth", "global_oauth", "oauth_policies", "app_policies"])
def test_an_app_has_one_component_of_each_kind(deployer: Deployer, files: AppFiles, part: str) -> None:
    assert deployer.deploy(*files.all())["status"] == "Succeeded"
    there: Component = getattr(files, part)()
    other = Component(type=there.type, full_name=f"{files.name}_again", elements=there.elements)

    assert problems(deployer.deploy(other)) == {
        other.full_name: f"duplicate value found: ExternalClientApplicationId duplicates value on {there.full_name}"
    }
    assert deployer.deploy(there)["status"] == "Succeeded"


@pytest.mark.parametrize("part", ["global_oauth", "oauth_policies"])
def test_settings_and_policies_need_oauth_settings_in_the_org_or_in_the_same_zip(
    deployer: Deployer, files: AppFiles, part: str
) -> None:
    deployer.control.change_settings(makes_default_policies=False)
    deployer.deploy(files.eca(), files.permission_set())
    changed: Component = getattr(files, part)()

    assert "doesn't have a valid OAuth settings configuration." in problems(deployer.deploy(changed))[changed.full_name]
    assert problems(deployer.deploy(changed, files.oauth())) == {}


def test_a_component_stays_with_its_app(deployer: Deployer, files: AppFiles) -> None:
    deployer.deploy(files.eca(), files.oauth())
    other = AppFiles.drawn(files.certificate)
    deployer.deploy(other.eca())

    assert "can't be changed" in one_problem(deployer, other, files.oauth(externalClientApplication=other.name))


def connected(files: AppFiles, **elements: Any) -> Component:
    given: dict[str, str | tuple[str, ...]] = {
        "contactEmail": "ops@example.com",
        "label": files.name,
        "oauthConfig.callbackUrl": "https://localhost/unused",
        "oauthConfig.certificate": body_of(files.certificate),
        "oauthConfig.isAdminApproved": "true",
        "oauthConfig.scopes": ("Api", "RefreshToken"),
    }
    return Component(type=CONNECTED_APP.name, full_name=files.name, elements=given | elements)


def test_a_connected_app_of_the_name_blocks_a_new_app(deployer: Deployer, files: AppFiles) -> None:
    deployer.control.put_component(connected(files))

    assert "duplicate value found" in one_problem(deployer, files, files.eca())


@pytest.mark.parametrize("allowed", [False, True])
def test_connected_apps_are_edited_and_made_only_where_support_allows_it(
    deployer: Deployer, files: AppFiles, *, allowed: bool
) -> None:
    deployer.control.change_settings(creates_connected_apps=allowed)
    found = problems(deployer.deploy(connected(files)))

    assert found == {} if allowed else "can't create a connected app" in found[files.name]
    deployer.control.put_component(connected(files))
    assert problems(deployer.deploy(connected(files, description="edited"))) == {}


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        (lambda f: {"oauthConfig.certificate": f.certificate}, "without header"),
        (lambda f: {"oauthConfig.certificate": "AAAA"}, "no X.509 certificate"),
        (lambda f: {"oauthConfig.scopes": ("api",)}, "your scope(s): api"),
        (lambda f: {"oauthConfig.nothing": "x"}, "invalid at this location"),
        (lambda f: {"oauthConfig.consumerKey": FOREIGN_KEY}, "can't be specified"),
    ],
)
def test_a_connected_app_has_rules_too(deployer: Deployer, files: AppFiles, elements: Any, words: str) -> None:
    deployer.control.put_component(connected(files, **{"oauthConfig.consumerKey": f"3MVG9.{files.name}"}))

    assert words in problems(deployer.deploy(connected(files, **elements(files))))[files.name]


@pytest.mark.parametrize(
    ("held", "refused"),
    [
        ((rights.MODIFY_METADATA,), {"", "_global", "_oauth", "_oauthPlcy", "_plcy"}),
        ((rights.MODIFY_METADATA, rights.APP_ADMIN), {"", "_global", "_oauth"}),
        ((rights.MODIFY_METADATA, rights.APP_DEVELOPER), {"_global", "_oauth"}),
        ((rights.MODIFY_METADATA, rights.APP_DEVELOPER, rights.VIEW_CLIENT_SECRET), set()),
    ],
)
def test_apps_settings_and_policies_need_rights_of_their_own(
    deployer: Deployer, files: AppFiles, held: tuple[str, ...], refused: set[str]
) -> None:
    deployer.deploy(*files.all())
    other = Deployer.like(hire(deployer.control, deployer.http, *held))

    assert problems(other.deploy(*files.all())) == dict.fromkeys(
        {files.name + end for end in refused}, "Not available for deploy for this organization"
    )


def test_a_permission_set_of_the_integration_licence_cannot_carry_an_app(deployer: Deployer, files: AppFiles) -> None:
    bound = files.permission_set(license="Salesforce API Integration")
    deployer.deploy(bound)
    parts = files.eca(), files.oauth(), files.oauth_policies()

    assert "license" in problems(deployer.deploy(*parts))[f"{files.name}_oauthPlcy"]


@pytest.mark.parametrize("takes", [True, False])
def test_a_consumer_key_of_a_new_app_is_taken_or_refused(deployer: Deployer, files: AppFiles, *, takes: bool) -> None:
    deployer.control.change_settings(takes_consumer_key=takes)
    supplied = files.global_oauth(consumerKey=f"3MVG9.{files.name}")
    found = problems(deployer.deploy(files.eca(), files.oauth(), supplied))

    assert found == {} if takes else "can't be specified" in found[supplied.full_name]
    another = AppFiles.drawn(files.certificate)
    same = another.global_oauth(consumerKey=f"3MVG9.{files.name}")
    assert problems(deployer.deploy(another.eca(), another.oauth(), same))


@pytest.mark.parametrize("takes", [True, False])
def test_what_was_read_back_can_be_deployed_again_and_another_apps_cannot(
    deployer: Deployer, files: AppFiles, *, takes: bool
) -> None:
    deployer.deploy(*files.all())
    deployer.control.change_settings(takes_consumer_key=takes)
    read = [part for part in deployer.control.components(files.name) if part.type in TYPES]

    assert problems(deployer.deploy(*read)) == {}
    moved = files.global_oauth(consumerKey=FOREIGN_KEY)
    assert "can't be specified" in problems(deployer.deploy(moved))[moved.full_name]


@pytest.mark.parametrize("wants", [True, False])
def test_an_app_that_is_there_says_which_org_it_belongs_to(deployer: Deployer, files: AppFiles, *, wants: bool) -> None:
    deployer.control.change_settings(wants_org_scope=wants)
    deployer.deploy(files.eca())

    assert problems(deployer.deploy(files.eca(orgScopedExternalApp=f"{ORG_ID}:{files.name}"))) == {}
    assert bool(problems(deployer.deploy(files.eca()))) == wants
    for foreign in (f"00D000000000001AAA:{files.name}", f"{ORG_ID}:other", files.name):
        assert problems(deployer.deploy(files.eca(orgScopedExternalApp=foreign)))


@pytest.mark.parametrize("takes", [True, False])
def test_a_session_timeout_is_taken_or_refused(deployer: Deployer, files: AppFiles, *, takes: bool) -> None:
    deployer.control.change_settings(takes_session_timeout=takes)
    found = problems(deployer.deploy(*files.all()))

    assert found == ({} if takes else {f"{files.name}_oauthPlcy": PLUGIN})
    parts = [part for part in files.all() if part.type != files.oauth_policies().type]
    assert problems(deployer.deploy(*parts, files.oauth_policies(sessionTimeoutInMinutes=None))) == {}


def test_a_certificate_in_one_line_is_for_connected_apps_only(deployer: Deployer, files: AppFiles) -> None:
    assert base64.b64decode(body_of(files.certificate))
    assert "exactly one" in one_problem(deployer, files, files.global_oauth(certificate=body_of(files.certificate)))
