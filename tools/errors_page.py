"""Writes docs/errors.md, and the tables of errors in docs/calling.md, from the code: ``python tools/errors_page.py``.

What a person looks up there is what the broker, the client and the command line say; a test compares the two.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from error_tables import marked, of_classes, of_meanings, of_requests, of_the_client
from marked_blocks import filled
from page_table import table
from sfmint.errors import AssertionRejected
from sfmint.salesforce.login_failures.reason import Backoff, Reason
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_cli.error_classes import OF_THE_BROKER, OF_THE_CLIENT, again
from sfmint_cli.known_error import Known
from sfmint_cli.rotation_words import ROTATION_WORDS

PAGE = Path(__file__).resolve().parent.parent / "docs/errors.md"
CALLING = PAGE.with_name("calling.md")

_HEAD = """\
# Errors

<!-- Made by `make docs` from the tables of the code: change those, and run it. -->

Every message says the cause in one sentence, and then what to do. It never holds a key, an assertion or a token. The names are
API: Lambda reports them as `errorType`, Step Functions match them in `ErrorEquals`, and `sfmint_client` raises classes of the
same names.
"""
_AGAIN = """\
**Again?** *yes*: the same call may succeed in seconds, so retry it with growing pauses. *After a pause*: in minutes, or in
the next hour; an earlier retry gets the same answer. *No*: somebody has to change something first. In a state machine:
"""
_LOGIN = """\
Most people meet one of these first: another key than the app's certificate (`wrong_key`), a clock that is off
(`assertion_expired`), a `username` that is no user (`user_not_approved`), an audience of another org or kind (`wrong_audience`),
a user who is not pre-authorised (`user_not_admin_approved`). A change of the app takes two to ten minutes to arrive.

sfmint remembers a failed login on the connection's row, so many callers cost Salesforce one login. While a good token is left,
callers get that. If sfmint knows more about this case, the message says so: the HTTP status, by how much the clocks
differ, or, of an error that sfmint does not know, what Salesforce said. `status` shows the reason and until when it is
remembered; the log line "mint failed" has Salesforce's own words, cut to 200 characters and redacted. After an
`AssertionRejected` a secret with another key or configuration is tried at once; `flush` makes sfmint forget any failure.

An `AssertionRejected` is remembered for less long while a change of the app may be arriving: for at most half of what is left of
the life of the token that is served meanwhile, though not for less than a minute, and during a rotation for at most two minutes.

Salesforce's words are compared in lower case, and the quoted part may stand anywhere in the description. The first row that fits
counts. Of several things to look at, the likeliest comes first. All codes of Salesforce's own list are here.
"""
_REQUESTS = """\
Of a refused REST request the message has Salesforce's status, `errorCode` and words, and one of these remedies. The first
row that fits counts: a code before a status alone. Of a write that may have been carried out the message says that instead.
"""
_CODES = """\
| exit code | when |
| --- | --- |
| 0 | done, no problem found |
| 1 | a finding, or the command failed: the cause and the remedy are on stderr, one line each |
| 2 | the command was not understood: an unknown option, a missing argument |
| 130 | interrupted |
"""
_DOUBLING = "then twice as long each time, up to {longest}"
_REMEMBERED = {
    Backoff.PERMANENT: f"{{first}}, {_DOUBLING}",
    Backoff.PROPAGATING: "a change of the app may be on its way, so {first} for each of the first {times} times, "
    + _DOUBLING,
    Backoff.RATE: f"{{first}}, {_DOUBLING}",
    Backoff.TRANSIENT: f"{{first}}, {_DOUBLING}, and by chance up to half longer",
    Backoff.HOUR: "the rest of the clock's hour",
}


def page() -> str:
    """Return the whole page of errors."""
    parts = [
        _HEAD,
        "## What a caller meets\n",
        of_classes(OF_THE_BROKER.values()),
        _AGAIN,
        _retry(),
        "## Why a login failed\n",
        _LOGIN,
        table(("reason", "Salesforce answers", "error"), map(_reason_row, REASONS.values())),
        *map(_section, REASONS.values()),
        "## What the client and salesforce_request add\n",
        "If IAM, Lambda or SSM refuses before the broker runs, and where Salesforce refuses a REST request.\n",
        of_classes(OF_THE_CLIENT.values()),
        "## What key_rotation answers\n",
        "To operators and to Secrets Manager; callers of the broker never meet these.\n",
        table(("error", "when", "again?", "what to do"), map(_rotation_row, ROTATION_WORDS)),
        "## Why a request is refused\n",
        _REQUESTS,
        of_meanings(),
        "## What a command ends with\n",
        _CODES,
    ]
    return "\n".join(parts)


def calling(text: str) -> str:
    """Return docs/calling.md with its tables of errors made anew."""
    blocks = {"of the client": of_the_client(), "of requests": of_requests()}
    return filled(text, "errors", blocks)


def _retry() -> str:
    """Return what a state machine retries by itself."""
    names = [name for name, kind in OF_THE_BROKER.items() if again(kind) == "yes"]
    retry = {"IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 5, "JitterStrategy": "FULL"}
    return f'```json\n"Retry": [{json.dumps({"ErrorEquals": names} | retry)}]\n```\n'


def _rotation_row(row: Known) -> tuple[str, ...]:
    told = row.means
    return f"`{told.name}`", told.cause, told.again, "; ".join(told.steps)


def _reason_row(reason: Reason) -> tuple[str, ...]:
    return f"[{reason.code}](#{reason.code})", _answers(reason, "<br>"), f"`{reason.error.__name__}`"


def _answers(reason: Reason, separator: str) -> str:
    answers = [f'`{error}` "{part}"' if part else f"`{error}`" for error, part in reason.answers]
    return separator.join([*answers, reason.also] if reason.also else answers)


def _section(reason: Reason) -> str:
    return "\n".join(_section_lines(reason)) + "\n"


def _section_lines(reason: Reason) -> Iterator[str]:
    told = reason.told()
    yield f"### {reason.code}\n"
    yield f"{marked(told.cause)}\n"
    if len(told.steps) == 1:
        yield f"{marked(told.remedy)}\n"
    else:
        yield from (f"{number}. {marked(step[0].upper() + step[1:])}." for number, step in enumerate(told.steps, 1))
        yield ""
    yield f"- Salesforce answers: {_answers(reason, ', ')}"
    yield f"- error: `{reason.error.__name__}`; again: {again(reason.error)}"
    yield f"- remembered: {_remembered(reason)}"
    yield f"- known from: {reason.source or 'sfmint itself, which finds it'}"


def _remembered(reason: Reason) -> str:
    first, longest, steps = reason.backoff.value
    waits = _REMEMBERED[reason.backoff].format(first=_duration(first), longest=_duration(longest), times=steps + 1)
    return f"{waits}; for this key and configuration only" if reason.error is AssertionRejected else waits


def _duration(seconds: float) -> str:
    number, unit = (seconds, "second") if seconds < 60 else (seconds / 60, "minute")
    return f"{number:g} {unit}" if number == 1 else f"{number:g} {unit}s"


if __name__ == "__main__":
    PAGE.write_text(page())
    CALLING.write_text(calling(CALLING.read_text()))
