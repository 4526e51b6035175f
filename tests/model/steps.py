"""What has happened in the model, one line a step: a person reads it where a promise is broken."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from model.actor import Outcome
from sfmint.row.conditional_write import ConditionFailed, Item, Written
from sfmint_testing.fakes import NOON

_DAY_S: Final = 86_400.0  # a number as close to the beginning as this is an instant


@dataclass(slots=True, kw_only=True)
class Step:
    """One call that came to its outcome, or time that passed.

    Attributes:
        at: the true time.
        who: the actor; None: time itself, or a write that was held back.
        what: the name of the call.
        outcome: what became of it.
        before: the row before it.
        after: the row after it.
        result: what the caller learnt.
    """

    at: float
    who: int | None
    what: str
    outcome: Outcome
    before: Item
    after: Item = field(default_factory=dict)
    result: Any = None

    def __str__(self) -> str:
        who = "" if self.who is None else f"actor {self.who}: "
        end = "" if self.outcome is Outcome.DONE else f", {self.outcome.value}"
        changed = _changes(self.before, self.after)
        row = f"; the row: {changed}" if changed else ""
        return f"{self.at - NOON:7g} s  {who}{self.what}{end}{_told(self.result)}{row}"


def learnt(result: Any) -> Hashable:
    """Return what tells a result from every other."""
    match result:
        case Written(item):
            return "written", frozenset(item.items())
        case ConditionFailed(item):
            return "refused", frozenset((item or {}).items())
        case Mapping():
            return frozenset(result.items())
        case Exception():
            return type(result), str(result)
        case _:
            return repr(result)


def _told(result: Any) -> str:
    match result:
        case ConditionFailed():
            return ": refused"
        case Exception():
            return f": {type(result).__name__}"
        case _:
            return ""


def _changes(before: Item, after: Item) -> str:
    put = [f"{name} = {_value(value)}" for name, value in after.items() if before.get(name) != value]
    gone = [name for name in before if name not in after]
    return ", ".join(put + ([f"no {', '.join(gone)}"] if gone else []))


def _value(value: Any) -> str:
    if isinstance(value, int | float) and abs(value - NOON) <= _DAY_S:
        return f"{value - NOON:g} s"
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(value))}}}"
    return str(value)
