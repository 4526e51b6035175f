"""An org as an administrator's session sees and changes it, over TLS against the embedded org."""

import json
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from requests import ConnectionError as NotConnected
from requests import Response, Session
from urllib3 import HTTPResponse

from setup.conftest import Admin, MakeAdmin
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.app_parts import app_parts
from sfmint_local.org.setup.components import SETTINGS, Component
from sfmint_local.org.values import Fault, User
from sfmint_setup.app_files import AppPlan, components_of, with_certificate
from sfmint_setup.component import APP_POLICIES, CONNECTED_APP, GLOBAL_OAUTH, OAUTH, OAUTH_POLICIES, OF_AN_APP
from sfmint_setup.connected_app import one_line, with_other_certificate
from sfmint_setup.errors import (
    DeployFailed,
    DeployUnfinished,
    InvalidInstance,
    OrgRefused,
    OrgUnreachable,
    RightMissing,
    SessionExpired,
    SetupError,
    UnusableAnswer,
)
from sfmint_setup.package import files_of
from sfmint_setup.wire import instance_origin

if TYPE_CHECKING:
    from conftest import KeyPair


def put_user(admin: Admin, **changes: Any) -> str:
    return admin.control.put_user(User(username=f"u-{uuid4().hex}@example.com", **changes)).username


@pytest.fixture
def deployed(admin: Admin, plan: AppPlan) -> AppPlan:
    admin.deploy(files_of(components_of(plan))).require_success()
    return plan


@pytest.mark.parametrize("is_sandbox", [True, False])
def test_the_org_and_the_administrator_are_known(admin: Admin, *, is_sandbox: bool) -> None:
    admin.control.change_settings(is_sandbox=is_sandbox)
    found = admin.setup.identity()
    assert found.is_production is not is_sandbox
    assert found.username == admin.person.username
    assert found.user_id.startswith("005")
    assert found.org_id.startswith("00D")
    assert found.instance_url == admin.control.url


def test_an_app_that_is_deployed_is_read_back_whole_and_without_its_secret(admin: Admin, plan: AppPlan) -> None:
    assert admin.setup.app(plan.name) is None
    admin.deploy(files_of(components_of(plan)), check_only=True).require_success()
    assert admin.setup.app(plan.name) is None
    done = admin.deploy(files_of(components_of(plan)))
    assert done.is_success
    assert done.id.startswith("0Af")
    assert [progress.status for progress in admin.seen][-1] == "Succeeded"
    app = admin.setup.app(plan.name)
    assert app is not None
    assert app.kind == "external"
    assert set(app.components) == set(OF_AN_APP)
    assert app.certificate is not None
    assert app.certificate.split() == plan.certificate.split()
    assert app.consumer_key == admin.setup.consumer_key(app)
    kept = next(each for each in admin.control.components(plan.name) if each.type == GLOBAL_OAUTH)
    assert kept.text("consumerKey") == app.consumer_key
    assert kept.text("consumerSecret")
    assert kept.text("consumerSecret") not in repr([part.elements for part in app.components.values()])


def test_what_the_org_shows_is_stated_again_with_one_element_changed(
    admin: Admin, deployed: AppPlan, other_key_pair: "KeyPair"
) -> None:
    before = admin.setup.app(deployed.name)
    assert before is not None
    part = with_certificate(before.components[GLOBAL_OAUTH], other_key_pair.certificate)
    admin.deploy(files_of([part])).require_success()
    after = admin.setup.app(deployed.name)
    assert after is not None
    was, now = before.components[GLOBAL_OAUTH].elements, after.components[GLOBAL_OAUTH].elements
    assert {name for name in was if was[name] != now[name]} == {"certificate"}
    assert was.keys() == now.keys()


@pytest.mark.parametrize(
    "difference", [{}, {"wants_org_scope": True}, {"takes_consumer_key": False}, {"makes_default_policies": False}]
)
def test_an_app_is_deployed_again_in_every_kind_of_org(
    admin: Admin, plan: AppPlan, difference: dict[str, bool]
) -> None:
    admin.control.change_settings(**difference)
    admin.deploy(files_of(components_of(plan))).require_success()
    there = admin.setup.app(plan.name)
    admin.deploy(files_of(components_of(replace(plan, token_lifetime_s=1800), there))).require_success()
    now = admin.setup.app(plan.name)
    assert now is not None
    assert now.components[OAUTH_POLICIES].text("sessionTimeoutInMinutes") == "30"
    assert {part.full_name for part in now.components.values()} == {
        part.full_name for part in (there.components.values() if there else ())
    }


def test_policies_that_the_org_has_made_are_changed_in_place(admin: Admin, plan: AppPlan) -> None:
    some = [part for part in components_of(plan) if part.type not in {OAUTH_POLICIES, APP_POLICIES}]
    admin.deploy(files_of(some)).require_success()
    there = admin.setup.app(plan.name)
    assert there is not None
    assert there.components[OAUTH_POLICIES].text("permittedUsersPolicyType") == "AllSelfAuthorized"
    admin.deploy(files_of(components_of(plan, there))).require_success()
    now = admin.setup.app(plan.name)
    assert now is not None
    assert now.components[OAUTH_POLICIES].text("permittedUsersPolicyType") == "AdminApprovedPreAuthorized"
    assert (
        now.components[OAUTH_POLICIES].full_name
        == there.components[OAUTH_POLICIES].full_name
        != f"{plan.name}_oauthPlcy"
    )


def test_a_users_holder_of_the_permission_set_is_assigned_once(admin: Admin, deployed: AppPlan) -> None:
    username = put_user(admin)
    user, permission_set = admin.setup.user(username), admin.setup.permission_set(deployed.permission_set)
    app = admin.setup.app(deployed.name)
    assert user is not None
    assert permission_set is not None
    assert app is not None
    assert user.is_active
    assert user.permission_sets == ()
    assert permission_set.tied_apps == (app.id,)
    assert permission_set.usernames == ()
    assert admin.setup.assign(user.id, permission_set.id)
    assert not admin.setup.assign(user.id, permission_set.id)
    assert not admin.setup.tie(permission_set.id, app.id)
    again, holders = admin.setup.user(username), admin.setup.permission_set(deployed.permission_set)
    assert again is not None
    assert again.permission_sets == (deployed.permission_set,)
    assert holders is not None
    assert holders.usernames == (username,)


def test_a_lost_answer_to_an_assignment_is_not_taken_for_somebody_elses(admin: Admin, deployed: AppPlan) -> None:
    user, permission_set = admin.setup.user(put_user(admin)), admin.setup.permission_set(deployed.permission_set)
    assert user is not None
    assert permission_set is not None
    admin.control.add_fault(Fault(where="rest", kind="lost_answer"))
    assert admin.setup.assign(user.id, permission_set.id)


@pytest.mark.parametrize("status", ["inactive", "locked"])
def test_who_may_not_log_in_is_seen(admin: Admin, status: Any) -> None:
    found = admin.setup.user(put_user(admin, status=status))
    assert found is not None
    assert found.is_active is (status != "inactive")
    assert found.is_frozen is (status == "locked")
    assert admin.setup.user("nobody@example.com") is None
    assert admin.setup.permission_set("nothing") is None


@pytest.mark.parametrize(
    "name", ["' OR Username LIKE '%", "\\", "\\' OR Id != null OR Username = '", 'a"b', "a\nb", "%"]
)
def test_a_name_is_never_a_part_of_the_query(admin: Admin, name: str) -> None:
    put_user(admin)
    assert admin.setup.user(name) is None
    assert admin.setup.app(name) is None
    assert admin.setup.permission_set(name) is None


# --- the answer to a deployment that is lost ---


@pytest.mark.parametrize("check_only", [True, False])
@pytest.mark.parametrize("kind", ["lost_answer", "truncate", "html"])
def test_a_lost_answer_is_found_again_and_nothing_is_sent_twice(
    admin: Admin, plan: AppPlan, kind: str, *, check_only: bool
) -> None:
    before = len(admin.control.deployments())
    admin.control.add_fault(Fault(where="deploy", kind=kind))
    done = admin.deploy(files_of(components_of(plan)), check_only=check_only)
    assert done.is_success
    mine = admin.control.deployments()[: len(admin.control.deployments()) - before]
    assert [each["Id"] for each in mine] == [done.id]
    assert (admin.setup.app(plan.name) is None) is check_only


def test_a_request_that_never_arrived_is_sent_again(admin: Admin, plan: AppPlan) -> None:
    before = len(admin.control.deployments())
    admin.control.add_fault(Fault(where="deploy", kind="reset"))
    assert admin.deploy(files_of(components_of(plan))).is_success
    assert len(admin.control.deployments()) == before + 1


def test_a_deployment_of_somebody_else_is_not_taken_for_ours(
    admin: Admin, make_admin: MakeAdmin, plan: AppPlan
) -> None:
    other = make_admin()
    other.deploy(files_of(components_of(replace(plan, name=f"{plan.name}x", label="another"))), check_only=True)
    admin.control.add_fault(Fault(where="deploy", kind="lost_answer"))
    done = admin.deploy(files_of(components_of(plan)))
    assert done.is_success
    assert admin.setup.app(plan.name) is not None


@pytest.mark.parametrize("kind", ["reset", "html", "truncate", "status"])
def test_a_poll_that_is_lost_is_asked_again(admin: Admin, plan: AppPlan, kind: str) -> None:
    def lose() -> None:
        admin.control.add_fault(Fault(where="rest", kind=kind, times=2))
        admin.clock.on_sleep = lambda: None

    admin.clock.on_sleep = lose  # the first pause comes after the deployment was sent
    assert admin.deploy(files_of(components_of(plan))).is_success


def test_a_deployment_without_end_is_given_up(admin: Admin, plan: AppPlan) -> None:
    admin.control.add_fault(Fault(where="deploy", kind="deploy_hangs"))
    began = admin.clock.monotonic()
    with pytest.raises(DeployUnfinished, match="had not ended after 30 minutes"):
        admin.deploy(files_of(components_of(plan)))
    assert admin.clock.monotonic() - began < 31 * 60
    assert len(admin.seen) < 150


# --- refusals ---


def test_a_deployment_that_is_refused_says_why_and_changes_nothing(admin: Admin, plan: AppPlan) -> None:
    wrong = [replace(part, elements={**part.elements, "label": ""}) for part in components_of(plan)]
    scopes = [
        replace(part, elements={**part.elements, "commaSeparatedOauthScopes": "api"}) if part.type == OAUTH else part
        for part in components_of(plan)
    ]
    assert admin.deploy(files_of(wrong)).problems
    done = admin.deploy(files_of(scopes))
    assert not done.is_success
    with pytest.raises(DeployFailed) as caught:
        done.require_success()
    assert caught.value.name == "ScopesRefused"
    assert f"{OAUTH} {plan.name}_oauth" in caught.value.cause
    assert "There's a problem with your scope" in caught.value.cause
    assert admin.setup.app(plan.name) is None


def test_a_deployment_that_fails_as_a_whole_says_so(admin: Admin, plan: AppPlan) -> None:
    admin.control.add_fault(Fault(where="deploy", kind="deploy_fails", params={"message": "Something broke."}))
    done = admin.deploy(files_of(components_of(plan)))
    with pytest.raises(DeployFailed, match="Something broke"):
        done.require_success()


def test_a_session_time_out_that_the_org_refuses_is_told_by_its_name(admin: Admin, plan: AppPlan) -> None:
    admin.control.change_settings(takes_session_timeout=False)
    done = admin.deploy(files_of(components_of(plan)))
    assert "SessionTimeoutRefused" in {problem.code for problem in done.problems}


def test_a_session_that_has_ended_is_told_from_everything_else(admin: Admin, make_admin: MakeAdmin) -> None:
    admin.control.end_sessions(username=admin.person.username)
    asks = (admin.setup.identity, lambda: admin.setup.user("a"), lambda: make_admin(token="00Dx!x").setup.app("a"))
    for ask in asks:
        with pytest.raises(SessionExpired) as caught:
            ask()
        assert "sf org login" in caught.value.remedy


ALL = set(rights.ADMINISTRATOR)
LACKING: dict[str, tuple[set[str], str]] = {
    "deploy": ({rights.MODIFY_METADATA, rights.MODIFY_ALL_DATA}, rights.LABELS[rights.MODIFY_METADATA]),
    "app": ({rights.APP_DEVELOPER, rights.APP_ADMIN, rights.APP_VIEWER}, rights.LABELS[rights.APP_ADMIN]),
    "assign": ({rights.ASSIGN_PERMISSION_SETS, rights.MANAGE_USERS}, rights.LABELS[rights.ASSIGN_PERMISSION_SETS]),
}


@pytest.mark.parametrize("what", LACKING)
def test_a_right_that_is_missing_is_named_as_setup_does(
    admin: Admin, make_admin: MakeAdmin, deployed: AppPlan, what: str
) -> None:
    lacking, label = LACKING[what]
    poor = make_admin(*(ALL - lacking))
    user, permission_set = admin.setup.user(put_user(admin)), admin.setup.permission_set(deployed.permission_set)
    assert user is not None
    assert permission_set is not None

    def act() -> object:
        match what:
            case "deploy":
                return poor.deploy(files_of(components_of(deployed)))
            case "app":
                return poor.setup.app(deployed.name)
            case _:
                return poor.setup.assign(user.id, permission_set.id)

    with pytest.raises(RightMissing) as caught:
        act()
    assert caught.value.label == label
    assert label in caught.value.cause


def test_who_may_not_see_keys_sees_the_app_without_them(make_admin: MakeAdmin, deployed: AppPlan) -> None:
    blind = make_admin(*(ALL - {rights.VIEW_CLIENT_SECRET}))
    app = blind.setup.app(deployed.name)
    assert app is not None
    assert app.consumer_key is None
    assert blind.setup.consumer_key(app) is None


def test_a_session_that_soap_refuses_sees_the_app_and_not_its_elements(
    make_admin: MakeAdmin, deployed: AppPlan
) -> None:
    jwt = make_admin(jwt_based=True)
    app = jwt.setup.app(deployed.name)
    assert app is not None
    assert app.components == {}
    assert app.consumer_key is None
    assert jwt.setup.consumer_key_by_rest(app, observe=jwt.seen.append) is None
    assert jwt.notes.orgs == set()


# --- the consumer key by REST ---


def switch(admin: Admin) -> str:
    found = [part for part in admin.control.components() if part.type == SETTINGS.name]
    return found[0].text("enableClientSecretInRestApiAccess") if found else ""


def put_switch(admin: Admin, to: str) -> None:
    elements = {"enableClientSecretInRestApiAccess": to, "enablePackageEcaOauthFromDevOrg": "true"}
    admin.control.put_component(Component(type=SETTINGS.name, full_name="ExternalClientApp", elements=elements))


@pytest.mark.parametrize("before", ["true", "false"])
def test_the_key_is_read_by_rest_and_the_switch_is_as_before(admin: Admin, deployed: AppPlan, before: str) -> None:
    put_switch(admin, before)
    app = admin.setup.app(deployed.name)
    assert app is not None
    assert admin.setup.consumer_key_by_rest(app, observe=admin.seen.append) == app.consumer_key
    assert switch(admin) == before
    assert admin.notes.orgs == set()


def test_an_org_that_shows_no_key_at_all_is_left_as_it_was(admin: Admin, deployed: AppPlan) -> None:
    put_switch(admin, "false")
    admin.control.change_settings(serves_credentials=False, shows_consumer_key=False)
    app = admin.setup.app(deployed.name)
    assert app is not None
    assert app.consumer_key is None
    assert admin.setup.consumer_key_by_rest(app, observe=admin.seen.append) is None
    assert switch(admin) == "false"
    assert admin.notes.orgs == set()


class Died(BaseException):
    """A process that is being killed."""


def test_a_run_that_is_interrupted_puts_the_switch_back_itself(admin: Admin, deployed: AppPlan) -> None:
    put_switch(admin, "false")
    app = admin.setup.app(deployed.name)
    assert app is not None

    def die(progress: Any) -> None:
        if switch(admin) == "true":
            raise Died

    with pytest.raises(Died):
        admin.setup.consumer_key_by_rest(app, observe=die)
    assert switch(admin) == "false"
    assert admin.notes.orgs == set()


def test_a_run_that_dies_while_the_switch_is_on_is_put_right_by_the_next(
    admin: Admin, make_admin: MakeAdmin, deployed: AppPlan
) -> None:
    put_switch(admin, "false")
    app = admin.setup.app(deployed.name)
    assert app is not None

    def die(progress: Any) -> None:
        admin.control.end_sessions(username=admin.person.username)  # whatever it wants to do now, it cannot

    with pytest.raises(SessionExpired):
        admin.setup.consumer_key_by_rest(app, observe=die)
    assert switch(admin) == "true"
    following = make_admin(notes=admin.notes)
    assert following.setup.put_back_switch(observe=following.seen.append)
    assert switch(admin) == "false"
    assert not following.setup.put_back_switch(observe=following.seen.append)
    kept = next(part for part in admin.control.components() if part.type == SETTINGS.name)
    assert kept.text("enablePackageEcaOauthFromDevOrg") == "true"


def test_an_org_that_refuses_to_turn_its_switch_is_left_alone(admin: Admin, deployed: AppPlan) -> None:
    put_switch(admin, "false")
    app = admin.setup.app(deployed.name)
    assert app is not None
    admin.control.add_fault(Fault(where="deploy", kind="deploy_fails"))
    assert admin.setup.consumer_key_by_rest(app, observe=admin.seen.append) is None
    assert switch(admin) == "false"
    assert admin.notes.orgs == set()


def test_a_switch_that_may_still_be_turned_on_is_not_forgotten(
    admin: Admin, make_admin: MakeAdmin, deployed: AppPlan
) -> None:
    put_switch(admin, "false")
    app = admin.setup.app(deployed.name)
    assert app is not None
    admin.control.add_fault(Fault(where="deploy", kind="deploy_hangs"))
    with pytest.raises(DeployUnfinished):
        admin.setup.consumer_key_by_rest(app, observe=admin.seen.append)
    assert switch(admin) == "false"
    assert admin.notes.orgs
    put_switch(admin, "true")  # now it has begun
    following = make_admin(notes=admin.notes)
    assert following.setup.put_back_switch(observe=following.seen.append)
    assert switch(admin) == "false"


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize(
    "refusal",
    [
        (403, "REQUEST_LIMIT_EXCEEDED"),
        (404, "NOT_FOUND"),
        (403, "INSUFFICIENT_ACCESS"),
        (400, "ANYTHING_ELSE"),
    ],
)
def test_a_switch_whose_turning_may_not_be_watched_is_put_back_by_the_next_run(
    admin: Admin, make_admin: MakeAdmin, deployed: AppPlan, refusal: tuple[int, str], *, lost: bool
) -> None:
    put_switch(admin, "false")
    app = admin.setup.app(deployed.name)
    assert app is not None
    send = Session.send

    def refused(self: Session, request: Any, **options: Any) -> Any:
        answer = send(self, request, **options)
        if request.method == "POST" and request.url.endswith("/deployRequest") and lost:
            raise NotConnected
        is_look = request.method == "GET" and ("DeployRequest%20" in request.url or "/deployRequest/" in request.url)
        return _refusing(*refusal) if is_look and switch(admin) == "true" else answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "send", refused)
        with pytest.raises(SetupError) as caught:
            admin.setup.consumer_key_by_rest(app, observe=admin.seen.append)
    assert caught.value.remedy
    assert admin.notes.orgs or switch(admin) == "false"
    following = make_admin(notes=admin.notes)
    following.setup.put_back_switch(observe=following.seen.append)
    assert switch(admin) == "false"
    assert admin.notes.orgs == set()


def _refusing(status: int, code: str) -> Response:
    answer = Response()
    body = BytesIO(json.dumps([{"errorCode": code, "message": "no"}]).encode())
    answer.status_code, answer.raw = status, HTTPResponse(body=body, preload_content=False)
    answer.headers["Content-Type"] = "application/json"
    return answer


def test_a_switch_that_cannot_be_put_back_is_not_forgotten(
    admin: Admin, make_admin: MakeAdmin, deployed: AppPlan
) -> None:
    put_switch(admin, "true")
    admin.notes.add(admin.setup.identity().org_id)
    blind = make_admin(notes=admin.notes, jwt_based=True)
    with pytest.raises(SetupError) as caught:
        blind.setup.put_back_switch(observe=blind.seen.append)
    assert caught.value.name == "SwitchLeftOn"
    assert admin.notes.orgs


def test_nothing_is_put_back_that_nobody_has_turned_on(admin: Admin) -> None:
    put_switch(admin, "true")
    assert not admin.setup.put_back_switch(observe=admin.seen.append)
    assert switch(admin) == "true"


# --- the wire ---


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", OrgUnreachable),
        ("truncate", OrgUnreachable),
        ("html", UnusableAnswer),
        ("large", UnusableAnswer),
        ("gzip_bomb", UnusableAnswer),
        ("endless", SetupError),
        ("redirect", SetupError),
        ("status", OrgUnreachable),
    ],
)
def test_whatever_comes_back_ends_as_an_error_in_words(admin: Admin, kind: str, error: type[SetupError]) -> None:
    params: dict[str, Any] = {"redirect": {"location": "https://elsewhere.example/"}}.get(kind, {})
    admin.control.add_fault(Fault(where="rest", kind=kind, times=1, params=params))
    with pytest.raises(error) as caught:
        admin.setup.user("a")
    said = f"{caught.value} {caught.value!r}"
    assert admin.person.token not in said
    assert caught.value.cause.endswith(".")
    assert caught.value.remedy.endswith(".")
    assert caught.value.__cause__ is None


def test_an_error_that_repeats_the_session_is_shown_without_it(admin: Admin) -> None:
    body = f'[{{"errorCode": "MALFORMED_QUERY", "message": "unexpected {admin.person.token} here"}}]'
    params = {"code": 400, "body": body, "content_type": "application/json"}
    admin.control.add_fault(Fault(where="rest", kind="status", params=params))
    with pytest.raises(OrgRefused) as caught:
        admin.setup.user("a")
    assert admin.person.token not in str(caught.value)
    assert "unexpected" in caught.value.cause


def test_an_answer_that_repeats_the_session_is_not_taken(admin: Admin) -> None:
    admin.setup.identity()
    body = json.dumps({"done": True, "records": [{"Id": "005000000000001AAA", "Username": admin.person.token}]})
    admin.control.add_fault(Fault(where="rest", kind="status", params={"code": 200, "body": body}))
    with pytest.raises(UnusableAnswer) as caught:
        admin.setup.user("a")
    assert admin.person.token not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.my.salesforce.com",
        "https://acme.my.salesforce.com.evil.example",
        "https://evil.example/?acme.my.salesforce.com",
        "https://user@acme.my.salesforce.com",
        "https://localhost:1",
        "https://acme.my.salesforce.com:8443",
        "acme",
        "",
        "https://acme.lightning.force.com",
    ],
)
def test_a_session_goes_to_an_org_of_salesforce_only(url: str) -> None:
    with pytest.raises(InvalidInstance) as caught:
        instance_origin(url, frozenset())
    assert "--allow-host" in caught.value.remedy


def test_a_browsers_address_is_told_with_the_orgs() -> None:
    with pytest.raises(InvalidInstance, match=r"https://acme\.my\.salesforce\.com"):
        instance_origin("https://acme.lightning.force.com/lightning/setup", frozenset())


def test_a_connected_app_of_that_name_is_seen(admin: Admin, key_pair: "KeyPair") -> None:
    name = f"old_{uuid4().hex[:8]}"
    line = "".join(key_pair.certificate.splitlines()[1:-1])
    elements = {
        "label": name,
        "contactEmail": "ops@example.com",
        "oauthConfig.consumerKey": "3MVG9old",
        "oauthConfig.consumerSecret": "a secret of old",
        "oauthConfig.certificate": line,
        "oauthConfig.callbackUrl": "https://localhost/x",
    }
    admin.control.put_component(Component(type="ConnectedApp", full_name=name, elements=elements))
    app = admin.setup.app(name)
    assert app is not None
    assert app.kind == "connected"
    assert app.consumer_key == "3MVG9old"
    assert app.certificate == key_pair.certificate
    assert "a secret of old" not in repr([part.elements for part in app.components.values()])


def test_a_connected_app_takes_another_certificate_and_keeps_all_else(
    admin: Admin, key_pair: "KeyPair", other_key_pair: "KeyPair"
) -> None:
    name = f"old_{uuid4().hex[:8]}"
    elements = {
        "label": name,
        "contactEmail": "ops@example.com",
        "oauthConfig.consumerKey": "3MVG9old",
        "oauthConfig.certificate": one_line(key_pair.certificate),
        "oauthConfig.callbackUrl": "https://localhost/x",
    }
    admin.control.put_component(Component(type=CONNECTED_APP, full_name=name, elements=elements))
    before = admin.setup.app(name)
    assert before is not None
    part = with_other_certificate(before.components[CONNECTED_APP], other_key_pair.certificate)
    admin.deploy(files_of([part])).require_success()
    after = admin.setup.app(name)
    assert after is not None
    assert (after.certificate, after.consumer_key) == (other_key_pair.certificate, before.consumer_key)
    was, now = (oauth_of(app.components[CONNECTED_APP].elements) for app in (before, after))
    assert {each for each in was if was[each] != now[each]} == {"certificate"}


def oauth_of(elements: Any) -> dict[str, Any]:
    return dict(elements["oauthConfig"])


def test_permission_sets_that_stand_by_their_ids_are_named(admin: Admin, plan: AppPlan) -> None:
    parts = app_parts(plan.name)
    for part in parts.values():
        admin.control.put_component(part)
    found = admin.setup.permission_set(f"{plan.name}_access")
    assert found is not None
    policies = parts[OAUTH_POLICIES]
    changed = replace(policies, elements={**policies.elements, "commaSeparatedPermissionSet": f"{found.id}, 0PSxx"})
    admin.control.put_component(changed)
    app = admin.setup.app(plan.name)
    assert app is not None
    assert app.components[OAUTH_POLICIES].text("commaSeparatedPermissionSet") == f"{plan.name}_access, 0PSxx"
