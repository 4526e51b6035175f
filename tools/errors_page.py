"""Writes docs/errors.md from the tables of the code: ``python tools/errors_page.py``.

What a person looks up there is what the broker, the client and the command line say; a test compares the two.
"""

import inspect
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import sfmint.errors
import sfmint_client.errors
from sfmint.errors import AssertionRejected
from sfmint.salesforce.login_failures.reason import Backoff, Reason
from sfmint.salesforce.login_failures.table import REASONS

PAGE = Path(__file__).resolve().parent.parent / "docs/errors.md"

_HEAD = """\
# Errors

<!-- Made by `make docs` from the tables of the code: change those, and run it. -->

Every message is a sentence of cause and one of remedy, in this order, and holds no key, assertion or token. The names are
API: Lambda reports them as `errorType`, Step Functions match them in `ErrorEquals`, and `sfmint_client` raises classes of the
same names.
"""
_AGAIN = """\
**Again?** *yes*: the same call may succeed in seconds, so retry it with growing pauses. *After a pause*: in minutes, or in
the next hour; a retry before that only meets the same answer. *No*: somebody has to change something first. In a state machine:
"""
_LOGIN = """\
A login that fails is remembered on the connection's row, so a storm of callers costs Salesforce one login; while a good
token is left, that is served. Where more is known of the one case, the message adds it to the cause: the HTTP status, by how
much the clocks differ, or, of an error that sfmint does not know, what Salesforce said. `status` shows the reason and until
when it is remembered; the log line "mint failed" has Salesforce's own words, cut to 200 characters and redacted. After an
`AssertionRejected` a secret with another key or configuration is tried at once; `flush` makes sfmint forget any failure.

Salesforce's words are compared in lower case, and the quoted part may stand anywhere in the description. Of several things to
look at, the likeliest comes first.
"""
_CODES = """\
| exit code | when |
| --- | --- |
| 0 | done, and nothing is amiss |
| 1 | a finding, or the command failed: the cause and the remedy stand on stderr, a line each |
| 2 | the command was not understood: an unknown option, a missing argument |
| 130 | interrupted |
"""
_REMEMBERED = {
    Backoff.PERMANENT: "{first}, doubling to {longest}",
    Backoff.PROPAGATING: "{first} the first {times} times, then doubling to {longest} (a change of the app may be under way)",
    Backoff.RATE: "{first}, doubling to {longest}",
    Backoff.TRANSIENT: "{first}, doubling to {longest}, and up to half longer by chance",
    Backoff.HOUR: "the rest of the clock's hour",
}


def page() -> str:
    """Returns the whole page."""
    parts = [
        _HEAD,
        "## What a caller meets\n",
        _table(("error", "again?", "when"), map(_error_row, _classes(sfmint.errors))),
        _AGAIN,
        _retry(),
        "## Why a login failed\n",
        _LOGIN,
        _table(("reason", "Salesforce answers", "error"), map(_reason_row, REASONS.values())),
        *map(_section, REASONS.values()),
        "## What the client and salesforce_request add\n",
        "Where IAM, Lambda or SSM say no before the broker runs, and where Salesforce refuses a REST request.\n",
        _table(("error", "again?", "when"), map(_error_row, _added_by_the_client())),
        "## What a command ends with\n",
        _CODES,
    ]
    return "\n".join(parts)


def _classes(module: object) -> list[type[Exception]]:
    """Returns the errors of a module in the order of their definition, without their base."""
    base: type[Exception] = vars(module)["SfmintError"]
    kinds = [kind for kind in vars(module).values() if inspect.isclass(kind) and issubclass(kind, base)]
    return [kind for kind in kinds if kind is not base]


def _added_by_the_client() -> list[type[Exception]]:
    known = {kind.__name__ for kind in _classes(sfmint.errors)}
    return [kind for kind in _classes(sfmint_client.errors) if kind.__name__ not in known]


def _table(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [names, ("---",) * len(names), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _error_row(kind: type[Exception]) -> tuple[str, ...]:
    when = (inspect.getdoc(kind) or "").partition("\n\n")[0].removesuffix(".").replace("\n", " ")
    return f"`{kind.__name__}`", _again(kind), when


def _again(kind: type[Exception]) -> str:
    after_a_pause, retryable = (getattr(kind, name, False) for name in ("after_a_pause", "retryable"))
    return "after a pause" if after_a_pause else "yes" if retryable else "no"


def _retry() -> str:
    """Returns what a state machine retries by itself."""
    names = [kind.__name__ for kind in _classes(sfmint.errors) if _again(kind) == "yes"]
    retry = {"IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 5, "JitterStrategy": "FULL"}
    return f'```json\n"Retry": [{json.dumps({"ErrorEquals": names} | retry)}]\n```\n'


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
    yield f"{_marked(told.cause)}\n"
    if len(told.steps) == 1:
        yield f"{_marked(told.remedy)}\n"
    else:
        yield from (f"{number}. {_marked(step[0].upper() + step[1:])}." for number, step in enumerate(told.steps, 1))
        yield ""
    yield f"- Salesforce answers: {_answers(reason, ', ')}"
    yield f"- error: `{reason.error.__name__}`; again: {_again(reason.error)}"
    yield f"- remembered for {_remembered(reason)}"


def _marked(text: str) -> str:
    """Returns the text with the names of fields and parameters marked as code."""
    return re.sub(
        r"\b(?:[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+|[A-Z][a-z]+[A-Z]\w+|username|audience)\b", r"`\g<0>`", text
    )


def _remembered(reason: Reason) -> str:
    first, longest, steps = reason.backoff.value
    waits = _REMEMBERED[reason.backoff].format(first=_duration(first), longest=_duration(longest), times=steps + 1)
    return f"{waits}, for this key and configuration only" if reason.error is AssertionRejected else waits


def _duration(seconds: float) -> str:
    number, unit = (seconds, "second") if seconds < 60 else (seconds / 60, "minute")
    return f"{number:g} {unit}" if number == 1 else f"{number:g} {unit}s"


if __name__ == "__main__":
    PAGE.write_text(page())
