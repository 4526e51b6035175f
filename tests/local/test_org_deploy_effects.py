"""What a deployment does to an app, to its logins, and to sessions; and when logins see it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local.conftest import certificate_of
from local.deploying import AppFiles, Deployer, package, problems, visitor_of
from local.org_administrator import Administrator, hire
from local.org_visitor import Visitor
from sfmint_local.org.control_client import OrgControl, OrgControlError
from sfmint_local.org.identifiers import ORG_ID
from sfmint_local.org.setup.components import (
    APP,
    APP_POLICIES,
    CONNECTED_APP,
    GLOBAL_OAUTH,
    OAUTH,
    OAUTH_POLICIES,
    Component,
)
from sfmint_local.org.values import App, User

NOT_APPROVED = "invalid_app_access"


def error(visitor: Visitor) -> str:
    return str(visitor.exchange().json().get("error", "granted"))


@pytest.fixture
def visitor(deployer: Deployer, files: AppFiles, org_key: rsa.RSAPrivateKey) -> Visitor:
    assert problems(deployer.deploy(*files.all())) == {}
    return visitor_of(deployer, files, org_key)


@pytest.fixture
def other_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_a_left_out_certificate_is_cleared(deployer: Deployer, files: AppFiles, visitor: Visitor) -> None:
    assert error(visitor) == "granted"
    deployer.deploy(files.global_oauth(certificate=None))

    assert deployer.component(GLOBAL_OAUTH.name, files.name).text("certificate") == ""
    assert visitor.exchange().json()["error_description"] == "invalid assertion"


def test_left_out_elements_fall_back_to_their_defaults(deployer: Deployer, files: AppFiles) -> None:
    flags = {"isConsumerSecretOptional": "true", "isIntrospectAllTokens": "true"}
    deployer.deploy(files.eca(description="x"), files.oauth(), files.global_oauth(**flags))
    assert deployer.component(GLOBAL_OAUTH.name, files.name).is_true("isIntrospectAllTokens")
    deployer.deploy(files.eca(), files.global_oauth())

    settings = deployer.component(GLOBAL_OAUTH.name, files.name)
    assert {settings.text(name) for name in flags} == {"false"}
    assert "description" not in deployer.component(APP.name, files.name).elements


def test_the_org_adds_what_a_file_does_not_have(deployer: Deployer, files: AppFiles) -> None:
    deployer.deploy(*files.all())
    settings = deployer.component(GLOBAL_OAUTH.name, files.name)

    assert settings.text("consumerKey").startswith("3MVG9")
    assert settings.text("consumerSecret")
    assert settings.text("isPkceRequired") == "true"
    assert deployer.component(APP.name, files.name).text("orgScopedExternalApp") == f"{ORG_ID}:{files.name}"
    assert deployer.component(OAUTH.name, files.name).text("oauthLink").startswith(f"{ORG_ID}:")


@pytest.mark.parametrize("name", ["consumerKey", "consumerSecret"])
def test_credentials_stay_until_they_are_rotated(
    deployer: Deployer, files: AppFiles, visitor: Visitor, name: str
) -> None:
    def credentials() -> Mapping[str, str]:
        settings = deployer.component(GLOBAL_OAUTH.name, files.name)
        return {element: settings.text(element) for element in ("consumerKey", "consumerSecret")}

    before = credentials()
    deployer.deploy(files.global_oauth())
    assert credentials() == before
    rotates = f"shouldRotate{name[0].upper()}{name[1:]}"
    deployer.deploy(files.global_oauth(**{rotates: "true"}))

    assert {element for element, text in credentials().items() if text != before[element]} == {name}
    assert deployer.component(GLOBAL_OAUTH.name, files.name).text(rotates) == "false"
    assert error(visitor) == ("invalid_client_id" if name == "consumerKey" else "granted")


@pytest.mark.parametrize("makes", [True, False])
def test_settings_without_policies_may_get_default_policies(
    deployer: Deployer, files: AppFiles, *, makes: bool
) -> None:
    deployer.control.change_settings(makes_default_policies=makes)
    deployer.deploy(files.eca(), files.permission_set(), files.oauth(), files.global_oauth())
    made = {part.full_name: part for part in deployer.control.components(files.name) if part.type in POLICIES}

    assert set(made) == ({f"{files.name}_oauth_defaultPolicy", f"{files.name}_defaultPolicy"} if makes else set())
    assert bool(problems(deployer.deploy(files.oauth_policies()))) == makes
    if makes:
        policies = made[f"{files.name}_oauth_defaultPolicy"]
        assert policies.text("permittedUsersPolicyType") == "AllSelfAuthorized"
        mine = replace(files.oauth_policies(), full_name=policies.full_name)
        assert deployer.deploy(mine)["status"] == "Succeeded"
    assert deployer.component(OAUTH_POLICIES.name, files.name).text("permittedUsersPolicyType").startswith("Admin")


POLICIES = {OAUTH_POLICIES.name, APP_POLICIES.name}


def test_policies_of_the_same_zip_are_not_doubled(deployer: Deployer, files: AppFiles) -> None:
    deployer.deploy(*files.all())

    names = {part.full_name for part in deployer.control.components(files.name) if part.type in POLICIES}
    assert names == {f"{files.name}_oauthPlcy", f"{files.name}_plcy"}


@pytest.mark.parametrize("by", ["name", "id", "short-id"])
def test_policies_tie_permission_sets_by_name_or_id_and_untie_what_they_leave_out(
    deployer: Deployer, files: AppFiles, visitor: Visitor, by: str
) -> None:
    query = "SELECT Id, ParentId FROM SetupEntityAccess WHERE SetupEntityType = 'ExternalClientApplication'"
    (held,) = deployer.rows(f"SELECT Id FROM PermissionSet WHERE Name = '{files.name}_access'")  # noqa: S608
    tied = f"{query} AND ParentId = '{held['Id']}'"
    said = {"name": f"{files.name}_access", "id": held["Id"], "short-id": held["Id"][:15]}[by]

    assert len(deployer.rows(tied)) == 1
    deployer.deploy(files.oauth_policies(commaSeparatedPermissionSet=None))
    assert (deployer.rows(tied), error(visitor)) == ([], NOT_APPROVED)
    deployer.deploy(files.oauth_policies(commaSeparatedPermissionSet=said))
    assert (len(deployer.rows(tied)), error(visitor)) == (1, "granted")


def test_a_permission_set_has_to_be_tied_and_assigned(
    deployer: Deployer, files: AppFiles, org_key: rsa.RSAPrivateKey
) -> None:
    deployer.deploy(*files.all())
    loose = AppFiles.drawn(files.certificate)
    deployer.deploy(loose.permission_set())
    visitor = visitor_of(deployer, files, org_key, assigned=False)

    deployer.assign(visitor.user.username, loose.permission_set().full_name)
    assert error(visitor) == NOT_APPROVED
    deployer.assign(visitor.user.username, files.permission_set().full_name)
    assert error(visitor) == "granted"


def test_a_profile_can_stand_in_for_a_permission_set(deployer: Deployer, files: AppFiles, visitor: Visitor) -> None:
    by_profile = {"commaSeparatedPermissionSet": None, "commaSeparatedProfile": "Standard User"}
    policies = files.oauth_policies(**by_profile)
    assert deployer.deploy(policies)["status"] == "Succeeded"
    other = deployer.control.put_user(User(username=f"{files.name}@example.com", profile="System Administrator"))

    assert error(visitor) == "granted"
    assert error(replace(visitor, user=other)) == NOT_APPROVED
    unknown = files.oauth_policies(commaSeparatedProfile="Nobody")
    assert problems(deployer.deploy(unknown)) == {policies.full_name: "no Profile named Nobody found"}


@pytest.mark.parametrize("change", [{"isEnabled": "false"}, {"isOauthPluginEnabled": "false"}])
def test_an_app_that_is_switched_off_lets_nobody_in(
    deployer: Deployer, files: AppFiles, visitor: Visitor, change: dict[str, str]
) -> None:
    deployer.deploy(files.app_policies(**change))

    assert error(visitor) == "OAUTH_APP_BLOCKED"


def test_scopes_without_a_refresh_token_are_refused_at_the_login(
    deployer: Deployer, files: AppFiles, visitor: Visitor
) -> None:
    deployer.deploy(files.oauth(commaSeparatedOauthScopes="Api"))
    answer = visitor.exchange().json()

    assert answer["error"] == "invalid_request"
    assert answer["error_description"].startswith("refresh_token scope is required and")


def test_a_login_has_the_scopes_and_the_session_of_the_files(
    deployer: Deployer, files: AppFiles, visitor: Visitor
) -> None:
    deployer.deploy(
        files.oauth(commaSeparatedOauthScopes="Api,RefreshToken, OpenID"),
        files.oauth_policies(sessionTimeoutInMinutes="20"),
    )
    answer = visitor.exchange().json()

    assert answer["scope"] == "api refresh_token openid"
    deployer.control.change_settings(clock_offset_s=19 * 60)
    assert visitor.probe(answer["access_token"]) == 200
    deployer.control.change_settings(clock_offset_s=40 * 60)
    assert visitor.probe(answer["access_token"]) == 401


def test_an_app_that_issues_jwts_says_how_long_they_live(deployer: Deployer, files: AppFiles, visitor: Visitor) -> None:
    custom = {"namedUserJwtTimeout": "5", "namedUserJwtSessionTimeoutType": "Custom"}
    deployer.deploy(files.global_oauth(isNamedUserJwtEnabled="true"), files.oauth_policies(**custom))
    answer = visitor.exchange().json()

    assert answer["token_format"] == "jwt"
    deployer.control.change_settings(clock_offset_s=301)
    assert visitor.probe(answer["access_token"]) == 401


@pytest.mark.parametrize(
    ("ending", "live"),
    [
        ("none", {"approved": 200, "other": 200, "deployer": 200}),
        ("unapproved", {"approved": 200, "other": 401, "deployer": 200}),
        ("deployer_too", {"approved": 200, "other": 401, "deployer": 401}),
    ],
)
def test_the_switch_to_approved_users_may_end_sessions(
    deployer: Deployer, files: AppFiles, org_key: rsa.RSAPrivateKey, ending: str, live: dict[str, int]
) -> None:
    self_authorised = files.oauth_policies(permittedUsersPolicyType="AllSelfAuthorized")
    parts = [part for part in files.all() if part.type != OAUTH_POLICIES.name]
    deployer.deploy(*parts, self_authorised)
    approved = visitor_of(deployer, files, org_key)
    other = visitor_of(deployer, files, org_key, assigned=False)
    for one in (approved, other):
        deployer.control.approve(one.app.consumer_key, one.user.username)
    tokens = {"approved": approved.log_in(), "other": other.log_in(), "deployer": deployer.token}
    deployer.control.unapprove(other.app.consumer_key, other.user.username)

    deployer.control.change_settings(ends_sessions=ending)
    deployer.send(package(files.oauth_policies()))
    assert {name: approved.probe(token) for name, token in tokens.items()} == live


def test_who_holds_the_permission_set_keeps_the_session_that_makes_the_switch(
    deployer: Deployer, files: AppFiles
) -> None:
    parts = [part for part in files.all() if part.type != OAUTH_POLICIES.name]
    deployer.deploy(*parts, files.oauth_policies(permittedUsersPolicyType="AllSelfAuthorized"))
    deployer.assign(deployer.username, files.permission_set().full_name)
    deployer.control.change_settings(ends_sessions="deployer_too")

    assert deployer.deploy(files.oauth_policies())["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("invalid_assertion", ("invalid_grant", "invalid assertion")),
        ("invalid_client", ("invalid_client", "invalid client credentials")),
    ],
)
def test_a_wrong_key_has_one_of_two_answers(
    visitor: Visitor, other_key: rsa.RSAPrivateKey, answer: str, said: tuple[str, str]
) -> None:
    visitor.control.change_settings(wrong_key=answer)
    refused = replace(visitor, key=other_key).exchange().json()

    assert (refused["error"], refused["error_description"]) == said
    assert visitor.exchange("not.a.jwt").json()["error_description"] == "invalid assertion"


@pytest.mark.parametrize(("answer"), ["invalid_client_id", "app_not_found"])
@pytest.mark.parametrize("manner", ["at_once", "late", "by_turns", "neither"])
def test_a_new_app_is_known_at_once_late_or_by_turns(
    deployer: Deployer, files: AppFiles, org_key: rsa.RSAPrivateKey, manner: str, answer: str
) -> None:
    deployer.control.change_settings(propagation_s=600.0, propagation=manner, unknown_app=answer)
    deployer.deploy(*files.all())
    visitor = visitor_of(deployer, files, org_key)
    meanwhile = [error(visitor) for _ in range(4)]
    deployer.control.change_settings(clock_offset_s=601.0)
    after = _late(visitor)

    unknown = [answer] * 4
    by_turns = [answer, "granted"] * 2
    expected = {"at_once": ["granted"] * 4, "late": unknown, "by_turns": by_turns, "neither": unknown}
    assert meanwhile == expected[manner]
    assert set(after) == {"granted"}


def _late(visitor: Visitor) -> list[str]:
    claims: dict[str, Any] = {"exp": visitor.claims()["exp"] + 601}
    answers = [visitor.exchange(visitor.assertion(**claims)).json() for _ in range(3)]
    return [str(answer.get("error", "granted")) for answer in answers]


@pytest.mark.parametrize(
    ("manner", "old", "new"),
    [
        ("at_once", ["invalid_grant"] * 4, ["granted"] * 4),
        ("late", ["granted"] * 4, ["invalid_grant"] * 4),
        ("by_turns", ["granted", "invalid_grant"] * 2, ["invalid_grant", "granted"] * 2),
        ("neither", ["invalid_grant"] * 4, ["invalid_grant"] * 4),
    ],
)
def test_meanwhile_a_new_certificate_lets_the_old_key_the_new_one_either_by_turns_or_none_in(
    deployer: Deployer,
    files: AppFiles,
    visitor: Visitor,
    other_key: rsa.RSAPrivateKey,
    manner: str,
    old: list[str],
    new: list[str],
) -> None:
    deployer.control.change_settings(propagation_s=600.0, propagation=manner)
    deployer.deploy(files.global_oauth(certificate=certificate_of(other_key)))

    assert [error(visitor) for _ in range(4)] == old
    assert [error(replace(visitor, key=other_key)) for _ in range(4)] == new


def test_a_gap_between_two_certificates_ends_when_the_new_one_has_arrived(
    deployer: Deployer, files: AppFiles, visitor: Visitor, other_key: rsa.RSAPrivateKey
) -> None:
    deployer.control.change_settings(propagation_s=600.0, propagation="neither")
    deployer.deploy(files.global_oauth(certificate=certificate_of(other_key)))
    deployer.control.change_settings(clock_offset_s=601.0)

    assert set(_late(visitor)) == {"invalid_grant"}
    assert set(_late(replace(visitor, key=other_key))) == {"granted"}


@pytest.mark.parametrize("manner", ["late", "by_turns"])
def test_assignments_are_seen_at_once(deployer: Deployer, files: AppFiles, visitor: Visitor, manner: str) -> None:
    deployer.control.change_settings(propagation_s=600.0, propagation=manner)
    others = replace(visitor, user=visitor_of(deployer, files, visitor.key, assigned=False).user)

    assert error(others) == NOT_APPROVED
    deployer.assign(others.user.username, files.permission_set().full_name)
    assert error(others) == "granted"


def test_a_change_counts_from_the_end_of_its_deployment(deployer: Deployer, files: AppFiles, visitor: Visitor) -> None:
    deployer.control.change_settings(deploy_s=100.0, propagation_s=300.0, propagation="late")
    request_id = deployer.send(package(files.global_oauth(certificate=None))).json()["id"]
    deployer.control.change_settings(clock_offset_s=399.0)
    assert _late(visitor) == ["granted"] * 3
    deployer.control.change_settings(clock_offset_s=401.0)

    assert _late(visitor) == ["invalid_grant"] * 3
    assert deployer.look(request_id)["done"]


def test_a_connected_app_logs_in_too(deployer: Deployer, files: AppFiles, org_key: rsa.RSAPrivateKey) -> None:
    body = "".join(files.certificate.splitlines()[1:-1])
    elements: dict[str, str | tuple[str, ...]] = {
        "contactEmail": "ops@example.com",
        "label": files.name,
        "oauthConfig.certificate": body,
        "oauthConfig.isAdminApproved": "true",
        "oauthConfig.scopes": ("Api", "RefreshToken"),
        "permissionSetName": (f"{files.name}_access",),
    }
    deployer.control.change_settings(creates_connected_apps=True)
    app = Component(type=CONNECTED_APP.name, full_name=files.name, elements=elements)
    assert problems(deployer.deploy(files.permission_set(), app)) == {}
    (there,) = [part for part in deployer.control.components() if part.full_name == files.name]
    user = hire(deployer.control, deployer.http).username
    consumer_key = there.text("oauthConfig.consumerKey")
    visitor = Visitor(
        control=deployer.control,
        http=deployer.http,
        key=org_key,
        app=App(consumer_key=consumer_key),
        user=User(username=user),
    )

    assert error(visitor) == NOT_APPROVED
    deployer.assign(user, f"{files.name}_access")
    assert error(visitor) == "granted"


def test_setup_uploads_a_certificate_to_a_deployed_app(
    deployer: Deployer, files: AppFiles, visitor: Visitor, other_key: rsa.RSAPrivateKey
) -> None:
    deployer.control.set_certificate(visitor.app.consumer_key, certificate_of(other_key))

    assert error(replace(visitor, key=other_key)) == "granted"
    with pytest.raises(OrgControlError, match="no X"):
        deployer.control.set_certificate(visitor.app.consumer_key, "x")
    deployer.control.remove_certificate(visitor.app.consumer_key)
    assert error(replace(visitor, key=other_key)) == "invalid_grant"


@pytest.mark.parametrize("name", ["propagation", "unknown_app", "wrong_key", "ends_sessions"])
def test_a_difference_is_one_of_its_choices(org: OrgControl, administrator: Administrator, name: str) -> None:
    with pytest.raises((OrgControlError, ValueError), match=name):
        org.change_settings(**{name: "no such"})
    with pytest.raises((OrgControlError, ValueError, TypeError), match=name):
        org.change_settings(**{name: 1})
