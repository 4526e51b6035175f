"""How a rotation stands, as the function tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sfmint.lifetime import is_instant
from sfmint.salesforce.access_token import iso8601
from sfmint_cli.instants import instant_of
from sfmint_cli.result import Facts, Failed

NONE, CREATING, SETTING, WAITING, CANCELLING = "none", "creating", "setting", "waiting", "cancelling"
FINISHED, CANCELLED, VOID = "finished", "cancelled", "void"
MOST_REFUSALS = 5  # in a row, with growing pauses a quarter of an hour: a change of an app has arrived by then
_ENDED = frozenset({NONE, FINISHED, CANCELLED, VOID})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the rotation of a connection stands.

    Attributes:
        phase: what is being done, or how it ended; `waiting`: for a person.
        words: one or two sentences for a person.
        next_at: epoch seconds before which nothing is due; None: nothing is.
        began_at: epoch seconds.
        version: the pending version of the secret, or the last one; empty: none.
        logins: in a row, with the key that is waited for.
        refusals: in a row.
        has_moved: the call has changed something, so the next one may be due at once.
    """

    phase: str
    words: str
    next_at: float | None = None
    began_at: float | None = None
    version: str = ""
    logins: int = 0
    refusals: int = 0
    has_moved: bool = False

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """Return what an answer of the function says.

        Raises:
            Failed: it is none.
        """
        phase, words = said.get("phase"), said.get("words")
        if not isinstance(phase, str) or not isinstance(words, str):
            raise Failed(
                "The function that rotates keys gave an answer that this program does not know.",
                remedy="Use the program and the stack of one version (make deploy).",
                name="StackTooOld",
            )
        return cls(
            phase=phase,
            words=words,
            next_at=_instant(said.get("next_at")),
            began_at=_instant(said.get("began_at")),
            version=str(said.get("version") or ""),
            logins=_count(said.get("logins")),
            refusals=_count(said.get("refusals")),
            has_moved=said.get("has_moved") is True,
        )

    @property
    def is_open(self) -> bool:
        """There is a rotation that has not ended."""
        return self.phase not in _ENDED

    @property
    def goes_on(self) -> bool:
        """It is open, and no person has to do anything."""
        return self.is_open and self.phase != WAITING

    @property
    def is_stuck(self) -> bool:
        """It goes on by itself, but has been refused for so long that somebody should look."""
        return self.goes_on and self.refusals >= MOST_REFUSALS

    def to_facts(self) -> Facts:
        """Return it for a person or a program."""
        return {
            "phase": self.phase,
            "what": self.words,
            "began_at": None if self.began_at is None else iso8601(self.began_at),
            "next_at": None if self.next_at is None else iso8601(self.next_at),
            "version": self.version or None,
            "logins": self.logins,
            "refusals": self.refusals,
        }


def _instant(value: object) -> float | None:
    """Return an instant that the function tells: epoch seconds, or ISO 8601."""
    if isinstance(value, int | float) and is_instant(value) and value >= 0:
        return float(value)
    return instant_of(value)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
