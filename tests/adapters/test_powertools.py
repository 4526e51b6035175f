"""Telemetry: one log line and one of metrics for each record, never an exception, and quiet libraries."""

import json
import logging
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest

from sfmint.adapters.powertools import PowertoolsTelemetry
from sfmint.telemetry import Minted, NotMinted, Record, Served, ServedFromMemory, TokenRefused
from sfmint.telemetry.operators import Flushed
from sfmint_testing.fakes import FakeClock

CLOCK = FakeClock()
type Say = Callable[..., list[dict[str, Any]]]

FIELDS = {"connection": "orders", "fingerprint": "0123456789abcdef", "key_id": "fedcba9876543210", "fence": 7}
MINTED = Minted(**FIELDS, duration_ms=312)  # type: ignore[arg-type]  # the types of a mixed dictionary


@dataclass(frozen=True, slots=True, kw_only=True)
class Unspeakable(Served):
    """A record whose metric is no text."""

    metric = ()  # type: ignore[assignment]


UNSPEAKABLE = Unspeakable(connection="billing", source="cache", fingerprint="0123456789abcdef", duration_ms=1)


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Say:
    """Emit a record, in an invocation if one is named, and return the lines that it makes."""
    # A name of its own: Powertools keeps a service's logger, and with it the output of an earlier test.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"test-{uuid4()}")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "INFO")
    made: list[PowertoolsTelemetry] = []
    output = StringIO()

    def say(record: Record, invocation: str = "") -> list[dict[str, Any]]:
        before = len(output.getvalue())
        with redirect_stdout(output):
            if not made:
                made.append(PowertoolsTelemetry(namespace="sfmint", stack="acme", clock=CLOCK))
            if invocation:
                made[0].begin(invocation)
            made[0].emit(record)
        return [json.loads(line) for line in output.getvalue()[before:].splitlines()]

    return say


def test_a_record_is_one_log_line_and_one_metric(say: Say) -> None:
    line, metric = say(MINTED)
    assert (line["level"], line["message"]) == ("INFO", "token minted")
    assert line["service"].startswith("test-")
    assert line.items() >= FIELDS.items() <= metric.items()
    assert metric["TokenMinted"] == 1


def test_each_line_names_its_invocation_and_no_former_one(say: Say) -> None:
    assert all("function_request_id" not in line for line in say(MINTED))  # at the start there is none
    for invocation in ("8f5a0c1e-1", "8f5a0c1e-2"):
        for record in (MINTED, UNSPEAKABLE, ServedFromMemory(connection="orders", fingerprint=MINTED.fingerprint)):
            lines = say(record, invocation)
            assert lines
            assert {line["function_request_id"] for line in lines} == {invocation}


def test_a_metric_is_counted_in_total_and_by_connection(say: Say) -> None:
    line, metric = say(MINTED)
    (directive,) = metric["_aws"]["CloudWatchMetrics"]
    assert directive == {
        "Namespace": "sfmint",
        "Dimensions": [["stack", "service"], ["stack", "service", "connection"]],
        "Metrics": [{"Name": "TokenMinted", "Unit": "Count"}],
    }
    assert (metric["stack"], metric["service"], metric["connection"]) == ("acme", line["service"], "orders")
    assert metric["_aws"]["Timestamp"] == int(CLOCK.now() * 1000)


def test_a_refusal_is_counted_by_its_class_in_total_and_by_connection_only_as_unserved(say: Say) -> None:
    _, metric = say(TokenRefused(connection="orders", error="AssertionRejected", cause="No."))
    by_connection, total = metric["_aws"]["CloudWatchMetrics"]
    assert [each["Name"] for each in by_connection["Metrics"]] == ["Unserved"]
    assert [each["Name"] for each in total["Metrics"]] == ["FailedAssertionRejected"]
    assert total["Dimensions"] == [["stack", "service"]]
    assert (metric["Unserved"], metric["FailedAssertionRejected"]) == (1, 1)


def test_what_belongs_to_no_connection_is_counted_in_total_only(say: Say) -> None:
    _, metric = say(TokenRefused(connection="-", error="ConnectionForbidden", cause="No."))
    (total,) = metric["_aws"]["CloudWatchMetrics"]
    assert total["Dimensions"] == [["stack", "service"]]
    assert metric["Unserved"] == 0


def test_nothing_of_a_record_stays_for_the_next(say: Say) -> None:
    say(MINTED)
    line, metric = say(Flushed(connection="billing"))
    assert metric["connection"] == line["connection"] == "billing"
    assert not {"TokenMinted", "fingerprint", "key_id", "fence", "duration_ms"} & (set(metric) | set(line))
    assert [entry["Name"] for entry in metric["_aws"]["CloudWatchMetrics"][0]["Metrics"]] == ["TokenFlushed"]


def test_a_failure_is_a_warning(say: Say) -> None:
    line, metric = say(NotMinted(connection="orders", reason="wrong_key", key_id="fedcba9876543210", fence=7))
    assert (line["level"], line["reason"], metric["MintFailed"]) == ("WARNING", "wrong_key", 1)


def test_a_hit_in_memory_is_a_metric_alone(say: Say) -> None:
    (metric,) = say(ServedFromMemory(connection="orders", fingerprint="0123456789abcdef"))
    assert (metric["TokenServedFromMemory"], metric["Unserved"]) == (1, 0)


def test_a_hit_in_memory_is_a_line_too_at_debug(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    line, _ = say(ServedFromMemory(connection="orders", fingerprint="0123456789abcdef"))
    assert (line["level"], line["message"]) == ("DEBUG", "token served from memory")


def test_telemetry_that_breaks_fails_no_request_and_is_whole_the_next_time(say: Say) -> None:
    *_, last = say(UNSPEAKABLE)
    assert (last["level"], last["message"]) == ("WARNING", "telemetry failed")
    line, metric = say(MINTED)
    assert (line["message"], metric["TokenMinted"], metric["connection"]) == ("token minted", 1, "orders")


@pytest.mark.parametrize("library", ["boto3", "botocore", "requests", "urllib3"])
def test_a_root_logger_at_debug_does_not_make_the_libraries_talk(
    library: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger(f"{library}.some.module").debug("a whole request")
        logging.getLogger(f"{library}.some.module").warning("a warning")
    assert caplog.messages == ["a warning"]
