"""Records of an org: what SOQL finds, and what a POST makes.

Source: REST API Developer Guide, "Query", "sObject Basic Information"; Object Reference, PermissionSetAssignment.
"""

from collections.abc import Mapping
from typing import Any

from sfmint_setup.errors import OrgUnreachable, UnusableAnswer
from sfmint_setup.rights import Task
from sfmint_setup.wire import DATA, Answer, Wire

MOST_PAGES = 50
LONGEST_NAME = 255  # characters; labels, names and user names have at most that
_NEXT = f"{DATA}/query/"

type Record = Mapping[str, Any]


def rows(wire: Wire, query: str, task: Task) -> list[Record]:
    """Return the records of a query, page by page to the end.

    Args:
        wire: to the org.
        query: SOQL; see `sfmint_setup.soql.select`.
        task: what it is asked for.

    Raises:
        SetupError: of a kind that says what happened.
    """
    found: list[Record] = []
    page = wire.get(f"{DATA}/query", task, {"q": query})
    for _ in range(MOST_PAGES):
        if not isinstance(page, Mapping) or not isinstance(page.get("records"), list):
            raise _unusable()
        found += [record for record in page["records"] if isinstance(record, Mapping)]
        place = page.get("nextRecordsUrl")
        if page.get("done") is not False or not place:
            return found
        if not isinstance(place, str) or not place.startswith(_NEXT) or ".." in place:
            raise _unusable()
        page = wire.get(place, task)
    raise _unusable()


def make(wire: Wire, kind: str, fields: Mapping[str, str], task: Task) -> bool:
    """Make a record, and return whether it is new: one like it may have been there.

    A lost answer is followed by a second try, which finds what the first one has made.

    Raises:
        SetupError: of a kind that says what happened.
    """
    path = f"{DATA}/sobjects/{kind}"
    try:
        answer = wire.send_json("POST", path, fields)
        was_lost = False
    except OrgUnreachable as error:
        if not error.is_sent:
            raise
        answer, was_lost = wire.send_json("POST", path, fields), True
    if answer.is_success:
        return True
    if _is_duplicate(wire, answer):
        return was_lost
    raise wire.refused(answer, task)


def text(record: Record, *names: str) -> str:
    """Return a text of a record, or of one that it leads to; what is no text, or no name of anything, is empty."""
    value: Any = record
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) and len(value) <= LONGEST_NAME else ""


def _is_duplicate(wire: Wire, answer: Answer) -> bool:
    return wire.refusal(answer).code.startswith("DUPLICATE")


def _unusable() -> UnusableAnswer:
    return UnusableAnswer(
        "The org's answer to a query is not what the REST API promises.",
        remedy="Check that the instance URL is the org's own, then run this again.",
    )
