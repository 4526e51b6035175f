"""What is looked through in CloudWatch, and where that ends."""

import json

import pytest

from cli.why.fake_logs import FakeLogs, refusal
from cli.why.log_writer import request_id
from sfmint_cli.result import Failed
from sfmint_cli.why.logs import MOST_LINES, WITHIN_S

GROUPS = [f"/aws/lambda/acme-{name}" for name in ("token-broker", "token-keeper", "salesforce-request")]
LINE = json.dumps({"message": "token served", "connection": "my-org"})


def full(lines: int, *, page: int = 1000, page_s: float = 0.0) -> FakeLogs:
    """Return logs in which each function has so many lines that fit."""
    return FakeLogs(
        groups={group: [(1000 + n, LINE) for n in range(lines)] for group in GROUPS}, page=page, page_s=page_s
    )


def test_every_page_of_every_function_is_read() -> None:
    client = full(25, page=10)
    logs = client.logs()
    logs.find('"my-org"', 0, 5000)
    assert (logs.lines, logs.cut, len(client.asked)) == (75, False, 9)
    assert [asked["logGroupName"] for asked in client.asked[::3]] == GROUPS


def test_no_page_is_asked_for_when_the_time_is_over_and_that_is_told() -> None:
    client = full(10_000, page=10, page_s=WITHIN_S / 10)
    logs = client.logs()
    assert logs.find('"my-org"', 0, 50_000)
    assert logs.cut
    assert len(client.asked) == 10
    logs.find('"other"', 0, 50_000)
    assert len(client.asked) == 10


def test_no_page_is_asked_for_after_so_many_lines() -> None:
    client = full(MOST_LINES * 2)
    logs = client.logs()
    logs.find('"my-org"', 0, 10**6)
    assert (logs.lines, logs.cut) == (MOST_LINES, True)


def test_who_waits_is_told_at_times_and_a_program_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    full(100, page=10, page_s=1).logs(quiet=True).find('"my-org"', 0, 5000)
    assert capsys.readouterr().err == ""
    full(100, page=10, page_s=1).logs(quiet=False).find('"my-org"', 0, 5000)
    told = capsys.readouterr().err.splitlines()
    assert 5 <= len(told) <= 10
    assert told[0] == f"Looking through {GROUPS[0]}: 30 lines so far."


def test_one_function_without_logs_leaves_the_others() -> None:
    client = full(1)
    del client.groups[GROUPS[1]]
    logs = client.logs()
    assert len(logs.find('"my-org"', 0, 5000)) == 2
    assert logs.missing == {GROUPS[1]}


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException", "ServiceUnavailableException"])
def test_a_group_that_cannot_be_read_is_named(code: str) -> None:
    client = full(1)
    client.fails = lambda group: refusal(code) if group == GROUPS[2] else None
    with pytest.raises(Failed) as failed:
        client.logs().find('"my-org"', 0, 5000)
    assert GROUPS[2] in failed.value.cause
    assert failed.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "{" * 300_000,
        '{"message": "request refused", "cause": ' + '["' * 20_000,
        json.dumps({"message": "request refused", "connection": "my-org", "cause": "x" * 300_000}),
        '{"message": "token served", "message": "request refused", "connection": "\\u001b[2J", "connection": "my-org"}',
        "\x00\x1b]0;x\x07my-org Task timed out after",
        "\ud800 my-org",
    ],
    ids=["braces", "nested", "long", "twice", "controls", "half a letter"],
)
def test_a_hostile_line_is_answered_and_steers_nothing(text: str) -> None:
    client = FakeLogs()
    client.text(text, at=1000)
    client.text(
        json.dumps(
            {
                "message": "request refused",
                "connection": "my-org",
                "error": "InternalError",
                "cause": "x",
                "function_request_id": request_id(2),
            }
        ),
        at=1000,
    )
    found = client.answer(now=1100)
    assert found.cases
    said = "".join(case.explained.cause + "".join(case.explained.steps) for case in found.cases)
    assert said.isprintable()
    assert len(said) < 10_000
