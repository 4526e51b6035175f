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
    SalesforceUnavailable,
)
from sfmint_client.rest.errors import MEANINGS, Meaning

_COLUMNS = ("error", "again?", "when", "what usually helps")
# Names that stand in code or on a command line, which a page shows as such.
_NAME = re.compile(
    r"/sfmint/[\w/]+|STACK-[\w-]+|events/|\bsfmint (?:keys|connection|login)(?: (?:add|allow|check))?"
    r"|\b(?:[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+|[A-Z][a-z]+[A-Z]\w+|username|audience)\b"
)
# In the order in which a request meets them, with what is the broker's too in the words of the client.
_OF_REQUESTS: tuple[ErrorClass, ...] = (
    InvalidRequest,
    RequestNotAllowed,
    *(kind for kind in OF_THE_CLIENT.values() if kind in {meaning.error for meaning in MEANINGS}),
    SalesforceUnavailable,
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
    rows = ((_answer(meaning), f"`{meaning.error.__name__}`", marked(meaning.remedy)) for meaning in MEANINGS)
    return table(("Salesforce answers", "error", "what helps"), rows)


def _row(kind: ErrorClass) -> tuple[str, ...]:
    when = sentence_of(kind).removesuffix(".")
    if answers := ", ".join(_answers(kind)):
        when = f"{when} ({answers})"
    name = kind.__name__
    return f"`{name}`", again(kind), when, marked(BY_NAME[name].usual_remedy).removesuffix(".")


def _answers(kind: ErrorClass) -> Iterator[str]:
    """Yield the statuses of a class of refused requests, and the codes that come with a status of another class."""
    for meaning in MEANINGS:
        if meaning.error is kind and not (meaning.code or meaning.words):
            yield _status(meaning)
    for meaning in MEANINGS:
        if meaning.error is kind and meaning.code and _without_a_code(meaning) is not kind:
            yield f"`{meaning.code}`"


def _without_a_code(meaning: Meaning) -> type[Exception]:
    """Return which class the status of a meaning has by itself; of a whole class of statuses the first counts."""
    status = meaning.status if meaning.status >= 100 else meaning.status * 100
    return next(row.error for row in MEANINGS if row.fits(status, "", ""))


def _status(meaning: Meaning) -> str:
    if meaning.status >= 100:
        return str(meaning.status)
    some_apart = any(row.status // 100 == meaning.status and not row.code for row in MEANINGS)
    return f"any other {meaning.status}xx" if some_apart else f"{meaning.status}xx"


def _answer(meaning: Meaning) -> str:
    status = _status(meaning) if not meaning.code or meaning.status >= 100 else f"{meaning.status}xx"
    code = f" `{meaning.code}`" if meaning.code else ""
    return f'{status}{code} "{meaning.words}"' if meaning.words else f"{status}{code}"
