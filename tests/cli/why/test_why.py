"""`sfmint why`: from logs as the functions write them, and rows as the keeper tells them."""

import json
import time
from typing import Any

import pytest

from cli.command_line import CommandLine, Ended
from cli.conftest import Account
from cli.fake_keeper import EMPTY_ROW
from cli.why.fake_logs import FakeLogs, refusal
from cli.why.log_writer import LogWriter, request_id
from lambda_service import DENIED, FunctionError
from sfmint.errors import AssertionRejected
from sfmint.salesforce.access_token import iso8601
from sfmint.salesforce.login_failures.table import REASONS
from sfmint.telemetry import (
    Minted,
    NotMinted,
    RefreshFailed,
    Served,
    ServedFromMemory,
    TokenRefused,
    TokenRejected,
)
from sfmint.telemetry.operators import Flushed, Tainted

F, G, KEY = "0123456789abcdef", "fedcba9876543210", "0f1e2d3c4b5a6978"
AGO_S = 600.0
ME: dict[str, Any] = {"connection": "my-org"}


@pytest.fixture
def then() -> float:
    """Some minutes ago, on a whole minute."""
    return (time.time() - AGO_S) // 60 * 60


def has_row(account: Account, **row: Any) -> None:
    account.keeper.answers["status"] = {"build": "b", "connections": {"my-org": EMPTY_ROW | row}}


def causes(ended: Ended) -> list[str]:
    return [each["name"] for each in ended.document["why"]]


def refused(error: str, cause: str, remedy: str = "") -> TokenRefused:
    return TokenRefused(**ME, error=error, cause=cause)


def test_a_refused_call_is_found_by_its_minute(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    reason = REASONS["user_not_admin_approved"]
    log.emit(NotMinted(**ME, reason=reason.code, said="user hasn't approved", key_id=KEY, fence=7), at=then + 5)
    log.emit(refused("AssertionRejected", reason.told().cause), at=then + 5.1)
    ended = sfmint("why", "my-org", "--at", iso8601(then)[:16], "--utc", "--json")
    [found] = ended.document["why"]
    assert (found["name"], found["request_id"]) == (reason.code, request_id(1))
    assert found["remedy"] == list(reason.told().steps)
    shown = sfmint("why", "my-org", "--at", iso8601(then)[:16], "--utc").stdout
    assert reason.told().cause in " ".join(shown.split())
    assert iso8601(then + 5) in shown
    assert request_id(1) in shown


def test_lines_are_not_needed_where_the_metrics_are(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    log.quiet = True  # LogLevel=CRITICAL
    log.emit(NotMinted(**ME, reason="inactive_user", key_id=KEY, fence=7), at=then + 5)
    log.emit(refused("AssertionRejected", "It says no."), at=then + 5.1)
    assert causes(sfmint("why", "my-org", "--at", iso8601(then), "--json")) == ["inactive_user"]


def test_a_call_is_found_by_its_request_id_and_so_is_the_failure_that_it_met(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    log.emit(
        NotMinted(**ME, reason="inactive_user", key_id=KEY, fence=7), at=then - 1500, call=1, function="token_keeper"
    )
    log.emit(refused("AssertionRejected", REASONS["inactive_user"].told().cause), at=then, call=2)
    ended = sfmint("why", "my-org", "--request-id", request_id(2), "--json")
    [found] = ended.document["why"]
    assert found["name"] == "inactive_user"
    assert found["cause"].startswith("A login failed before, and that is remembered: ")


def test_a_login_that_has_succeeded_since_is_not_blamed(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    log.emit(NotMinted(**ME, reason="inactive_user", key_id=KEY, fence=7), at=then - 900, call=1)
    log.emit(Minted(**ME, fingerprint=F, key_id=KEY, fence=8, duration_ms=9), at=then - 600, call=3)
    log.emit(refused("SalesforceUnavailable", "Nothing that is in a table."), at=then, call=2)
    assert causes(sfmint("why", "my-org", "--request-id", request_id(2), "--json")) == ["SalesforceUnavailable"]


def test_a_call_of_another_connection_says_whose_it_is(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    log.emit(TokenRefused(connection="other-org", error="InternalError", cause="x"), at=then, call=2)
    ended = sfmint("why", "my-org", "--request-id", request_id(2))
    assert "'other-org'" in ended.cause
    assert f"sfmint why other-org --request-id {request_id(2)}" in ended.remedy


def test_a_token_of_another_connection_says_whose_it_is(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    log.emit(Minted(connection="other-org", fingerprint=G, key_id=KEY, fence=7, duration_ms=9), at=then, call=1)
    log.emit(Minted(**ME, fingerprint=F, key_id=KEY, fence=7, duration_ms=9), at=then + 9, call=2)
    ended = sfmint("why", "my-org", "--fingerprint", G)
    assert "'other-org'" in ended.cause
    assert f"sfmint why other-org --fingerprint {G}" in ended.remedy


def test_a_session_that_two_connections_share_is_told_of_each(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    for number, name in enumerate(("other-org", "my-org")):
        log.emit(Minted(connection=name, fingerprint=F, key_id=KEY, fence=7, duration_ms=9), at=then, call=number)
    log.emit(Minted(connection="other-org", fingerprint=G, key_id=KEY, fence=8, duration_ms=9), at=then + 9, call=2)
    assert causes(sfmint("why", "my-org", "--fingerprint", F, "--json")) == ["not_current"]


def test_a_token_that_was_kept_though_it_was_reported_is_not_at_fault(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    log.emit(Minted(**ME, fingerprint=F, key_id=KEY, fence=7, duration_ms=9), at=then, call=1)
    log.emit(TokenRejected(**ME, fingerprint=F, outcome="limited"), at=then + 9, call=2)
    assert causes(sfmint("why", "my-org", "--fingerprint", F, "--json")) == ["limited"]
    log.emit(TokenRejected(**ME, fingerprint=F, outcome="dropped"), at=then + 99, call=3)
    assert causes(sfmint("why", "my-org", "--fingerprint", F, "--json")) == ["rejected"]


@pytest.mark.parametrize(
    ("cause", "name"),
    [
        (f"The key {KEY} is tainted.", "InvalidCredentials"),
        ("The secret may not be read.", "InvalidCredentials"),
        ("Nothing that anybody knows.", "InvalidCredentials"),
    ],
)
def test_an_error_is_explained_whatever_its_sentence_is(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float, cause: str, name: str
) -> None:
    log.emit(refused(name, cause), at=then)
    [found] = sfmint("why", "my-org", "--at", iso8601(then), "--json").document["why"]
    assert found["remedy"]
    assert found["cause"]


def test_who_waited_in_vain_hears_of_the_login_that_was_under_way(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    log.emit(refused("RefreshInProgress", "Another caller is logging in."), at=then, call=1)
    log.emit(Minted(**ME, fingerprint=F, key_id=KEY, fence=8, duration_ms=9000), at=then + 2, call=3)
    [found] = sfmint("why", "my-org", "--at", iso8601(then), "--json").document["why"]
    assert f"a login gave the token {F}" in found["cause"]


def test_a_rest_request_is_explained_by_the_brokers_refusal_of_its_token(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    log.emit(NotMinted(**ME, reason="inactive_user", key_id=KEY, fence=7), at=then, call=1)
    log.emit(refused("AssertionRejected", "No."), at=then + 0.1, call=1)
    log.rest(at=then + 0.3, call=2, error="AssertionRejected")
    [found] = sfmint("why", "my-org", "--request-id", request_id(2), "--json").document["why"]
    assert found["name"] == "inactive_user"
    assert request_id(1) in found["cause"]


def test_a_rest_request_that_salesforce_refused_is_explained_as_the_client_does(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    log.rest(at=then, call=2, error="SalesforceBadRequest", status=400, error_code="MALFORMED_QUERY", fingerprint=F)
    [found] = sfmint("why", "my-org", "--request-id", request_id(2), "--json").document["why"]
    assert found["name"] == "MALFORMED_QUERY"
    assert found["remedy"]


def test_an_invocation_that_lambda_ended_is_named(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    log.text(f"2026-11-28T10:42:00.000Z {request_id(9)} Task timed out after 30.00 seconds\n", at=then)
    for words in (("--request-id", request_id(9)), ("--at", iso8601(then))):
        [found] = sfmint("why", "my-org", *words, "--json").document["why"]
        assert found["name"] == "the function timed out"


def test_a_token_that_was_reported_dropped_and_replaced_tells_its_life(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    log.emit(Minted(**ME, fingerprint=F, key_id=KEY, fence=7, duration_ms=9), at=then, call=1)
    log.emit(ServedFromMemory(**ME, fingerprint=F), at=then + 1, call=2)
    log.emit(TokenRejected(**ME, fingerprint=F, outcome="dropped"), at=then + 60, call=3)
    log.emit(Minted(**ME, fingerprint=G, key_id=KEY, fence=8, duration_ms=9), at=then + 61, call=3)
    log.emit(Served(**ME, fingerprint=G, source="minted", duration_ms=9), at=then + 61, call=3)
    ended = sfmint("why", "my-org", "--fingerprint", F, "--json")
    assert causes(ended) == ["rejected", "replaced"]
    assert ended.document["token"] == {
        "fingerprint": F,
        "minted": iso8601(then),
        "key_id": KEY,
        "rejected": iso8601(then + 60),
        "replaced": f"{iso8601(then + 61)}, by {G}",
    }
    shown = sfmint("why", "my-org", "--fingerprint", F).stdout
    assert "a caller reported that Salesforce refuses the token" in shown


@pytest.mark.parametrize(
    ("record", "name"), [(Flushed(**ME), "flushed"), (Tainted(**ME, key_id=KEY), "tainted")], ids=["flush", "taint"]
)
def test_what_an_operator_did_to_a_token_is_told(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float, record: Any, name: str
) -> None:
    log.emit(Minted(**ME, fingerprint=F, key_id=KEY, fence=7, duration_ms=9), at=then, call=1)
    log.emit(record, at=then + 240, call=2, function="token_keeper")
    assert causes(sfmint("why", "my-org", "--fingerprint", F, "--json")) == [name]


@pytest.mark.parametrize(("left_s", "name"), [(-60, "expired"), (300, "served")])
def test_the_row_tells_of_its_own_token(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float, left_s: int, name: str
) -> None:
    row = {"fingerprint": F, "key_id": KEY, "issued_at": iso8601(then), "soft_expiry": iso8601(then + 400)}
    has_row(account, **row, expires_at=iso8601(time.time() + left_s))
    assert causes(sfmint("why", "my-org", "--fingerprint", F, "--json")) == [name]


def test_without_an_event_it_tells_of_the_last_hour(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    log.emit(RefreshFailed.by("my-org", AssertionRejected("No.", remedy="Look.")), at=then, call=1)
    log.emit(Served(**ME, fingerprint=F, source="cache", duration_ms=9), at=then + 1, call=1)
    has_row(
        account, failure={"error": "AssertionRejected", "message": "It says no. Look.", "until": "2027-01-01T00:00:00Z"}
    )
    ended = sfmint("why", "my-org")
    assert "the old token was served, for its refresh failed" in ended.stdout
    assert "failing, until 2027-01-01T00:00:00Z: It says no." in ended.stdout
    assert "next: when it is repaired, to forget the failure: sfmint flush my-org" in ended.stderr


@pytest.mark.parametrize("error", ["SalesforceUnavailable", "CacheUnavailable"])
def test_nobody_is_told_to_flush_for_a_failure_that_passes(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float, error: str
) -> None:
    log.emit(Served(**ME, fingerprint=F, source="cache", duration_ms=9), at=then, call=1)
    has_row(account, failure={"error": error, "message": "It is down. Wait.", "until": "2027-01-01T00:00:00Z"})
    said = sfmint("why", "my-org").stderr
    assert "sfmint flush" not in said
    assert "sfmint refresh my-org" in said


def test_a_quiet_hour_is_no_failure(sfmint: CommandLine, account: Account, log: LogWriter) -> None:
    ended = sfmint("why", "my-org")
    assert ended.code == 0
    assert "nothing went wrong, as far as the logs say" in ended.stdout


@pytest.mark.parametrize("question", [("--fingerprint", F), ("--request-id", request_id(1)), ("--at", "00:00")])
def test_nothing_found_says_where_was_looked_and_why_it_may_be_missing(
    sfmint: CommandLine, account: Account, log: LogWriter, question: tuple[str, str]
) -> None:
    ended = sfmint("why", "my-org", *question)
    assert ended.code == 1
    assert "the logs of broker, keeper and request" in ended.cause
    assert "LogRetentionDays" in ended.remedy
    assert "IAM refuses a caller before any function runs" in ended.remedy
    assert sfmint("why", "my-org", *question, "--json").document["error"]["name"] == "NothingFound"


def test_logs_that_are_gone_are_named(sfmint: CommandLine, account: Account, then: float) -> None:
    import botocore.session

    writer = LogWriter(botocore.session.Session().create_client("logs"))
    writer.create("token-broker")
    writer.emit(refused("InternalError", "x at y:1"), at=then)
    ended = sfmint("why", "my-org", "--at", iso8601(then), "--json")
    assert ended.document["looked_through"]["missing"] == [
        "/aws/lambda/acme-salesforce-request",
        "/aws/lambda/acme-token-keeper",
    ]


@pytest.mark.parametrize("answer", [DENIED, FunctionError({"errorType": "InternalError", "errorMessage": "A. B."})])
def test_the_logs_tell_even_where_the_row_does_not(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float, answer: Any
) -> None:
    account.keeper.answers["status"] = answer
    log.emit(refused("InternalError", "x at y:1"), at=then)
    ended = sfmint("why", "my-org", "--at", iso8601(then))
    assert ended.code == 0
    assert "the row could not be read" in ended.stdout


def test_it_asks_for_rows_alone(sfmint: CommandLine, account: Account, log: LogWriter) -> None:
    sfmint("why", "my-org")
    [asked] = account.functions.invocations
    assert asked.function.endswith(":acme-token-keeper:observe")
    assert asked.event == {"action": "status", "connection": "my-org"}


@pytest.mark.parametrize(
    "words",
    [
        ("--at", "25:00"),
        ("--at", "yesterday"),
        ("--at", "2999-01-01T00:00Z"),
        ("--at", "0001-01-01T00:00+23:59"),
        ("--at", "9999-12-31T23:59-23:59"),
        ("--at", "10:42 pm"),
        ("--fingerprint", "xyz"),
        ("--request-id", "7"),
        ("--fingerprint", F, "--request-id", request_id(1)),
    ],
)
def test_what_names_nothing_is_a_usage_error(sfmint: CommandLine, account: Account, words: tuple[str, ...]) -> None:
    ended = sfmint("why", "my-org", *words)
    assert ended.code == 2
    assert account.functions.invocations == []


def test_a_time_that_cannot_be_read_is_answered_with_how_to_write_one(
    sfmint: CommandLine, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "2026-11-28T10:42:30Z" in sfmint("why", "my-org", "--at", "10.42").remedy
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        cause = sfmint("why", "my-org", "--at", "2026-10-25T02:30").cause
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "2026-10-25T00:30:00Z or 2026-10-25T01:30:00Z" in cause


@pytest.mark.parametrize(("option", "text"), [("--fingerprint", F), ("--request-id", request_id(171))])
def test_an_id_is_read_as_it_was_pasted(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float, option: str, text: str
) -> None:
    log.emit(Minted(**ME, fingerprint=F, key_id=KEY, fence=7, duration_ms=9), at=then, call=171)
    assert sfmint("why", "my-org", option, f"  {text.upper()}\t", "--json").code == 0


def test_where_the_logs_tell_nothing_the_row_still_does(sfmint: CommandLine, account: Account, log: LogWriter) -> None:
    remembered = {"error": "AssertionRejected", "message": "It says no. Look there.", "until": "2027-01-01T00:00:00Z"}
    has_row(account, failure=remembered)
    for words in ((), ("--at", "00:00"), ("--request-id", request_id(1))):
        assert "It says no. Look there." in sfmint("why", "my-org", *words).stdout


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_the_row_tells_even_where_the_logs_do_not(
    sfmint: CommandLine, account: Account, log: LogWriter, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    has_row(account, failure={"error": "AssertionRejected", "message": "It says no. Look there."})
    monkeypatch.setattr("sfmint_cli.aws_account.Account.logs", lambda _: FakeLogs(fails=lambda _: refusal(code)))
    ended = sfmint("why", "my-org")
    assert ended.stdout == "now: failing: It says no. Look there.\n"
    assert "/aws/lambda/acme-token-broker" in ended.cause
    assert sfmint("why", "my-org", "--json").document["state"] == "failing"


def test_a_stack_without_any_log_is_not_called_healthy(sfmint: CommandLine, account: Account) -> None:
    assert sfmint("why", "my-org", "--json").document["error"]["name"] == "NoLogs"


def test_what_others_wrote_into_the_logs_steers_no_terminal_and_shows_no_token(
    sfmint: CommandLine, account: Account, log: LogWriter, then: float
) -> None:
    token = "00D5g000004aBcd!AQ0AQFx7OKeNc4n9Ry.a1Bc3De5fG7hI9jK2lM4nO6pQ8rS0tU"
    log.text(json.dumps({"message": "request refused", **ME, "cause": f"\x1b[2J{token}"}), at=then)
    log.text('{"message": 7, "connection": ["my-org"]}', at=then)
    log.text('{"_aws": {}, "connection": "my-org", "MintFailed": 1, "fence": "x", "key_id": 3}', at=then)
    log.text("{" * 3000 + "my-org", at=then)
    shown = sfmint("why", "my-org", "--at", iso8601(then)).stdout
    assert "\x1b" not in shown
    assert token not in shown
