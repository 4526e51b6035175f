"""How a command ends: with a report, or with a failure that says what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

type Facts = Mapping[str, object]


class ByName(dict[str, object]):
    """Facts by names that somebody has given, such as an API name of Salesforce's: shown as they are spelt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a command has found or done.

    Attributes:
        facts: what goes to stdout: text, numbers, lists and further facts.
        next_step: what to do next, if something is; talk, for stderr.
        shown: the lines that a person is shown in place of the facts; empty: the facts.
    """

    facts: Facts
    next_step: str | None = None
    shown: tuple[str, ...] = ()


class Failed(Exception):  # noqa: N818 - what happened
    """The command has not done what was asked, or has found something wrong.

    Args:
        cause: what is wrong, one sentence without a secret.
        remedy: what to do about it, one sentence.
        name: what a program may tell it by.
        facts: what is known all the same.
        shown: the lines that a person is shown in place of the facts; empty: the facts.

    Attributes:
        exit_code: of the program.
    """

    exit_code = 1

    def __init__(
        self,
        cause: str,
        *,
        remedy: str,
        name: str = "Failed",
        facts: Facts | None = None,
        shown: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"{cause} {remedy}")
        self.cause = cause
        self.remedy = remedy
        self.name = name
        self.facts: Facts = facts or {}
        self.shown = shown

    @classmethod
    def told(cls, name: str, message: str) -> Self:
        """Return the error of a function, whose message is a sentence of cause and one of remedy, as two."""
        cause, remedy = _parted(message)
        return cls(f"{cause.removesuffix('.')}.", remedy=remedy or f"See `sfmint explain {name}`.", name=name)

    def knowing(self, facts: Facts) -> "Failed":
        """Return the same failure, with more that is known; where both say something, its own facts count."""
        return Failed(self.cause, remedy=self.remedy, name=self.name, facts={**facts, **self.facts}, shown=self.shown)

    def to_facts(self) -> Facts:
        """Return the facts, and the failure itself as `error`."""
        error = {"name": self.name, "cause": self.cause, "remedy": self.remedy}
        return {**self.facts, "error": error}


def _parted(message: str) -> tuple[str, str]:
    """Return cause and remedy: a sentence that is quoted in the cause, whatever it quotes itself, is no end of it."""
    end = message.find(". ")
    if '"' in message[: max(0, end)]:
        end = max(end, message.rfind('". ') + 1)
    return (message, "") if end < 0 else (message[:end], message[end + 2 :])
