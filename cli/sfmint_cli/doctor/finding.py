"""What a check has found: all is well, or a cause and one remedy."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from sfmint_cli.result import Facts, Failed


class Outcome(StrEnum):
    """How a check has ended."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check has found.

    Attributes:
        outcome: in a word.
        cause: one sentence; where all is well, what was seen.
        remedy: what to do, one sentence or a command; empty where nothing is to be done.
        has_ended: the check itself; one that has not leaves open what it was to find, which is no good end.
    """

    outcome: Outcome
    cause: str
    remedy: str = ""
    has_ended: bool = True

    @classmethod
    def ok(cls, seen: str) -> Self:
        """Return that all is well."""
        return cls(outcome=Outcome.OK, cause=seen)

    @classmethod
    def warning(cls, cause: str, remedy: str) -> Self:
        """Return what works today and should be put right."""
        return cls(outcome=Outcome.WARNING, cause=cause, remedy=remedy)

    @classmethod
    def fault(cls, cause: str, remedy: str) -> Self:
        """Return what keeps the connection from working, or some of its callers."""
        return cls(outcome=Outcome.FAULT, cause=cause, remedy=remedy)

    @classmethod
    def not_checked(cls, cause: str, remedy: str = "") -> Self:
        """Return why nothing is known, and how it can be."""
        return cls(outcome=Outcome.NOT_CHECKED, cause=cause, remedy=remedy)

    @classmethod
    def unended(cls, cause: str, remedy: str) -> Self:
        """Return why a check did not come to its end."""
        return cls(outcome=Outcome.NOT_CHECKED, cause=cause, remedy=remedy, has_ended=False)

    @classmethod
    def of(cls, failed: Failed) -> Self:
        """Return what a call of AWS or of the stack has come to: what may not be seen here is no fault there."""
        if failed.name == "AccessDenied":
            return cls.not_checked(failed.cause, failed.remedy)
        return cls.fault(failed.cause, failed.remedy)

    @property
    def is_good(self) -> bool:
        """Whether what builds on this can be checked."""
        return self.outcome in (Outcome.OK, Outcome.WARNING)

    @property
    def is_wrong(self) -> bool:
        """Whether something is to be put right."""
        return self.outcome in (Outcome.WARNING, Outcome.FAULT)

    def to_facts(self) -> Facts:
        """Return it for a program."""
        return {"outcome": str(self.outcome), "cause": self.cause, "remedy": self.remedy or None}
