"""`sfmint status`."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from cli.command_line import CommandLine
from cli.conftest import Account
from cli.fake_keeper import EMPTY_ROW
from lambda_service import DENIED
from sfmint.salesforce.access_token import iso8601

F, KEY = "0123456789abcdef", "0f1e2d3c4b5a6978"


def row(*, age_s: float = 60, soft_s: float = 400, hard_s: float = 800, **more: Any) -> dict[str, Any]:
    """Return a row with a token: ages and times to come, in seconds."""
    now = time.time()
    token = {"fingerprint": F, "key_id": KEY, "fence": 7, "issued_at": iso8601(now - age_s)}
    return EMPTY_ROW | token | {"soft_expiry": iso8601(now + soft_s), "expires_at": iso8601(now + hard_s)} | more


def failure(error: str = "AssertionRejected", count: int = 3) -> dict[str, Any]:
    until = iso8601(time.time() + 300)
    return {"error": error, "reason": "inactive_user", "message": "It says no. Look.", "count": count, "until": until}


# Made when a test runs: a row that is written when the file is read has aged until then.
ROWS: dict[str, tuple[Callable[[], dict[str, Any]], str, int]] = {
    "fresh": (row, "fresh", 0),
    "due": (lambda: row(soft_s=-1), "due", 0),
    "expired": (lambda: row(soft_s=-400, hard_s=-1), "expired", 0),
    "never asked": (lambda: EMPTY_ROW, "no token", 0),
    "rejected": (lambda: row(rejected=F, reject_count=1), "no token", 0),
    "refused, and the old one is good": (lambda: row(soft_s=-1, failure=failure()), "failing", 1),
    "refused, and none is good": (lambda: row(hard_s=-1, failure=failure()), "failing", 1),
    "a fresh one that keeps being refused": (lambda: row(age_s=30, reject_count=3), "breaker open", 1),
    "one that was refused now and then": (lambda: row(age_s=30, reject_count=2), "fresh", 0),
    "no secret": (lambda: EMPTY_ROW | {"failure": failure("ConnectionNotFound")}, "no credentials", 1),
    "unreadable": (
        lambda: {"error": "CacheUnavailable", "message": "DynamoDB does not answer. Call again."},
        "unreadable",
        1,
    ),
    "a row of somebody else's": (
        lambda: {"fingerprint": 7, "issued_at": "x", "fence": {}, "tainted_keys": 3},
        "no token",
        0,
    ),
}


@pytest.mark.parametrize(("said", "state", "code"), ROWS.values(), ids=ROWS)
def test_a_connection_has_its_state(
    sfmint: CommandLine, account: Account, said: Callable[[], Any], state: str, code: int
) -> None:
    account.keeper.answers["status"] = {"build": "b17d", "connections": {"my-org": said()}}
    ended = sfmint("status", "my-org", "--json")
    assert ended.document["connections"]["my-org"]["state"] == state
    assert ended.document["build"] == "b17d"
    assert ended.code == code
    assert f"my-org      {state}" in sfmint("status", "my-org").stdout


def test_all_connections_stand_in_one_table_and_the_failing_ones_are_named(
    sfmint: CommandLine, account: Account
) -> None:
    rows = {"my-org": row(failure=failure()), "other-org": row(age_s=7300)}
    account.keeper.answers["status"] = {"build": "", "connections": rows}
    ended = sfmint("status")
    head, first, second, build = ended.stdout.splitlines()
    assert head.split("  ")[0] == "connection"
    assert first.split()[:2] == ["my-org", "failing"]
    assert "It says no. (3 in a row, next login in" in first
    assert second.split()[:5] == ["other-org", "fresh", "2", "h", "1"]
    assert build.startswith("build of a plain deploy")
    assert ended.cause == "1 of 2 is failing: my-org."
    assert ended.remedy == "See why: sfmint why my-org"


@pytest.mark.parametrize(("reason", "shown"), [("inactive_user", "inactive_user"), ("\x1b[2J", ""), (7, "")])
def test_a_failure_is_told_with_its_reason_remedy_and_end(
    sfmint: CommandLine, account: Account, reason: object, shown: str
) -> None:
    remembered = failure() | {"reason": reason}
    account.keeper.answers["status"] = {"build": "b", "connections": {"my-org": row(failure=remembered)}}
    told = sfmint("status", "--json").document["connections"]["my-org"]["failure"]
    assert told == {
        "name": "AssertionRejected",
        "reason": shown,
        "cause": "It says no.",
        "remedy": "Look.",
        "count": 3,
        "until": remembered["until"],
    }


@pytest.mark.parametrize("build", ["35a967caba39", "b" * 64, "0" * 12, "9f8e7d6c5b4a39281706f5e4d3c2b1a0"])
def test_a_build_is_shown_as_it_is(sfmint: CommandLine, account: Account, build: str) -> None:
    account.keeper.answers["status"] = {"build": build, "connections": {"my-org": row()}}
    assert sfmint("status").stdout.splitlines()[-1] == f"build {build}"


@pytest.mark.parametrize("build", ["00Dxx0000000001!AQEAQfake.token_of_somebody.else", "a" * 65, ["\x1b[2J"]])
def test_what_is_no_build_is_shown_without_what_may_be_a_secret(
    sfmint: CommandLine, account: Account, build: object
) -> None:
    account.keeper.answers["status"] = {"build": build, "connections": {"my-org": row()}}
    shown = sfmint("status").stdout.splitlines()[-1]
    assert "AQEA" not in shown
    assert "\x1b" not in shown
    assert len(shown) < 100


def test_one_event_asks_for_rows_alone(sfmint: CommandLine, account: Account) -> None:
    account.keeper.answers["status"] = {"build": "", "connections": {"my-org": EMPTY_ROW, "other-org": row()}}
    assert sfmint("status").code == 0
    [asked] = account.functions.invocations
    assert (asked.function.rpartition(":")[2], asked.event) == ("observe", {"action": "status"})
    assert not account.has_secrets()


def test_sixty_connections_cost_one_event(sfmint: CommandLine, account: Account) -> None:
    names = [f"org-{number}" for number in range(60)]
    account.cloud_formation.deploy("acme", *names)
    account.keeper.answers["status"] = {"build": "b", "connections": {name: row() for name in names}}
    ended = sfmint("status")
    assert [line.split()[0] for line in ended.stdout.splitlines()[1:-1]] == names
    assert len(account.functions.invocations) == 1
    assert "60 connections" in ended.stderr


@pytest.mark.parametrize(
    "said", [{}, {"other-org": EMPTY_ROW}, {"my-org": None}, {"": EMPTY_ROW, "\x1b[2J": row()}, None]
)
@pytest.mark.parametrize("words", [(), ("my-org",)], ids=["all", "one"])
def test_a_connection_that_the_keeper_leaves_out_is_not_taken_for_a_good_one(
    sfmint: CommandLine, account: Account, said: Any, words: tuple[str, ...]
) -> None:
    account.keeper.answers["status"] = {"build": "b", "connections": said}
    ended = sfmint("status", *words, "--json")
    assert ended.code == 1
    assert ended.document["connections"]["my-org"]["state"] == "unreadable"
    assert ended.document["connections"].keys() <= {"my-org", "other-org"}


@pytest.mark.parametrize(
    ("build", "shown"), [("a0aedba6db8e", "a0aedba6db8e"), ("0" * 64, "0" * 64), ("\x1b", ""), (7, "")]
)
def test_the_build_is_shown_as_it_was_deployed(
    sfmint: CommandLine, account: Account, build: object, shown: str
) -> None:
    account.keeper.answers["status"] = {"build": build, "connections": {"my-org": row()}}
    assert sfmint("status", "my-org", "--json").document["build"] == shown


def test_a_connection_that_is_not_the_stacks_is_not_asked_for(sfmint: CommandLine, account: Account) -> None:
    assert "has no connection" in sfmint("status", "third").cause
    assert account.functions.invocations == []


def test_what_lambda_refuses_is_told(sfmint: CommandLine, account: Account) -> None:
    account.keeper.answers["status"] = DENIED
    assert sfmint("status", "--json").document["error"]["name"] == "AccessDenied"
