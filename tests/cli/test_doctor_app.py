"""`sfmint doctor` with an administrator's session: the app and its policies, against a login's needs and the secret."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import requests

from cli.command_line import Ended, options
from cli.patient import Examined, Patient, with_salesforce
from local.org_administrator import Administrator, hire
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.setup import components, rights
from sfmint_local.org.setup.components import Component
from sfmint_local.org.values import User
from sfmint_testing.fakes import FakeClock

if TYPE_CHECKING:
    from conftest import KeyPair

__all__ = ["with_salesforce"]

OF_APP = ("session", "app", "app_settings", "app_secret")


@dataclass(frozen=True, kw_only=True)
class Examine:
    """A connection whose app the program has made in the embedded org; called, it stores the secret and runs the doctor.

    Attributes:
        name: of the connection.
        username: of its user.
        control: of the org.
        said: what its secret says.
        store: stores one.
        run: runs the program with the administrator's session.
    """

    name: str
    username: str
    control: OrgControl
    said: dict[str, Any]
    store: Callable[[str, dict[str, Any]], None]
    run: Callable[..., Ended]

    def __call__(self, *flags: str, **changes: Any) -> Examined:
        self.store(self.name, self.said | changes)
        return Examined(self.run("doctor", self.name, *flags))


@pytest.fixture
def administrator(with_salesforce: Patient) -> Administrator:
    with requests.Session() as http:
        http.trust_env = False
        http.verify = with_salesforce.customer.control.ca
        return hire(with_salesforce.customer.control, http)


@pytest.fixture
def examine(
    with_salesforce: Patient, administrator: Administrator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Examine:
    """Make the app of a connection in the embedded org, store what came of it, and run the doctor on it."""
    control, sfmint = with_salesforce.customer.control, with_salesforce.run
    name = f"orders-{uuid4().hex[:8]}"
    username = control.put_user(User(username=f"integration-{uuid4().hex}@example.com")).username
    host = control.url.removeprefix("https://")

    def with_session(*words: object) -> Ended:
        monkeypatch.setenv("SFMINT_ADMIN_ACCESS_TOKEN", administrator.token)
        monkeypatch.setenv("SFMINT_ADMIN_INSTANCE_URL", control.url)
        return sfmint(*words, *options({"ca_bundle": control.ca, "allow_host": host}), "--json")

    control.change_settings(is_sandbox=True)
    sfmint.clock = FakeClock()
    made = with_session(
        *("app", "create", name, "--username", username, "--no-store", "--yes", "--out", tmp_path / "keys")
    ).document
    sfmint.clock = None
    said = {
        "consumer_key": made["consumer_key"],
        "username": username,
        "token_host": control.url,
        "private_key": Path(made["key"]).read_text(),
        "certificate": Path(made["certificate"]).read_text(),
    }
    sfmint.keys.add(said["private_key"])
    with_salesforce.account.cloud_formation.deploy("acme", "my-org", name, token_hosts=host)
    with_salesforce.account.secrets.create_secret(Name=f"sfmint/acme/{name}", SecretString="{}")
    return Examine(
        name=name,
        username=username,
        control=control,
        said=said,
        store=with_salesforce.store_as,
        run=with_session,
    )


def change(examine: Examine, kind: Any, **elements: str) -> None:
    """Change elements of a component of the app, as somebody may in Setup."""
    app = examine.name.replace("-", "_")
    found = next(part for part in examine.control.components(app) if part.type == kind.name)
    changed = Component(type=found.type, full_name=found.full_name, elements={**found.elements, **elements})
    examine.control.put_component(changed)


def test_an_app_that_was_made_by_the_program_is_well(examine: Examine) -> None:
    examined = examine()
    assert examined.wrong == []
    assert {examined[name]["outcome"] for name in OF_APP} == {"ok"}


def test_without_a_session_the_app_is_not_checked_and_it_says_how_it_can_be(
    with_salesforce: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SFMINT_ADMIN_ACCESS_TOKEN", raising=False)
    examined = with_salesforce.examined()
    assert examined.ended.code == 0
    assert {examined[name]["outcome"] for name in OF_APP} == {"not checked"}
    assert "--org ALIAS" in examined["session"]["remedy"]


def test_a_session_that_has_ended_is_told_and_is_no_fault_of_the_connection(
    examine: Examine, administrator: Administrator
) -> None:
    administrator.control.end_sessions(username=administrator.username)
    examined = examine()
    assert (examined["session"]["outcome"], examined.ended.code) == ("not checked", 0)
    assert "sf org login web" in examined["session"]["remedy"]


def test_a_right_that_the_session_lacks_is_named_by_its_label(examine: Examine, administrator: Administrator) -> None:
    administrator.control.grant(administrator.username, {rights.VIEW_SETUP})
    examined = examine()
    check = next(examined[name] for name in OF_APP if examined[name]["outcome"] != "ok")
    assert (check["outcome"], "lacks the right" in check["cause"], examined.ended.code) == ("not checked", True, 0)


def test_what_the_session_does_not_see_is_not_called_well(examine: Examine, administrator: Administrator) -> None:
    blind = administrator.control.open_session(administrator.username, jwt_based=True)
    object.__setattr__(administrator, "token", blind)  # which each run of the fixture gives
    examined = examine()
    assert examined.ended.code == 0
    outcomes = [examined[name]["outcome"] for name in OF_APP]
    assert outcomes.count("not checked") == 2
    assert any("were not compared" in examined[name]["cause"] for name in OF_APP)


def test_an_app_that_may_have_another_name_is_asked_for(examine: Examine) -> None:
    examined = examine("--app", "no_such_app")
    assert (examined["app"]["outcome"], examined["app"]["remedy"]) == (
        "not checked",
        "Name the connection's app with --app.",
    )


@pytest.mark.parametrize(
    ("kind", "elements", "words", "remedy"),
    [
        (
            components.OAUTH_POLICIES,
            {"permittedUsersPolicyType": "AllSelfAuthorized"},
            "permittedUsersPolicyType is AllSelfAuthorized, and wanted is AdminApprovedPreAuthorized.",
            "Admin approved users are pre-authorized",
        ),
        (components.APP_POLICIES, {"isEnabled": "false"}, "isEnabled is false", "enable the app"),
        (components.APP_POLICIES, {"isOauthPluginEnabled": "false"}, "isOauthPluginEnabled is false", "OAuth plugin"),
        (components.OAUTH, {"commaSeparatedOauthScopes": "Api"}, "scopes is Api", "RefreshToken"),
    ],
)
def test_a_policy_that_keeps_logins_from_working_is_told(
    examine: Examine, kind: Any, elements: dict[str, str], words: str, remedy: str
) -> None:
    change(examine, kind, **elements)
    check = examine()["app_settings"]
    assert check["outcome"] == "fault"
    assert words in check["cause"]
    assert remedy in check["remedy"]


def test_a_sandbox_that_was_refreshed_is_stored_with_all_that_is_new_at_once(examine: Examine) -> None:
    examined = examine(org_id="00Dxx0000000002", consumer_key="3MVG9.before")
    told = examined["app_secret"]
    assert "org_id is 00D" in told["cause"]
    assert f"--consumer-key {examine.said['consumer_key']} " in told["remedy"]
    assert told["remedy"].endswith(f"--org-id {examined['session']['cause'].split()[5]}.")


def test_the_id_of_a_refreshed_sandbox_is_told_with_the_command_that_stores_it(examine: Examine) -> None:
    told = examine(org_id="00Dxx0000000002")["app_secret"]
    assert (told["outcome"], "refresh of a sandbox" in told["remedy"]) == ("fault", True)


def test_an_app_that_the_sessions_org_lacks_is_not_made_in_another_org(
    examine: Examine, with_salesforce: Patient
) -> None:
    other = "no-such-org.invalid"
    with_salesforce.account.cloud_formation.stacks["acme"][0]["TokenHosts"] += f",{other}"
    told = examine("--app", "gone", token_host=f"https://{other}")["app"]
    assert (told["outcome"], f"the connection asks https://{other}" in told["cause"]) == ("not checked", True)


def test_the_app_that_the_secret_names_is_looked_at(examine: Examine) -> None:
    check = examine(app="named_there")["app"]
    assert check["cause"] == "The org shows no app named_there."


def test_an_app_that_has_the_certificate_of_a_pending_rotation_is_well(
    examine: Examine, with_salesforce: Patient, other_key_pair: "KeyPair"
) -> None:
    with_salesforce.run.keys.add(other_key_pair.pem)
    other = {"private_key": other_key_pair.pem, "certificate": other_key_pair.certificate}
    examine.store(examine.name, examine.said | other)
    with_salesforce.account.secrets.put_secret_value(
        SecretId=f"sfmint/acme/{examine.name}", SecretString=json.dumps(examine.said), VersionStages=["AWSPENDING"]
    )
    examined = Examined(examine.run("doctor", examine.name))
    assert examined.wrong == []
    assert "the rotation that is pending" in examined["app_secret"]["cause"]


def test_a_session_time_out_that_is_shorter_than_token_lifetime_is_told(examine: Examine) -> None:
    check = examine(token_lifetime=3600)["app_secret"]
    assert check["cause"] == "token_lifetime is 900 s, and wanted is 3600 s."
    assert "--token-lifetime 900" in check["remedy"]


def test_a_user_who_is_inactive_is_told_by_app_and_login(examine: Examine) -> None:
    examine.control.put_user(User(username=examine.username, status="inactive"))
    examined = examine()
    assert examined["login"]["outcome"] == "fault"
    assert examined["app_secret"]["cause"] == "user is inactive, and wanted is active."
