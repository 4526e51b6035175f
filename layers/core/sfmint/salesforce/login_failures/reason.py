"""Why a login gave no token: what a reason consists of, and how long it keeps sfmint from trying again."""

from dataclasses import dataclass
from enum import Enum

from sfmint.errors import CacheUnavailable, SfmintError
from sfmint.salesforce.vocabulary import OF_THE_STACK, Vocabulary

LONGEST_S = 3600.0  # no failure is remembered for longer, whatever Salesforce asks for

SHORTEST_PAUSE_S = 60.0  # after Salesforce has refused credentials: two logins a minute, where there are other ones
IN_ROTATION_S = 120.0  # the longest one while there are: a quarter of the default login budget, however long it lasts


class Backoff(Enum):
    """How long a failure is remembered: first wait in seconds, longest wait, steps before the wait doubles."""

    PERMANENT = (60.0, 900.0, 0)
    PROPAGATING = (60.0, 900.0, 10)  # maybe a change of the app under way, which takes two to ten minutes
    RATE = (600.0, LONGEST_S, 0)
    TRANSIENT = (2.0, 60.0, 0)
    HOUR = (3600.0, 3600.0, 0)  # to the end of the clock's hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A reason in the words of the place where it is read.

    Attributes:
        cause: one sentence.
        steps: what to look at or to do, the likeliest first; clauses that begin with a verb.
    """

    cause: str
    steps: tuple[str, ...]

    @property
    def remedy(self) -> str:
        """The steps as one sentence."""
        steps = "; then ".join(self.steps)
        return f"{steps[0].upper()}{steps[1:]}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One way in which a mint fails.

    Attributes:
        code: its name on the cache row, in logs and in `status`.
        error: the class that callers meet.
        backoff: how long it is remembered.
        cause: one sentence, with places for the words of a vocabulary.
        steps: what to look at or to do, the likeliest first; clauses that begin with a verb, with places.
        answers: (`error`, part of `error_description`) pairs of Salesforce that mean it, in lower case; an empty
            part matches every description.
        also: what else means it, in words; empty: nothing.
        quoted: whether callers read Salesforce's own words too, because the row alone says too little.
        source: where Salesforce tells of it, or where people met it; empty: sfmint finds it.
        names_ids: whether what is known of a case names ids of records.
    """

    code: str
    error: type[SfmintError]
    backoff: Backoff
    cause: str
    steps: tuple[str, ...]
    answers: tuple[tuple[str, str], ...] = ()
    also: str = ""
    quoted: bool = False
    source: str = ""
    names_ids: bool = False

    def told(self, vocabulary: Vocabulary = OF_THE_STACK) -> Told:
        """Return cause and steps in the words of a vocabulary."""
        return Told(cause=vocabulary.fill(self.cause), steps=tuple(map(vocabulary.fill, self.steps)))

    def to_error(self, detail: str = "", vocabulary: Vocabulary = OF_THE_STACK) -> SfmintError:
        """Return the error that callers meet.

        Args:
            detail: what is known of this one case, a clause for the end of the cause; never a secret.
            vocabulary: that of the place where it is read.
        """
        told = self.told(vocabulary)
        cause = f"{told.cause.removesuffix('.')}: {detail}." if detail else told.cause
        if self.error is CacheUnavailable:
            return CacheUnavailable(cause, remedy=told.remedy, denied=self.backoff is Backoff.PERMANENT)
        return self.error(cause, remedy=told.remedy)


def remembered_until(reason: Reason, count: int, now: float, jitter: float) -> float:
    """Return until when a failure is remembered, epoch seconds.

    Args:
        reason: why the mint failed.
        count: how many logins in a row have failed with this configuration and key, this one included.
        now: epoch seconds.
        jitter: drawn from 1 to 1.5; it spreads transient waits only.
    """
    first, longest, steps = reason.backoff.value
    if reason.backoff is Backoff.HOUR:
        return (now // first + 1) * first
    spread = jitter if reason.backoff is Backoff.TRANSIENT else 1.0
    return now + min(longest, first * spread * 2.0 ** min(max(0, count - 1 - steps), 10))
