"""An actor of the model: one execution environment, stopped before a call of a port."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from greenlet import greenlet

from model.stack import Deed
from sfmint.errors import SfmintError
from sfmint.request import FlushRequest, RefreshRequest, TaintRequest, TokenRequest


@dataclass(frozen=True, slots=True)
class SetClock:
    """The clock of an actor is put right."""

    index: int


type Request = TokenRequest | RefreshRequest | FlushRequest | TaintRequest | Deed | SetClock


class Outcome(Enum):
    """What becomes of a call."""

    DONE = "done"
    FAILED = "failed"  # nothing happened, and the caller learns that it failed
    LOST = "lost"  # it happened, and the caller takes it for failed
    LATE = "late"  # the caller takes it for failed, and it happens afterwards
    TWICE = "twice"  # it happened, its answer was lost, and AWS's client sent it again
    STRAY = "stray"  # it happened when AWS's client sent it again, and the first one arrives afterwards
    DIES = "dies"  # the environment ends before the call
    DIES_AFTER = "dies after"  # and after it


class Scope(Enum):
    """Who can tell when a call has happened."""

    SHARED = "shared"
    TIMED = "timed"  # nobody else; but the actor reads its clock after it
    PAUSE = "pause"  # it ends when the world has changed


@dataclass(frozen=True, slots=True)
class Call[Answer]:
    """A call of a port that waits for the machine."""

    name: str
    perform: Callable[[], Answer]
    failure: Callable[[], Exception] | None
    scope: Scope


@dataclass(slots=True)
class Actor:
    """One execution environment, in the middle of its requests.

    Attributes:
        skew_s: how far ahead its clock is.
        history: hashes of all that it has learnt, and when; as its code has no chance of its own, this is its whole
            state.
        faulted: a call of the present request has failed.
        frozen: it was stopped during the present request, while time passed.
    """

    index: int
    requests: tuple[Request, ...]
    skew_s: float
    waiting: Call[Any] | None = None
    paused_at: int = -1
    history: list[int] = field(default_factory=list)
    answers: list[dict[str, Any] | SfmintError] = field(default_factory=list)
    faulted: bool = False
    frozen: bool = False
    run: greenlet = field(default=None)  # made with its ports

    @property
    def ended(self) -> bool:
        """It has answered everything, or was ended."""
        return self.waiting is None

    @property
    def call(self) -> str:
        """The name of the call that it waits for."""
        return self.waiting.name if self.waiting else ""
