"""The files of an app, the zip, and the message that carries it."""

import ast
import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint_local import places
from sfmint_local.org.setup.multipart import read_message
from sfmint_setup import connected_app
from sfmint_setup.app_files import (
    TIMEOUT,
    AppPlan,
    app_name,
    components_of,
    with_certificate,
    without_timeout,
)
from sfmint_setup.component import (
    APP,
    CONNECTED_APP,
    GLOBAL_OAUTH,
    OAUTH,
    OAUTH_POLICIES,
    OF_AN_APP,
    PERMISSION_SET,
    SETTINGS,
    Component,
)
from sfmint_setup.multipart import body_of
from sfmint_setup.package import MANIFEST, files_of, zipped
from sfmint_setup.project import project_of
from sfmint_setup.records import App
from sfmint_setup.xml_text import elements_of
from sfmint_values.connection_name import is_connection_name

if TYPE_CHECKING:
    from conftest import KeyPair

SETUP = places.ROOT / "layers/setup/sfmint_setup"
NAMES = st.from_regex(r"[a-z][a-zA-Z]{0,12}", fullmatch=True)


def app_of(plan: AppPlan, **elements: Any) -> App:
    """Return the app as an org has it that was asked for the plan, with some elements changed or added."""
    parts = {
        part.type: replace(part, full_name=f"{part.full_name}_of_the_org", elements={**part.elements, **elements})
        for part in components_of(plan)
        if part.type in OF_AN_APP
    }
    return App(id="0xI", name=plan.name, kind="external", components=parts, consumer_key="k", certificate=None)


def test_the_six_files_say_what_a_login_needs(plan: AppPlan) -> None:
    files = files_of(components_of(plan))
    name = plan.name
    assert set(files) == {
        "package.xml",
        f"externalClientApps/{name}.eca",
        f"extlClntAppGlobalOauthSets/{name}_global.ecaGlblOauth",
        f"extlClntAppOauthSettings/{name}_oauth.ecaOauth",
        f"extlClntAppOauthPolicies/{name}_oauthPlcy.ecaOauthPlcy",
        f"extlClntAppPolicies/{name}_plcy.ecaPlcy",
        f"permissionsets/{name}_access.permissionset",
    }
    parts = {part.type: part for part in components_of(plan)}
    assert parts[GLOBAL_OAUTH].text("certificate") == plan.certificate
    assert parts[OAUTH].text("commaSeparatedOauthScopes") == "Api, RefreshToken"
    assert parts[OAUTH_POLICIES].text(TIMEOUT) == "15"
    assert parts[OAUTH_POLICIES].text("permittedUsersPolicyType") == "AdminApprovedPreAuthorized"
    assert parts[OAUTH_POLICIES].text("commaSeparatedPermissionSet") == parts[PERMISSION_SET].full_name
    assert "consumerKey" not in parts[GLOBAL_OAUTH].elements
    booleans = [text for part in parts.values() for text in part.elements.values() if text in {"true", "false"}]
    assert len(booleans) == 10


@pytest.mark.parametrize(
    ("lifetime_s", "minutes"), [(60, "15"), (900, "15"), (901, "16"), (960, "16"), (86400, "1440"), (86401, "1440")]
)
def test_a_session_never_ends_before_its_token_is_taken_to(plan: AppPlan, lifetime_s: int, minutes: str) -> None:
    parts = components_of(replace(plan, token_lifetime_s=lifetime_s))
    assert [part.text(TIMEOUT) for part in parts if part.type == OAUTH_POLICIES] == [minutes]


@given(kept=st.dictionaries(NAMES, st.text("ab&<", max_size=5), max_size=5), certificate=st.text("abc\n", min_size=1))
def test_with_another_certificate_all_else_is_stated_as_it_is(kept: dict[str, str], certificate: str) -> None:
    org_made = {"consumerKey": "3MVG9", "consumerSecret": "never", "certificate": "old"}
    part = Component(type=GLOBAL_OAUTH, full_name="x", elements={**kept, **org_made})
    changed = with_certificate(part, certificate)
    assert changed.elements == {**{n: v for n, v in kept.items() if n not in org_made}, "certificate": certificate}
    assert changed.full_name == "x"


def test_an_app_that_is_there_keeps_its_names_and_whatever_the_plan_does_not_say(plan: AppPlan) -> None:
    there = app_of(
        plan,
        label="Their own label",
        isPkceRequired="false",
        commaSeparatedOauthScopes="Web, Api",
        commaSeparatedPermissionSet="Theirs",
        permittedUsersPolicyType="AllSelfAuthorized",
        ipRelaxationPolicyType="Bypass",
        sessionTimeoutInMinutes="480",
        consumerKey="3MVG9",
    )
    parts = {part.type: part for part in components_of(plan, there)}
    assert all(part.full_name.endswith("_of_the_org") for part in parts.values() if part.type in OF_AN_APP)
    assert {parts[kind].text("label") for kind in OF_AN_APP} == {"Their own label"}
    assert parts[GLOBAL_OAUTH].text("isPkceRequired") == "false"
    assert parts[OAUTH].text("commaSeparatedOauthScopes") == "Web, Api, RefreshToken"
    assert parts[OAUTH_POLICIES].text("commaSeparatedPermissionSet") == f"Theirs, {plan.permission_set}"
    assert parts[OAUTH_POLICIES].text("permittedUsersPolicyType") == "AdminApprovedPreAuthorized"
    assert parts[OAUTH_POLICIES].text("ipRelaxationPolicyType") == "Bypass"
    assert parts[OAUTH_POLICIES].text(TIMEOUT) == "15"
    assert all("consumerKey" not in part.elements for part in parts.values())


def test_what_was_deployed_is_asked_for_again_without_a_change(plan: AppPlan) -> None:
    once = components_of(plan)
    there = App(
        id="0xI",
        name=plan.name,
        kind="external",
        components={part.type: part for part in once if part.type in OF_AN_APP},
        consumer_key=None,
        certificate=None,
    )
    assert components_of(plan, there) == once


def test_an_app_that_is_there_is_told_whose_it_is_and_a_new_one_is_not(plan: AppPlan) -> None:
    there = replace(app_of(plan), org_id="00D000000000001EAA")
    new, again = ({part.type: part for part in components_of(plan, app)}[APP] for app in (None, there))
    assert "orgScopedExternalApp" not in new.elements
    assert again.text("orgScopedExternalApp") == f"00D000000000001EAA:{plan.name}"


def test_without_a_time_out_nothing_else_is_left_out(plan: AppPlan) -> None:
    for with_it, without in zip(components_of(plan), without_timeout(components_of(plan)), strict=True):
        assert with_it.elements.keys() - without.elements.keys() <= {TIMEOUT}
        assert TIMEOUT not in without.elements


@given(name=st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True).filter(is_connection_name))
def test_every_connection_has_an_api_name(name: str) -> None:
    made = app_name(name)
    assert made[0].isalpha()
    assert made.isascii()
    assert made.replace("_", "").isalnum()
    assert "__" not in made
    assert not made.endswith("_")


@pytest.mark.parametrize("length", [1, 70, 71, 72, 79, 80])
def test_a_label_that_setup_takes_makes_labels_that_setup_takes(plan: AppPlan, length: int) -> None:
    labels = [each.text("label") for each in components_of(replace(plan, label="x" * length))]
    assert max(map(len, labels)) <= 80
    assert len(set(labels)) == len(labels)


def test_package_xml_names_every_file_and_nothing_else(plan: AppPlan) -> None:
    settings = Component(type=SETTINGS, full_name="ExternalClientApp", elements={"enable": "true"})
    files = files_of([*components_of(plan), settings])
    package: Any = elements_of(files[MANIFEST])["Package"]
    members = {each["name"]: each["members"] for each in package["types"]}
    assert members["Settings"] == "ExternalClientApp"
    assert "settings/ExternalClientApp.settings" in files
    assert len(members) == len(files) - 1
    assert package["version"] == "67.0"


def test_the_same_files_make_the_same_zip(plan: AppPlan) -> None:
    files = files_of(components_of(plan))
    packed = zipped(files)
    assert packed == zipped(dict(reversed([*files.items()])))
    read = ZipFile(BytesIO(packed))
    assert {name: read.read(name) for name in read.namelist()} == files


@given(archive=st.binary(max_size=400), check_only=st.booleans())
def test_the_message_carries_options_without_a_filename_and_the_zip_as_it_is(
    archive: bytes, *, check_only: bool
) -> None:
    kind, body = body_of({"checkOnly": check_only}, archive)
    head = body.partition(b"\r\n\r\n")[0]
    assert b"filename" not in head
    boundary = kind.partition("boundary=")[2].encode()
    assert body.count(boundary) == 3
    message = read_message(kind, body)
    assert message.archive == archive
    assert message.body == {"deployOptions": {"checkOnly": check_only}}


def test_a_project_has_the_same_files_for_the_sf_cli(plan: AppPlan) -> None:
    parts = components_of(plan)
    project = dict(project_of(parts))
    described = json.loads(project.pop("sfdx-project.json"))
    assert described["packageDirectories"] == [{"path": "force-app", "default": True}]
    assert {
        path.removeprefix("force-app/main/default/").removesuffix("-meta.xml"): text for path, text in project.items()
    } == {path: text for path, text in files_of(parts).items() if path != MANIFEST}


def test_a_connected_app_is_changed_and_all_else_stated_again(plan: AppPlan, key_pair: "KeyPair") -> None:
    there = Component(
        type=CONNECTED_APP,
        full_name="old",
        elements={
            "label": "Old",
            "startUrl": "https://x",
            "permissionSetName": "Theirs",
            "oauthConfig": {
                "callbackUrl": "https://c",
                "certificate": "b2xk",
                "consumerKey": "3MVG9",
                "scopes": ("Web", "Api"),
                "isAdminApproved": "false",
            },
        },
    )
    app, permission_set = connected_app.changed(there, plan)
    oauth: Any = app.elements["oauthConfig"]
    assert app.text("startUrl") == "https://x"
    assert app.elements["permissionSetName"] == ("Theirs", plan.permission_set)
    assert oauth["scopes"] == ("Web", "Api", "RefreshToken")
    assert oauth["callbackUrl"] == "https://c"
    assert oauth["isAdminApproved"] == "true"
    assert "consumerKey" not in oauth
    assert oauth["certificate"] == "".join(key_pair.certificate.splitlines()[1:-1])
    assert permission_set.text("label") == permission_set.full_name == plan.permission_set


def test_a_certificate_stands_in_no_repr(plan: AppPlan) -> None:
    assert "BEGIN" not in repr(plan)
    assert "BEGIN" not in repr(components_of(plan))


@pytest.mark.parametrize("path", sorted(SETUP.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_imports_the_client_and_shared_values_only(path: Path) -> None:
    tree = ast.parse(path.read_text())
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {name.partition(".")[0] for name in named if name.startswith("sfmint")}
    assert ours <= {"sfmint_setup", "sfmint_client", "sfmint_values"}
