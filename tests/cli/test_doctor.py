"""`sfmint doctor` as a whole: all well, what it prints, what it stops for, and what it leaves as it is."""

import re
import threading
from typing import TYPE_CHECKING, Any, cast

import click
import pytest
from botocore.client import BaseClient

from cli.patient import Patient, patient, with_salesforce
from sfmint_cli.doctor import runner
from sfmint_cli.doctor.checks import CHECKS, ROLE
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.doctor.runner import Check, Result, results
from sfmint_cli.pasteable import sfmint as command_line
from sfmint_cli.result import Failed
from sfmint_values.system import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["patient", "with_salesforce"]

READS = re.compile(r"(Describe|Get|List|Simulate)\w+|Invoke")


def test_a_connection_that_is_well_is_told_so(patient: Patient) -> None:
    examined = patient.examined()
    assert examined.wrong == []
    assert examined.not_checked == [
        "lifetime",
        "session",
        "app",
        "app_settings",
        "app_secret",
    ]  # without an administrator's session
    assert examined.ended.code == 0
    assert patient.customer.logins == 1


def test_each_check_is_told_as_it_ends_with_cause_and_remedy(patient: Patient) -> None:
    patient.store(audience="https://login.salesforce.com")
    ended = patient.run("doctor", "my-org", "--ca-bundle", patient.customer.control.ca)
    lines = ended.stdout.splitlines()
    assert lines[0] == "ok           The stack: acme in us-east-1 has 2 connections."
    at = lines.index("fault        Login from here: Salesforce refuses the assertion's audience.")
    assert lines[at + 1] == (
        "             remedy: Set audience in the secret to the org's My Domain for an External Client App."
    )
    assert "not checked  Scopes: It builds on a check that is not ok: Login from here." in lines
    assert ended.cause == "Login from here: Salesforce refuses the assertion's audience."
    assert ended.code == 1


def test_with_json_progress_goes_beside_the_one_document(patient: Patient) -> None:
    examined = patient.examined()
    assert "The secret: ok\n" in examined.ended.stderr
    assert [check["check"] for check in examined.ended.document["checks"]] == [check.name for check in CHECKS]
    assert examined.ended.document["found_wrong"] == 0


def test_the_first_fault_is_what_the_run_ends_with_and_a_warning_only_without_one(with_salesforce: Patient) -> None:
    with_salesforce.store(certificate=None, org_id="00Dxx0000000002")
    secrets = with_salesforce.account.secrets
    secrets.put_secret_value(SecretId="sfmint/acme/my-org", SecretString="{}", VersionStages=["SFMINT_TRY"])
    error = with_salesforce.examined().ended.document["error"]
    assert error["cause"].startswith("Login from here: ")
    with_salesforce.store(certificate=None)
    assert with_salesforce.examined().ended.document["error"]["cause"].startswith("Its versions: ")


def test_it_changes_nothing(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    ask = vars(BaseClient)["_make_api_call"]

    def call(client: Any, operation: str, given: Any) -> Any:
        asked.add(operation)
        return ask(client, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    patient.examined()
    assert {operation for operation in asked if not READS.fullmatch(operation)} == set()
    assert {event["action"] for event in patient.account.functions.events} == {"status"}


def test_a_bundle_that_cannot_be_used_is_told_before_anything_is_asked(patient: Patient) -> None:
    ended = patient.run("doctor", "my-org", "--ca-bundle", "no-such-file")
    assert (ended.code, ended.stdout, patient.customer.logins) == (1, "", 0)


# -------------------------------------------------------------------------------------------------- the runner
def check(name: str, found: Finding | Exception, **more: Any) -> Check:
    def examine(_: object) -> Finding:
        if isinstance(found, Exception):
            raise found
        return found

    return Check(name=name, title=name.capitalize(), examine=examine, **more)


def run(*checks: Check) -> dict[str, Finding]:
    context = click.Context(click.Command("doctor"))
    found: Iterator[Result] = results(checks, cast("Any", None), SystemClock(), context)
    return {result.check.name: result.finding for result in found}


WELL, WRONG = Finding.ok("It is well."), Finding.fault("It is not.", "Mend it.")


def test_what_needs_a_failed_check_is_not_run_nor_what_needs_that() -> None:
    found = run(
        check("a", WRONG),
        check("b", AssertionError("never run"), needs=("a",)),
        check("c", AssertionError("never run"), needs=("b",)),
        check("d", WELL, after=("a",)),
        check("e", WELL),
    )
    assert [finding.outcome for finding in found.values()] == ["fault", "not checked", "not checked", "ok", "ok"]
    assert (found["b"].cause, found["c"].cause) == (
        "It builds on a check that is not ok: A.",
        "It builds on a check that is not ok: B.",
    )


def test_a_warning_keeps_nothing_from_being_checked() -> None:
    assert run(check("a", Finding.warning("Soon.", "Do it.")), check("b", WELL, needs=("a",)))["b"] == WELL


@pytest.mark.parametrize(
    ("error", "outcome", "words"),
    [
        (Failed("It is gone.", remedy="Make it."), "fault", "It is gone."),
        (Failed("No.", remedy="Ask.", name="AccessDenied"), "not checked", "No."),
        (KeyError("secret-canary"), "not checked", "sfmint met a fault of its own: KeyError at test_doctor:"),
    ],
)
def test_what_a_check_raises_is_what_it_has_found(error: Exception, outcome: str, words: str) -> None:
    finding = run(check("a", error))["a"]
    assert (finding.outcome, finding.cause.startswith(words)) == (outcome, True)
    assert "canary" not in finding.cause + finding.remedy
    assert finding.remedy


def test_a_check_that_hangs_holds_up_only_what_needs_it() -> None:
    forever = threading.Event()
    hanging = Check(name="a", title="A", examine=lambda _: WELL if forever.wait() else WRONG, bound_s=0.05)
    found = run(hanging, check("b", WELL, needs=("a",)), check("c", WELL))
    forever.set()
    assert [finding.outcome for finding in found.values()] == ["not checked", "not checked", "ok"]


def test_all_checks_together_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "ALL_S", 0.1)
    forever = threading.Event()
    hanging = Check(name="a", title="A", examine=lambda _: WELL if forever.wait() else WRONG, bound_s=600)
    found = run(hanging, check("b", WELL, after=("a",)))
    forever.set()
    assert [finding.outcome for finding in found.values()] == ["not checked", "not checked"]
    assert "were over" in found["b"].cause


def test_a_check_in_its_thread_names_commands_with_the_stack_that_was_given() -> None:
    context = click.Context(click.Command("doctor"))
    context.meta["sfmint.typed"] = {"--stack": "acme"}
    told = Check(name="a", title="A", examine=lambda _: Finding.fault("So.", command_line("flush", "my-org")))
    (result,) = results((told,), cast("Any", None), SystemClock(), context)
    assert result.finding.remedy == "sfmint --stack acme flush my-org"


def test_each_check_stands_after_those_it_waits_for_and_all_bounds_are_within_ten_seconds() -> None:
    seen: set[str] = set()
    for each in (*CHECKS, ROLE):
        assert {*each.needs, *each.after} <= seen
        assert each.name not in seen
        assert each.bound_s <= runner.ALL_S < 10
        seen.add(each.name)
