"""`sfmint app show`: what the org has, against what a login needs and what the secret says."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import requests

from cli.command_line import CommandLine, Ended, options
from cli.conftest import Account
from local.org_administrator import hire
from sfmint_cli.apps.admin_session import TOKEN, URL
from sfmint_cli.apps.in_org import InOrg
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.components import Component
from sfmint_local.org.values import User
from sfmint_setup.app_files import AppPlan, components_of
from sfmint_setup.component import GLOBAL_OAUTH, OAUTH, OAUTH_POLICIES
from sfmint_setup.component import Component as SetupComponent
from sfmint_setup.package import files_of
from sfmint_setup.records import App as SetupApp
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from conftest import KeyPair


@dataclass(frozen=True, kw_only=True)
class Made:
    """An app in an org, and the secret that fits."""

    control: OrgControl
    plan: AppPlan
    consumer_key: str
    username: str
    org_id: str
    secret: dict[str, Any]


type Show = Callable[..., Ended]


@pytest.fixture
def http(org: OrgControl) -> Any:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = org.ca
        yield session


@pytest.fixture
def made(org: OrgControl, http: requests.Session, key_pair: "KeyPair") -> Made:
    from sfmint_client.rest.session import https_session
    from sfmint_setup.org import Org
    from sfmint_setup.wire import Wire
    from sfmint_testing.fakes import FakeClock

    name = f"orders_{uuid4().hex[:8]}"
    plan = AppPlan(
        name=name,
        label=name,
        contact_email="a@example.com",
        certificate=key_pair.certificate,
        token_lifetime_s=900,
    )
    clock = FakeClock()
    token = Secret(hire(org, http).token)
    wire = Wire(session=https_session(ca_bundle=org.ca), origin=org.url, token=token, clock=clock)
    notes: Any = None
    setup = Org(wire=wire, clock=clock, notes=notes)
    setup.deploy(files_of(components_of(plan)), check_only=False, observe=lambda _: None).require_success()
    app, permission_set = setup.app(name), setup.permission_set(plan.permission_set)
    username = org.put_user(User(username=f"{uuid4().hex}@example.com")).username
    user = setup.user(username)
    assert app is not None
    assert permission_set is not None
    assert user is not None
    setup.assign(user.id, permission_set.id)
    secret = {
        "consumer_key": app.consumer_key,
        "username": username,
        "token_host": "https://acme.my.salesforce.com",
        "private_key": key_pair.pem,
        "certificate": key_pair.certificate,
        "token_lifetime": 900,
    }
    return Made(
        control=org,
        plan=plan,
        consumer_key=str(app.consumer_key),
        username=username,
        org_id=setup.identity().org_id,
        secret=secret,
    )


@pytest.fixture
def show(sfmint: CommandLine, made: Made, http: requests.Session, monkeypatch: pytest.MonkeyPatch) -> Show:
    def run(*flags: str, held: tuple[str, ...] = (), jwt_based: bool = False, **given: Any) -> Ended:
        monkeypatch.setenv(TOKEN, hire(made.control, http, *held, jwt_based=jwt_based).token)
        monkeypatch.setenv(URL, made.control.url)
        host = made.control.url.removeprefix("https://")
        values = {"app": made.plan.name, "ca_bundle": made.control.ca, "allow_host": host} | given
        return sfmint("app", "show", "my-org", *options(values), *flags)

    return run


def store(account: Account, secret: dict[str, Any]) -> None:
    account.secrets.create_secret(Name="sfmint/acme/my-org", SecretString=json.dumps(secret))


def change(made: Made, kind: str, **elements: str) -> None:
    from dataclasses import replace

    part = next(each for each in made.control.components(made.plan.name) if each.type == kind)
    made.control.put_component(replace(part, elements={**part.elements, **elements}))


def test_an_app_that_is_as_it_should_be_is_shown_without_a_difference(show: Show, account: Account, made: Made) -> None:
    store(account, made.secret)
    ended = show("--json")
    assert ended.code == 0, ended.stdout
    facts = ended.document
    assert facts["differences"] == {}
    assert facts["app"]["consumer_key"] == made.consumer_key
    assert facts["app"]["session_timeout_s"] == 900
    assert facts["app"]["scopes"] == ["Api", "RefreshToken"]
    assert facts["certificate"]["valid_until"]
    assert facts["permission_sets"][made.plan.permission_set] == {"opens_the_app": True, "users": [made.username]}
    assert show().code == 0


def test_without_a_stack_the_app_is_held_against_what_a_login_needs(show: Show, made: Made) -> None:
    facts = show("--no-stack", "--json").document
    assert facts["differences"] == {}
    assert facts["org"]["id"] == made.org_id


SECRETS: dict[str, dict[str, Any]] = {
    "consumer_key": {"consumer_key": "3MVG9another"},
    "username": {"username": "somebody@example.com"},
    "token_lifetime": {"token_lifetime": 3600},
    "org_id": {"org_id": "00D000000000001EAA"},
}


@pytest.mark.parametrize("what", SECRETS)
def test_what_the_secret_says_otherwise_is_a_finding(show: Show, account: Account, made: Made, what: str) -> None:
    store(account, made.secret | SECRETS[what])
    ended = show("--json")
    assert ended.code == 1
    assert list(ended.document["differences"]) == [what]
    difference = ended.document["differences"][what]
    assert difference["org"] != difference["wanted"]
    assert difference["remedy"].endswith(".")
    assert ended.document["error"]["remedy"].startswith(f"{what}: ")


def test_another_key_than_the_certificates_is_a_finding(
    show: Show, account: Account, made: Made, other_key_pair: "KeyPair", sfmint: CommandLine
) -> None:
    sfmint.keys.add(other_key_pair.pem)
    store(account, made.secret | {"private_key": other_key_pair.pem, "certificate": other_key_pair.certificate})
    assert list(show("--json").document["differences"]) == ["key_id"]


ORGS: dict[str, tuple[str, dict[str, str]]] = {
    "permittedUsersPolicyType": (
        "ExtlClntAppOauthConfigurablePolicies",
        {"permittedUsersPolicyType": "AllSelfAuthorized"},
    ),
    "isOauthPluginEnabled": ("ExtlClntAppConfigurablePolicies", {"isOauthPluginEnabled": "false"}),
    "isEnabled": ("ExtlClntAppConfigurablePolicies", {"isEnabled": "false"}),
    "scopes": ("ExtlClntAppOauthSettings", {"commaSeparatedOauthScopes": "Api"}),
    "certificate": ("ExtlClntAppGlobalOauthSettings", {"certificate": ""}),
    "token_lifetime": ("ExtlClntAppOauthConfigurablePolicies", {"sessionTimeoutInMinutes": "30"}),
}


@pytest.mark.parametrize("what", ORGS)
def test_what_the_org_has_otherwise_is_a_finding(show: Show, account: Account, made: Made, what: str) -> None:
    store(account, made.secret)
    kind, elements = ORGS[what]
    change(made, kind, **elements)
    ended = show("--json")
    assert ended.code == 1
    assert what in ended.document["differences"]


def test_a_user_who_is_not_approved_is_a_finding(show: Show, account: Account, made: Made) -> None:
    username = made.control.put_user(User(username=f"{uuid4().hex}@example.com")).username
    store(account, made.secret | {"username": username})
    assert list(show("--json").document["differences"]) == ["approval"]


@pytest.mark.parametrize(("status", "words"), [("inactive", "inactive"), ("locked", "frozen")])
def test_a_user_who_may_not_log_in_is_a_finding(
    show: Show, account: Account, made: Made, status: Any, words: str
) -> None:
    made.control.put_user(User(username=made.username, status=status))
    store(account, made.secret)
    assert show("--json").document["differences"]["user"]["org"] == words


def test_an_app_that_is_not_there_is_told(show: Show) -> None:
    ended = show("--no-stack", "--json", app="nothing")
    assert ended.document["error"]["name"] == "AppNotFound"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15", 900), ("", None), ("soon", None), ("9" * 5000, None), ("-15", None), ("1.5", None), ("\u0661\u0665", None)],
)
def test_a_time_out_that_is_no_number_is_none(text: str, seconds: int | None) -> None:
    part = SetupComponent(type=OAUTH_POLICIES, full_name="p", elements={"sessionTimeoutInMinutes": text})
    app = SetupApp(
        id="0xI", name="a", kind="external", components={OAUTH_POLICIES: part}, consumer_key=None, certificate=None
    )
    org: Any = None
    assert InOrg(org=org, app=app, permission_sets=(), user=None, now=0.0).timeout_s == seconds


def test_an_old_app_is_shown_as_what_it_is(show: Show, made: Made, key_pair: "KeyPair") -> None:
    name = f"old_{uuid4().hex[:8]}"
    elements: dict[str, str | tuple[str, ...]] = {
        "label": name,
        "contactEmail": "ops@example.com",
        "oauthConfig.consumerKey": "3MVG9old",
        "oauthConfig.consumerSecret": "their consumer secret",
        "oauthConfig.certificate": "".join(key_pair.certificate.splitlines()[1:-1]),
        "oauthConfig.scopes": ("Api",),
        "permissionSetName": made.plan.permission_set,
    }
    made.control.put_component(Component(type="ConnectedApp", full_name=name, elements=elements))
    ended = show("--no-stack", "--json", app=name)
    facts = ended.document
    assert facts["app"]["kind"] == "Connected App"
    assert facts["app"]["consumer_key"] == "3MVG9old"
    assert facts["permission_sets"][made.plan.permission_set]["users"] == [made.username]
    assert list(facts["differences"]) == ["scopes"]
    assert "their consumer secret" not in ended.stdout


def test_a_right_that_is_missing_is_named(show: Show) -> None:
    ended = show("--no-stack", "--json", held=(rights.MODIFY_METADATA,))
    assert ended.document["error"]["name"] == "RightMissing"
    assert rights.LABELS[rights.APP_ADMIN] in ended.document["error"]["cause"]


def test_what_a_session_does_not_see_is_not_as_it_should_be(show: Show, account: Account, made: Made) -> None:
    store(account, made.secret)
    for flags in (("--json",), ("--no-stack", "--json")):
        ended = show(*flags, jwt_based=True)
        assert (ended.code, ended.document["error"]["name"]) == (1, "AppNotSeen")
        assert ended.document["app"]["not_seen"] == [GLOBAL_OAUTH, OAUTH, OAUTH_POLICIES]


def test_a_connection_without_credentials_is_told(show: Show, account: Account) -> None:
    assert account.secrets
    ended = show("--json")
    assert ended.document["error"]["name"] == "ConnectionNotFound"
    assert "--no-stack" in ended.document["error"]["remedy"]
