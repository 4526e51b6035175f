"""What a line of the log means: the words and the metrics of one record are one event, and foreign lines are none."""

import json
from dataclasses import fields
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cli.why.log_writer import request_id
from sfmint.telemetry import (
    BY_CONNECTION,
    LoginCounted,
    Minted,
    NotMinted,
    Record,
    ServedFromMemory,
    TokenRefused,
    TokenRejected,
)
from sfmint_cli.why.calls import calls_of
from sfmint_cli.why.log_line import DIED, MESSAGES, TIMED_OUT, LogLine, read_line
from sfmint_cli.why.words import sentence_of
from sfmint_values.embedded_metrics import EmbeddedMetrics

IDS = st.text("0123456789abcdef", min_size=16, max_size=16)
WORDS = st.sampled_from(["orders", "my-org"])
RECORDS: st.SearchStrategy[Record] = st.one_of(
    st.builds(
        Minted, connection=WORDS, fingerprint=IDS, key_id=IDS, fence=st.integers(1, 99), duration_ms=st.integers(0, 9)
    ),
    st.builds(NotMinted, connection=WORDS, reason=st.just("inactive_user"), key_id=IDS, fence=st.integers(1, 99)),
    st.builds(TokenRejected, connection=WORDS, fingerprint=IDS, outcome=st.sampled_from(["dropped", "known"])),
    st.builds(TokenRefused, connection=WORDS, error=st.just("CacheUnavailable"), cause=st.just("KMS does not answer.")),
    st.builds(ServedFromMemory, connection=WORDS, fingerprint=IDS),
)
METRICS = EmbeddedMetrics(namespace="n", stack="acme", service="token_broker", by_connection=BY_CONNECTION)


def said(record: Record, call: int) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)} | {
        "function_request_id": request_id(call)
    }


@given(RECORDS, st.integers(0, 99))
def test_words_and_metrics_of_a_record_are_one_event(record: Record, call: int) -> None:
    told = said(record, call)
    words = read_line(
        json.dumps({"message": record.message, "level": record.level} | told), at=1, function="token_broker"
    )
    counted = read_line(METRICS.line(record.counts(), told, at=1), at=2, function="token_broker")
    assert words is not None
    assert counted is not None
    assert words.event == counted.event
    assert (words.request_id, words.connection) == (request_id(call), record.connection)


PLAIN = {"clock went back", "connections watched", TIMED_OUT, DIED}  # these are sentences as they are


def test_each_message_is_told_in_a_sentence() -> None:
    for message in MESSAGES - PLAIN:
        line = LogLine(at=1, function="token_broker", message=message, fields={})
        assert sentence_of(line) != message


def test_the_count_of_a_login_is_told_with_its_budget() -> None:
    counted = LoginCounted(connection="orders", logins=121, limit=240)
    line = read_line(METRICS.line(counted.counts(), said(counted, 1), at=1), at=1, function="token_keeper")
    assert line is not None
    assert sentence_of(line) == "this was login 121 of 240 that the Salesforce user has in this hour"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["message", "_aws", "fence", "cause"]), inner)
    ),
)


@given(st.text() | JSON.map(json.dumps) | st.sampled_from(["Task timed out after", "Runtime exited"]))
def test_any_line_is_one_of_ours_or_none(text: str) -> None:
    line = read_line(text, at=1, function="token_broker")
    assert line is None or line.message in MESSAGES


@given(st.lists(st.tuples(RECORDS, st.integers(0, 4), st.integers(0, 1000)), max_size=12))
def test_each_line_is_of_one_call_and_calls_are_in_order(given_lines: list[tuple[Record, int, int]]) -> None:
    lines: list[LogLine] = []
    for record, call, at in sorted(given_lines, key=lambda each: each[2]):
        line = read_line(json.dumps({"message": record.message} | said(record, call)), at=at, function="token_broker")
        assert line is not None
        lines.append(line)
    calls = calls_of(lines)
    assert sorted(map(id, lines)) == sorted(id(line) for call in calls for line in call.lines)
    assert [call.at for call in calls] == sorted(call.at for call in calls)
    assert all(len({line.request_id for line in call.lines}) == 1 for call in calls)
