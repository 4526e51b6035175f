"""`sfmint app create` against the embedded org: from an org without an app to a login, in whichever way orgs differ."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from requests import ConnectionError as NotConnected
from requests import Session

from cli.command_line import CommandLine
from cli.conftest import Account
from cli.empty_org import SWITCH, Create, Empty
from cli.fake_keeper import LOGGED_IN
from cli.test_token import ANSWER
from sfmint_cli.apps.arrival import AT_ONCE_S, IN_A_ROW
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.components import APP, APP_POLICIES, GLOBAL_OAUTH, OAUTH, OAUTH_POLICIES, SETTINGS
from sfmint_local.org.values import User

APP_TYPES = (APP, GLOBAL_OAUTH, OAUTH, OAUTH_POLICIES, APP_POLICIES)
DIFFERENT: dict[str, dict[str, Any]] = {
    "as documented": {},
    "no default policies": {"makes_default_policies": False},
    "no session time-out": {"takes_session_timeout": False},
    "no consumer key in files": {"takes_consumer_key": False},
    "wants the org in files": {"wants_org_scope": True},
    "ends sessions of the unapproved": {"ends_sessions": "unapproved"},
    "tells the key by REST": {"shows_consumer_key": False},
    "masks the consumer secret": {"masks_consumer_secret": True},
    "deployments take their time": {"deploy_s": 0.05},
}


@pytest.mark.parametrize("org_kind", DIFFERENT)
def test_one_command_leads_to_a_login_in_every_kind_of_org(create: Create, empty: Empty, org_kind: str) -> None:
    empty.control.change_settings(**DIFFERENT[org_kind])
    ended = create("--json")
    assert ended.code == 0, ended.stdout[-900:] + ended.stderr
    document = ended.document
    assert document["consumer_key"] == empty.consumer_key
    assert document["app"]["name"] == empty.app
    assert len(document["deployments"]) == 1  # that of the switch, if there was one, is none of the app's
    assert document["waited_s"] == AT_ONCE_S * (IN_A_ROW - 1)
    assert document["session_timeout_set"] is (org_kind != "no session time-out")
    assert Path(document["key"]).stat().st_mode & 0o777 == 0o600
    assert len(empty.parts(APP.name)) == len(empty.parts(OAUTH_POLICIES.name)) == 1
    assert empty.logins == IN_A_ROW


@pytest.mark.parametrize("propagation", ["late", "by_turns"])
@pytest.mark.parametrize("unknown_app", ["invalid_client_id", "app_not_found"])
def test_an_app_that_arrives_late_is_waited_for(
    create: Create, empty: Empty, propagation: str, unknown_app: str
) -> None:
    empty.control.change_settings(propagation_s=3600.0, propagation=propagation, unknown_app=unknown_app)

    def arrive() -> None:
        if empty.logins > 1:
            empty.control.change_settings(propagation="at_once")

    empty.clock.on_sleep = arrive
    document = create("--json").document
    assert document["waited_s"] > 60 * (IN_A_ROW - 1)
    assert document["consumer_key"] == empty.consumer_key


def test_the_same_command_again_changes_nothing(create: Create, empty: Empty) -> None:
    first = create("--json").document
    deployments = len(empty.control.deployments())
    again = create("--json").document
    assert again["deployments"] == first["deployments"]
    assert len(empty.control.deployments()) == deployments
    assert empty.logins == IN_A_ROW + 1


def test_a_session_that_the_switch_ends_is_asked_for_anew(create: Create, empty: Empty) -> None:
    create("--json")
    (policies,) = empty.parts(OAUTH_POLICIES.name)
    open_to_all = policies.elements | {"permittedUsersPolicyType": "AllSelfAuthorized"}
    empty.control.put_component(replace(policies, elements=open_to_all))
    empty.control.change_settings(ends_sessions="deployer_too")
    error = create("--json").document["error"]
    assert (error["name"], "run this again" in error["remedy"].lower()) == ("SessionExpired", True)
    empty.token[:] = [empty.control.open_session(empty.administrator.username)]
    document = create("--json").document
    assert document["consumer_key"] == empty.consumer_key
    (policies,) = empty.parts(OAUTH_POLICIES.name)
    assert policies.text("permittedUsersPolicyType") == "AdminApprovedPreAuthorized"


CHANGES = ("deployRequest", "sobjects")  # requests that change the org


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("error", [NotConnected, KeyboardInterrupt])
@pytest.mark.parametrize("number", range(4))
def test_a_change_of_the_org_whose_answer_is_lost_is_made_once(
    create: Create, empty: Empty, number: int, error: type[BaseException], *, after: bool
) -> None:
    send, changes = Session.send, count()

    def losing(self: Session, request: Any, **options: Any) -> Any:
        is_change = request.method == "POST" and any(word in request.url for word in CHANGES)
        is_lost = is_change and next(changes) == number
        if is_lost and not after:
            raise error
        answer = send(self, request, **options)
        if is_lost:
            raise error
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "send", losing)
        create("--json")
    document = create("--json").document
    assert document["consumer_key"] == empty.consumer_key
    assert [len(empty.parts(kind.name)) for kind in APP_TYPES] == [1] * len(APP_TYPES)


def test_a_person_at_a_terminal_is_shown_the_org_and_asked(create: Create, empty: Empty) -> None:
    ended = create(typed="n\n")
    assert (ended.code, ended.cause) == (1, "Nothing was changed.")
    for words in ("Org 00D", "not production", f"new: the External Client App ({empty.app})", "Go on?"):
        assert words in ended.stderr
    assert empty.is_untouched


def test_the_switch_that_shows_keys_by_rest_is_put_back(create: Create, empty: Empty) -> None:
    empty.control.change_settings(shows_consumer_key=False)
    create("--json")
    switched = [each for each in empty.control.deployments() if each["NumberComponentsTotal"] == 1]
    assert len(switched) >= 2
    (switch,) = [part for part in empty.control.components() if part.type == SETTINGS.name]
    assert not switch.is_true(SWITCH)


def test_a_key_that_only_setup_shows_is_given_with_the_same_command(create: Create, empty: Empty) -> None:
    empty.control.change_settings(shows_consumer_key=False, serves_credentials=False)
    error = create("--json").document["error"]
    assert (error["name"], "--consumer-key KEY" in error["remedy"]) == ("ConsumerKeyNotShown", True)
    document = create("--json", consumer_key=empty.consumer_key).document
    assert document["consumer_key"] == empty.consumer_key
    assert len(empty.parts(APP.name)) == 1


def test_a_session_that_soap_refuses_leads_to_a_login_too(create: Create, empty: Empty) -> None:
    empty.token[:] = [empty.control.open_session(empty.administrator.username, jwt_based=True)]
    assert create("--json").document["error"]["name"] == "ConsumerKeyNotShown"
    document = create("--json", consumer_key=empty.consumer_key).document
    assert document["consumer_key"] == empty.consumer_key
    assert [len(empty.parts(kind.name)) for kind in APP_TYPES] == [1] * len(APP_TYPES)


def test_a_key_that_only_setup_shows_is_typed(create: Create, empty: Empty) -> None:
    empty.control.change_settings(shows_consumer_key=False, serves_credentials=False)
    create("--json")
    ended = create(typed=f"y\nn\n\n{empty.consumer_key}\n")
    assert ended.code == 0, ended.stderr
    assert "Consumer key" in ended.stderr


@pytest.mark.parametrize("missing", [rights.MODIFY_METADATA, rights.ASSIGN_PERMISSION_SETS])
def test_a_missing_right_is_named_by_its_label(create: Create, empty: Empty, missing: str) -> None:
    beside = {rights.MODIFY_ALL_DATA, rights.MANAGE_USERS, missing}
    empty.control.grant(empty.administrator.username, rights.ADMINISTRATOR - beside)
    ended = create("--json")
    assert ended.code == 1
    assert rights.LABELS[missing] in ended.document["error"]["cause"]


def test_production_wants_its_id_with_yes(create: Create, empty: Empty) -> None:
    empty.control.change_settings(is_sandbox=False)
    ended = create("--json")
    assert ended.document["error"]["name"] == "ProductionNotNamed"
    assert empty.is_untouched
    org_id = ended.document["error"]["remedy"].rpartition(" ")[2].rstrip(".")
    assert create("--json", org_id=org_id).code == 0


def test_a_wrong_org_id_is_refused_before_anything(create: Create, empty: Empty) -> None:
    ended = create("--json", org_id="00Dxx0000000002")
    assert ended.document["error"]["name"] == "OtherOrg"
    assert empty.is_untouched


def test_a_user_who_is_not_there_is_told_with_those_that_are_near(create: Create, empty: Empty) -> None:
    ended = create(username=f"{empty.username}.uat")
    assert empty.username in ended.cause or "integ" in ended.cause
    assert empty.is_untouched


@pytest.mark.parametrize(("status", "name"), [("inactive", "UserInactive"), ("locked", "UserFrozen")])
def test_a_user_who_may_not_log_in_is_told_before_anything(
    create: Create, empty: Empty, status: Any, name: str
) -> None:
    empty.control.put_user(User(username=empty.username, status=status))
    assert create("--json").document["error"]["name"] == name
    assert empty.is_untouched


def test_without_a_session_it_says_how_to_give_one(sfmint: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SFMINT_ADMIN_ACCESS_TOKEN", raising=False)
    ended = sfmint("app", "create", "orders", "--username", "u@example.com", "--no-store")
    assert ended.code == 1
    assert "--org ALIAS" in ended.remedy


def test_the_administrators_session_is_never_written_down(create: Create, empty: Empty, tmp_path: Path) -> None:
    create("--json")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert empty.administrator.token not in path.read_text(errors="replace"), path


def test_a_connection_that_is_not_the_stacks_is_told_before_anything_is_changed(
    create: Create, account: Account, empty: Empty
) -> None:
    ended = create("--json", no_store=None)
    assert ended.document["error"]["name"] == "ConnectionNotFound"
    assert "make deploy PARAMETERS=" in ended.document["error"]["remedy"]
    assert empty.is_untouched
    assert not account.has_secrets()


def test_an_admin_connection_of_which_nobody_gets_a_token_is_made_like_any_other(
    create: Create, empty: Empty, account: Account
) -> None:
    empty.name = f"admin-{empty.name}"
    account.cloud_formation.deploy("acme", "my-org", token_hosts=empty.host)
    account.cloud_formation.stacks["acme"][0]["AdminConnections"] = empty.name
    ended = create(no_store=None)
    assert ended.code == 0, ended.stderr
    assert f"sfmint rotate start NAME --admin-connection {empty.name}" in ended.stderr


def test_the_credentials_that_work_are_stored_and_served(
    create: Create, deployed: Account, empty: Empty, sfmint: CommandLine
) -> None:
    sfmint.phrases.add("canary")
    ended = create("--json", no_store=None)
    assert ended.code == 0, ended.stdout
    stored = json.loads(deployed.secret(empty.name))
    sfmint.keys.add(stored["private_key"])
    assert (stored["consumer_key"], stored["username"]) == (empty.consumer_key, empty.username)
    assert stored["org_id"] == ended.document["org_id"]
    assert stored["token_lifetime"] == 900
    assert (ended.document["done"], ended.document["served"]["fingerprint"]) == ("created", ANSWER["fingerprint"])


@pytest.mark.parametrize("former", [True, False])
def test_a_token_of_before_that_memory_still_serves_is_told_from_the_new_one(
    create: Create, deployed: Account, *, former: bool
) -> None:
    minted = "0123456789abcdef" if former else ANSWER["fingerprint"]
    deployed.keeper.answers["refresh"] = LOGGED_IN | {"fingerprint": minted}
    ended = create(no_store=None)
    assert ended.code == 0
    assert ("still serves the token of before" in ended.stderr) is former


def test_what_is_stored_is_replaced_once_the_stack_has_logged_in(
    create: Create, deployed: Account, empty: Empty, sfmint: CommandLine
) -> None:
    name = f"sfmint/acme/{empty.name}"
    former = json.dumps({"consumer_key": "k", "username": "former", "token_host": "https://acme.my.salesforce.com"})
    deployed.secrets.create_secret(Name=name, SecretString=former)
    ended = create("--json", no_store=None)
    stored = json.loads(deployed.secret(empty.name))
    sfmint.keys.add(stored["private_key"])
    assert (ended.document["done"], deployed.keeper.tried) == ("replaced", [empty.username])
    assert deployed.staged("AWSPREVIOUS", empty.name) == former
    assert f"changed: the secret {name}" in ended.stderr


def test_an_answer_of_aws_that_is_lost_is_made_up_for_by_the_same_command(
    create: Create, deployed: Account, empty: Empty, failing: Callable[..., Any]
) -> None:
    for number in range(8):
        with failing(number, after=True):
            create("--json", no_store=None)
    ended = create("--json", no_store=None)
    assert ended.code == 0, ended.stdout
    assert len(empty.parts(APP.name)) == 1
    assert json.loads(deployed.secret(empty.name))["consumer_key"] == empty.consumer_key


@pytest.mark.parametrize("obstacle", ["host", "deletion"])
def test_what_keeps_the_secret_from_being_stored_is_told_before_the_org_is_changed(
    create: Create, deployed: Account, empty: Empty, obstacle: str
) -> None:
    if obstacle == "host":
        deployed.cloud_formation.stacks["acme"][0]["TokenHosts"] = ""
    else:
        deployed.secrets.create_secret(Name=f"sfmint/acme/{empty.name}", SecretString="x")
        deployed.secrets.delete_secret(SecretId=f"sfmint/acme/{empty.name}")
    error = create("--json", no_store=None).document["error"]
    assert error["name"] == {"host": "HostNotListed", "deletion": "SecretDeleted"}[obstacle]
    assert empty.is_untouched


def test_a_broker_that_gives_no_token_is_told_with_what_is_stored(
    create: Create, deployed: Account, empty: Empty
) -> None:
    deployed.parameters.delete_parameter(Name=f"/sfmint/acme/connections/{empty.name}/broker")
    ended = create("--json", no_store=None)
    assert "the broker gives no token" in ended.document["error"]["cause"]
    assert (ended.document["done"], ended.document["served"]) == ("created", None)
