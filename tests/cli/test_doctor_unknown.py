"""`sfmint doctor` on what it has not seen: that is told as not checked, and never as well, nor as another fault."""

from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from cli.cloud_formation import EXPIRED, INVALID
from cli.fake_keeper import EMPTY_ROW
from cli.patient import Patient, patient, with_salesforce
from cli.test_doctor_login import LOGIN, elsewhere
from sfmint import clock_skew
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_cli.doctor import checks, login_checks
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.status.rows import Rows
from sfmint_cli.tool_logins import MOST, ToolLogins
from sfmint_local.org.values import User

__all__ = ["patient", "with_salesforce"]


# ------------------------------------------------------------------------------------------- host and audience
@pytest.mark.parametrize("code", [503, 429])
def test_a_pair_that_gave_no_answer_of_its_own_is_not_called_wrong(with_salesforce: Patient, code: int) -> None:
    with_salesforce.store(audience=LOGIN)
    with_salesforce.meets("oauth_error", error="app_not_found", description="no", times=1)
    with_salesforce.meets("status", code=code)
    check = with_salesforce.examined()["place"]
    assert (check["outcome"], "failed for another reason" in check["cause"]) == ("not checked", True)


def test_a_fault_behind_the_right_pair_is_told(with_salesforce: Patient) -> None:
    user = User(username=with_salesforce.customer.username, ip_restricted=True)
    with_salesforce.customer.control.put_user(user)
    with_salesforce.store(audience=LOGIN)
    with_salesforce.meets("oauth_error", error="invalid_grant", description="audience is invalid", times=1)
    examined = with_salesforce.examined()
    assert examined["login"]["cause"] == REASONS["wrong_audience"].told().cause
    assert REASONS["ip_restricted"].told().cause in examined["place"]["cause"]
    assert examined["place"]["outcome"] == "not checked"


def test_where_no_other_pair_may_be_tried_none_is_called_wrong(
    with_salesforce: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_checks, "_others", lambda _: iter(()))  # as of a site
    with_salesforce.meets("oauth_error", error="app_not_found", description="no")
    check = with_salesforce.examined()["place"]
    assert (check["outcome"], "no other was tried" in check["cause"]) == ("not checked", True)


def test_logins_that_are_used_up_half_way_do_not_hide_why_the_first_has_failed(with_salesforce: Patient) -> None:
    customer = with_salesforce.customer
    for _ in range(MOST - 1):
        ToolLogins.of_this_user().count(customer.control.url, customer.username)
    with_salesforce.store(audience=LOGIN)
    document = with_salesforce.run("doctor", "my-org", "--ca-bundle", customer.control.ca, "--json").document
    place = next(check for check in document["checks"] if check["check"] == "place")
    assert (place["outcome"], f"logged in {MOST} times" in place["cause"]) == ("not checked", True)
    assert document["error"]["cause"].startswith("Login from here: Salesforce refuses the assertion's audience")


# -------------------------------------------------------------------------------------------------- the address
def test_a_stack_that_has_never_logged_in_is_not_compared(with_salesforce: Patient) -> None:
    with_salesforce.account.keeper.answers["status"] = {"build": "", "connections": {"my-org": EMPTY_ROW}}
    check = with_salesforce.examined()["address"]
    assert (check["outcome"], check["remedy"].endswith(": sfmint refresh my-org")) == ("not checked", True)


def test_without_a_login_from_here_addresses_are_not_compared(with_salesforce: Patient) -> None:
    elsewhere(with_salesforce, "https://no-such-org.invalid")
    check = with_salesforce.examined()["address"]
    assert (check["outcome"], check["cause"].startswith("It depends on a login")) == ("not checked", True)


def test_how_long_an_opaque_token_lives_is_not_seen_from_here(with_salesforce: Patient) -> None:
    check = with_salesforce.examined()["lifetime"]
    assert (check["outcome"], "App against secret" in check["remedy"]) == ("not checked", True)


# --------------------------------------------------------------------------------------------------- the stack
@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("UPDATE_COMPLETE", ""),
        ("IMPORT_COMPLETE", ""),
        ("UPDATE_IN_PROGRESS", "half changed"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "half changed"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "half changed"),
        ("UPDATE_ROLLBACK_COMPLETE", "aws cloudformation describe-stack-events --stack-name acme"),
        ("UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name acme"),
        ("UPDATE_FAILED", "aws cloudformation describe-stack-events --stack-name acme"),
        ("DELETE_IN_PROGRESS", "--stack"),
        ("DELETE_FAILED", "--stack"),
    ],
)
def test_a_change_of_the_stack_is_told_and_hides_nothing(with_salesforce: Patient, status: str, words: str) -> None:
    with_salesforce.account.cloud_formation.status = status
    examined = with_salesforce.looked_at("stack", "secret")
    assert examined.wrong == (["stack"] if words else [])
    assert words in f"{examined['stack']['cause']} {examined['stack']['remedy']}"
    assert examined["secret"]["outcome"] == "ok"


@pytest.mark.parametrize("refusal", [EXPIRED, INVALID])
@pytest.mark.parametrize("behind_s", [-600.0, 600.0])
def test_credentials_that_a_wrong_clock_has_spoilt_are_not_renewed(
    with_salesforce: Patient, monkeypatch: pytest.MonkeyPatch, refusal: Any, behind_s: float
) -> None:
    monkeypatch.setattr(clock_skew, "behind_s", lambda *_: behind_s)
    with_salesforce.account.cloud_formation.refusal = refusal
    check = with_salesforce.looked_at("stack")["stack"]
    assert (check["outcome"], "10 minutes" in check["cause"]) == ("fault", True)
    assert check["remedy"] == "Set this machine's clock, for instance by NTP."


# --------------------------------------------------------------------------------------- what has no end
@pytest.mark.parametrize("name", ["stack", "login", "row"])
def test_a_check_that_has_not_ended_is_no_good_end(
    with_salesforce: Patient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    forever = Event()
    hanging = [
        replace(check, examine=lambda _: Finding.ok(str(forever.wait())), bound_s=0.05) if check.name == name else check
        for check in checks.CHECKS
    ]
    monkeypatch.setattr(checks, "CHECKS", tuple(hanging))
    examined = with_salesforce.examined()
    forever.set()
    assert (examined[name]["outcome"], examined.wrong, examined.ended.code) == ("not checked", [], 1)
    assert examined.ended.document["error"]["name"] == "NotEnded"


def test_a_fault_of_its_own_is_no_good_end(with_salesforce: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rows, "ask", lambda *_: int("none"))
    examined = with_salesforce.examined()
    assert "sfmint met a fault of its own" in examined["row"]["cause"]
    assert (examined.wrong, examined.ended.code) == ([], 1)
