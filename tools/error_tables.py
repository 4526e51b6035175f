"""Tables of errors for people, made from the classes and from the table of what Salesforce's REST API refuses."""

import re
from collections.abc import Iterable, Iterator

from page_table import table
from sfmint_cli.error_classes import BY_NAME, OF_THE_CLIENT, ErrorClass, again, sentence_of
from sfmint_client.errors import (
    AnswerHoldsToken,
    AnswerTooLarge,
    InvalidRequest,
    RequestNotAllowed,
    SalesforcePartlyFailed,
    SalesforceUnavailable,
)
from sfmint_client.rest.refusals.meaning import Meaning
from sfmint_client.rest.refusals.table import MEANINGS

_COLUMNS = ("error", "again?", "when", "what usually helps")
# Names that stand in code or on a command line, which a page shows as such.
_NAME = re.compile(
    r"/sfmint/[\w/]+|STACK-[\w-]+|events/|\bsfmint (?:keys|connection|login)(?: (?:add|allow|check))?"
    r"|\b(?:[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+|[A-Z][a-z]+[A-Z]\w+|username|audience)\b"
)
_WHOLE = 100  # a smaller number is the first digit of a status
# In the order in which a request meets them, with what is the broker's too in the words of the client.
_OF_REQUESTS: tuple[ErrorClass, ...] = (
    InvalidRequest,
    RequestNotAllowed,
    *(kind for kind in OF_THE_CLIENT.values() if kind in {meaning.error for meaning in MEANINGS}),
    SalesforceUnavailable,
    SalesforcePartlyFailed,
    AnswerTooLarge,
    AnswerHoldsToken,
)


def marked(text: str) -> str:
    """Return the text with the names of fields, parameters and commands marked as code."""
    return _NAME.sub(r"`\g<0>`", text)


def of_classes(kinds: Iterable[ErrorClass]) -> str:
    """Return the table of some classes, a row each."""
    return table(_COLUMNS, (_row(kind) for kind in kinds))


def of_the_client() -> str:
    """Return the table of the errors that the client finds out before, or without, a REST request."""
    return of_classes(kind for kind in OF_THE_CLIENT.values() if kind not in _OF_REQUESTS)


def of_requests() -> str:
    """Return the table of the errors of REST requests."""
    return of_classes(_OF_REQUESTS)


def of_meanings() -> str:
    """Return the table of what Salesforce's REST API refuses; the first row that fits counts."""
    rows = (
        (_answer(meaning), f"`{meaning.error.__name__}`", marked(meaning.cause), marked(meaning.remedy))
        for meaning in MEANINGS
    )
    return table(("Salesforce answers", "error", "what it means", "what helps"), rows)


def _row(kind: ErrorClass) -> tuple[str, ...]:
    when = sentence_of(kind).removesuffix(".")
    if answers := ", ".join(_answers(kind)):
        when = f"{when} ({answers})"
    name = kind.__name__
    return f"`{name}`", again(kind), when, marked(BY_NAME[name].usual_remedy).removesuffix(".")


def _answers(kind: ErrorClass) -> Iterator[str]:
    """Yield the statuses of a class of refused requests; of one that has none, a code of each of its rows."""
    rows = [meaning for meaning in MEANINGS if meaning.error is kind]
    statuses = sorted({status for row in rows if not (row.codes or row.words) for status in row.statuses})
    yield from map(_status, sorted(statuses, key=lambda status: (status < _WHOLE, status)))
    if not statuses:
        yield from (f"`{row.codes[0]}`" for row in rows if row.codes and not row.words)


def _status(status: int) -> str:
    """Return a status, or a class of statuses, whose members may have rows of their own."""
    return str(status) if status >= _WHOLE else f"any other {status}xx"


def _answer(meaning: Meaning) -> str:
    statuses = ", ".join(map(_status, meaning.statuses))
    codes = " ".join(f"`{code}`" for code in meaning.codes)
    words = " or ".join(f'"{word}"' for word in meaning.words)
    return " ".join(filter(None, (statuses, codes, words))) or "any other"
