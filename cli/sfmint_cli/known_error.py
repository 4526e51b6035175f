"""What is known of an error that somebody has pasted, and the words by which it is known."""

from dataclasses import dataclass

from sfmint_cli.error_classes import ErrorClass, again
from sfmint_cli.pasted_text import Pasted
from sfmint_cli.result import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What an error means.

    Attributes:
        name: the error that callers meet.
        reason: the code of a failed login, or Salesforce's of a failed request; empty for a name alone.
        again: whether the same call may succeed later.
        cause: one sentence.
        steps: what to do, the likeliest first.
    """

    name: str
    reason: str = ""
    again: str
    cause: str
    steps: tuple[str, ...]

    def to_facts(self) -> Facts:
        """Return it for a person or a program."""
        return {
            "name": self.name,
            **({"reason": self.reason} if self.reason else {}),
            "again": self.again,
            "cause": self.cause,
            "remedy": self.steps,
        }


def of_class(error: ErrorClass, cause: str, steps: tuple[str, ...], reason: str = "") -> Diagnosis:
    """Return the diagnosis of an error that callers meet by its class."""
    return Diagnosis(name=error.__name__, reason=reason, again=again(error), cause=cause, steps=steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One error, by what is said of it.

    Attributes:
        said: words in lower case; one of them is enough.
        beside: words of which one has to stand there too; empty: none.
        means: what it is.
    """

    said: tuple[str, ...]
    beside: tuple[str, ...] = ()
    means: Diagnosis

    def fits(self, pasted: Pasted) -> bool:
        """Return whether a text says it."""
        return any(map(pasted.holds, self.said)) and (
            not self.beside or any(each in pasted.plain for each in self.beside)
        )
