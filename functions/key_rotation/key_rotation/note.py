"""What is noted of a connection's rotation: one JSON text a connection, and nothing secret in it.

The note is a register that is compared and set: `Notes.put` writes revision n + 1 only where n is the last one. So whoever has
slept, or whose request arrives late, changes nothing, and of two runs one is first and the other one reads again. The last
rotation's note stays after its end: it says how that ended, answers Secrets Manager's retries, and keeps revisions growing.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, NoReturn

from key_rotation.versions import is_version_id
from sfmint.json_object import parse_object
from sfmint.lifetime import is_instant
from sfmint_values.foreign import Foreign
from sfmint_values.plain_text import one_line

LONGEST_AHEAD_S = (
    7_200.0  # that a rotation notes anything for; what is further ahead was noted by a wrong clock, or by nobody
)


class Decision(StrEnum):
    """How a rotation is to end. It is made once; everybody follows it."""

    FINISH = "finish"  # the pending version becomes the current one
    CANCEL = "cancel"  # the old key goes on, and the app gets its certificate back
    VOID = "void"  # somebody has stored another login: what is pending goes, and nothing else is touched


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One rotation.

    Attributes:
        rotation: its id: the token that Secrets Manager began it with, or one that was made when an operator did.
        versions: the versions of the secret that it has made or is making: the last one is to become the current one.
        former: the versions of the rotation before, one of which a late call may have staged again.
        base: the current version that the last one is made from.
        login: hash of which key logs in by which app with that one; see `use_case.credentials`.
        is_attended: it names no admin connection, so a person uploads certificates.
        began_at: epoch seconds, as all times here.
        is_staged: the last version holds a key and is AWSPENDING.
        is_usable: a key in KMS has signed for whoever logs in.
        set_at: when the certificate was published and, with an admin connection, deployed.
        is_touched: a deployment of the new certificate was begun, so the app may hold it.
        is_wanted: the certificate is uploaded, says a person or a token that was minted with its key.
        logins: logins in a row with the key that is waited for: the pending one, or when cancelling the current one.
        logins_since: when the first of them was.
        has_logged_in: the pending key has ever logged in.
        refusals: refusals in a row.
        next_at: nothing is due before.
        decision: how it ends; None: that is open.
        reason: one sentence about the decision.
        why: one sentence about what is waited for; after the end the reason.
        decided_at: when.
        returned_at: when cancelling: since when the app has the old certificate, as far as anybody knows.
        is_promoted: the pending key is the current one.
        hold_by: the run that deploys, or makes a version the current one; nobody else acts until `hold_until`.
        hold_until: when that run, and whatever it has sent, can do nothing any more.
        announced: what people were told, by its kind.
        ended_at: when it ended; None: it goes on.
        revision: of the register; 0: there was none. It is no part of the text.
    """

    rotation: str
    versions: tuple[str, ...]
    base: str
    login: str
    began_at: float
    is_attended: bool = False
    former: tuple[str, ...] = ()
    is_staged: bool = False
    is_usable: bool = False
    set_at: float | None = None
    is_touched: bool = False
    is_wanted: bool = False
    logins: int = 0
    logins_since: float | None = None
    has_logged_in: bool = False
    refusals: int = 0
    next_at: float = 0.0
    decision: Decision | None = None
    reason: str = ""
    why: str = ""
    decided_at: float | None = None
    returned_at: float | None = None
    is_promoted: bool = False
    hold_by: str = ""
    hold_until: float = 0.0
    announced: tuple[str, ...] = ()
    ended_at: float | None = None
    revision: int = 0

    @property
    def version(self) -> str:
        """The version that is to become the current one."""
        return self.versions[-1]

    @property
    def own(self) -> tuple[str, ...]:
        """The versions that are nobody else's."""
        return (*self.former, *self.versions)

    @property
    def words(self) -> str:
        """What `why` says, as it is shown: whoever may write the parameter may have written it."""
        return one_line(self.why, " ")

    @property
    def verdict(self) -> str:
        """What `reason` says, as it is shown."""
        return one_line(self.reason, " ")

    @property
    def is_open(self) -> bool:
        """The rotation has not ended."""
        return self.ended_at is None

    def believed(self, now: float) -> "Note":
        """Return the note with times that can be: a clock may have been put back, and nothing that has been is ahead.

        A rotation that has ended further ahead than anything is noted for has ended long ago.
        """
        been: dict[str, Any] = {name: min(at, now) for name in _BEEN if (at := getattr(self, name)) is not None}
        latest = now + LONGEST_AHEAD_S
        due: dict[str, Any] = {name: at if (at := getattr(self, name)) <= latest else now for name in _DUE}
        if self.ended_at is not None and self.ended_at > latest:
            been["ended_at"] = 0.0
        return replace(self, **been, **due)

    def to_text(self) -> str:
        """Return the note as JSON, without the revision and without what says nothing."""
        usual = {field.name: field.default for field in fields(self)}
        said = {name: value for name, value in asdict(self).items() if value != usual[name] and name != "revision"}
        return json.dumps(said, sort_keys=True)


def note_of(text: Foreign, revision: int) -> Note:
    """Return the note that a text holds; fields that a later release writes are passed over.

    Raises:
        ValueError: it is no note, or a field of it holds what this release would never write there.
    """
    said = parse_object(text)
    known = {field.name: _READERS[field.type] for field in fields(Note) if field.name in said}
    try:
        note = Note(**{name: read(said[name]) for name, read in known.items()} | {"revision": revision})
    except TypeError as error:
        raise ValueError(str(error)) from None
    if not note.versions or not all(map(is_version_id, note.own)):
        raise ValueError("no version")
    return note


def _text(value: object) -> str:
    return value if isinstance(value, str) else _no_value()


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(each) for each in value) if isinstance(value, list) else _no_value()


def _truth(value: object) -> bool:
    return value if isinstance(value, bool) else _no_value()


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else _no_value()


def _time(value: object) -> float:
    return float(value) if isinstance(value, int | float) and is_instant(value) else _no_value()


def _time_if_any(value: object) -> float | None:
    return None if value is None else _time(value)


def _decision(value: object) -> Decision | None:
    return None if value is None else Decision(_text(value))


def _no_value() -> NoReturn:
    raise ValueError("a field holds a value of another kind")


# How a field is read, by its type.
_READERS: Mapping[Any, Callable[[object], Any]] = {
    str: _text,
    tuple[str, ...]: _texts,
    bool: _truth,
    int: _count,
    float: _time,
    float | None: _time_if_any,
    Decision | None: _decision,
}
_DUE = ("next_at", "hold_until")
_BEEN = ("began_at", "set_at", "logins_since", "decided_at", "returned_at", "ended_at")
