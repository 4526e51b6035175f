"""One line of a function's log, read as far as sfmint wrote it: the words of the log and the metrics beside them are one event."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sfmint import telemetry
from sfmint.telemetry import Record, operators
from sfmint_values.connection_name import is_connection_name
from sfmint_values.foreign import Foreign
from sfmint_values.redaction import redacted
from sfmint_values.secret import is_fingerprint
from sfmint_values.vocabulary import REST

LONGEST_LINE = 256 * 1024  # characters; CloudWatch has no longer ones
LONGEST_TEXT = 600  # characters of what is shown of a field
ANSWERED, FAILED = "request answered", "request failed"  # of salesforce_request
TIMED_OUT, DIED = "the function timed out", "the function's process ended"  # Lambda's own lines, in our words
REFUSED = "request refused"

_REQUEST_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IDS = frozenset({"fingerprint", "key_id"})
_WORDS = frozenset({"source", "outcome", "reason", "error", "method", "error_code", "compared_with", "variable"})
_PROSE = frozenset({"said", "cause", "remedy", "flaw", "path", "url"})
_NUMBERS = frozenset({"duration_ms", "fence", "status", "behind_s", "logins", "limit"})
_LARGEST = 2**53  # what every reader of JSON takes as it stands; no number of sfmint's is larger
_WORD = re.compile(r"[A-Za-z0-9_.]{1,80}")
_ENDS = {
    "Task timed out after": TIMED_OUT,
    "Status: timeout": TIMED_OUT,
    "Runtime exited": DIED,
    "Runtime.ExitError": DIED,
    "Runtime.OutOfMemory": DIED,
}


def _records() -> Iterator[type[Record]]:
    """Yield every record that broker and keeper emit."""
    for value in (*vars(telemetry).values(), *vars(operators).values()):
        if isinstance(value, type) and issubclass(value, Record) and value is not Record:
            yield value


# What the line of a metric means; the metrics are there whatever the log level is.
_OF_METRIC = {record.metric: record.message for record in _records()} | {
    "RestRequestAnswered": ANSWERED,
    "RestRequestFailed": FAILED,
}
MESSAGES = frozenset(_OF_METRIC.values()) | {TIMED_OUT, DIED}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """What one line says.

    Attributes:
        at: epoch seconds.
        function: `token_broker`, `token_keeper` or `salesforce_request`.
        message: one of `MESSAGES`.
        request_id: of the invocation, as Lambda gives it; empty: unknown.
        connection: its name; empty: unknown.
        fields: what else it says; ids are 16 hex digits, texts are fit to be shown.
    """

    at: float
    function: str
    message: str
    request_id: str = ""
    connection: str = ""
    fields: Mapping[str, str | int]

    def text(self, name: str) -> str:
        """Return a field as text; empty where it is missing."""
        return str(self.fields.get(name, ""))

    @property
    def event(self) -> tuple[object, ...]:
        """What tells it from other events: a log line and its metrics' line have the same."""
        return (self.function, self.request_id, self.message, self.connection, tuple(sorted(self.fields.items())))


def is_request_id(text: Foreign) -> bool:
    """Return whether a text is an id that Lambda gives to an invocation."""
    return _REQUEST_ID.fullmatch(text) is not None


def read_line(text: Foreign, *, at: float, function: str) -> LogLine | None:
    """Return what a line says; None if sfmint did not write it, and Lambda tells no end in it.

    Args:
        text: the line.
        at: its time, in epoch seconds.
        function: whose log it is.
    """
    said: object = None
    if text.startswith("{"):
        with suppress(ValueError, RecursionError):
            said = json.loads(text[:LONGEST_LINE])
    if isinstance(said, dict):
        return _of_object(said, at, function)
    message = next((ours for words, ours in _ENDS.items() if words in text), None)
    if message is None:
        return None
    found = _REQUEST_ID.search(text)
    return LogLine(at=at, function=function, message=message, request_id=found[0] if found else "", fields={})


def _of_object(said: Mapping[str, Any], at: float, function: str) -> LogLine | None:
    message = said.get("message")
    if "_aws" in said:
        message = next((ours for metric, ours in _OF_METRIC.items() if metric in said), None)
        if message is None and any(name.startswith("Failed") for name in said):
            message = REFUSED
    if not isinstance(message, str) or message not in MESSAGES:
        return None
    request_id, connection = said.get("function_request_id"), said.get("connection")
    return LogLine(
        at=at,
        function=function,
        message=message,
        request_id=request_id if isinstance(request_id, str) and is_request_id(request_id) else "",
        connection=connection if isinstance(connection, str) and is_connection_name(connection) else "",
        fields=dict(_fields(said)),
    )


def _fields(said: Mapping[str, Any]) -> Iterator[tuple[str, str | int]]:
    for name, value in said.items():
        if name in _NUMBERS and type(value) is int and abs(value) < _LARGEST:  # `true` is an int of Python's, too
            yield name, value
        elif not isinstance(value, str) or not value:
            continue
        elif (name in _IDS and is_fingerprint(value)) or (name in _WORDS and _is_word(value)):
            yield name, value
        elif name in _PROSE:
            yield name, redacted(value, LONGEST_TEXT, vocabulary=REST)


def _is_word(text: Foreign) -> bool:
    return _WORD.fullmatch(text) is not None
