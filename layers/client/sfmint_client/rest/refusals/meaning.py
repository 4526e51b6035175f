"""One kind of refusal, as the tables have it."""

from dataclasses import dataclass
from enum import Enum

from sfmint_client.errors import SfmintError
from sfmint_values.foreign import Foreign


class Again(Enum):
    """When a request that failed may be sent again."""

    NEVER = "never"
    IF_REPEATABLE = "if sending it twice does no more than sending it once"
    ALWAYS = "always, for nothing was done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One kind of refusal. What is empty fits anything.

    Attributes:
        error: the class that callers meet.
        cause: one sentence.
        remedy: what to do, one sentence or two.
        statuses: those that it is for, each one or the first digit of many.
        codes: Salesforce's `errorCode`s that mean it.
        words: parts of Salesforce's message, in lower case, of which one must be there.
        again: whether the same request is sent again by itself.
    """

    error: type[SfmintError]
    cause: str
    remedy: str
    statuses: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    again: Again = Again.NEVER

    def fits(self, status: int, code: str, message: Foreign) -> bool:
        """Tell whether a refusal is of this kind."""
        if self.statuses and not {status, status // 100} & set(self.statuses):
            return False
        if self.codes and code not in self.codes:
            return False
        return not self.words or any(word in message.lower() for word in self.words)


def codes(names: str) -> tuple[str, ...]:
    """Return the codes that stand in a text, separated by white space."""
    return tuple(names.split())
