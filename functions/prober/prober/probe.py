"""One probe: a token is got and used, and whatever else the policy might give is asked for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol

from prober.questions import Question
from sfmint_client.errors import SfmintError
from sfmint_values.system import Clock

USE_S = 20.0  # the longest that Salesforce may take for the request
QUESTION_S = 10.0  # what one question takes at worst; with less left of the time none is asked
MARGIN_S = 2.0  # to answer, and to tell of it


class Verdict(Enum):
    """What an answer says of the caller's rights."""

    REFUSED = auto()
    ALLOWED = auto()
    UNANSWERED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What AWS said to a question.

    Attributes:
        verdict: about the caller's rights.
        code: AWS's error code, or what happened in its place.
    """

    verdict: Verdict
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A question that was not refused, and what was answered.

    Attributes:
        wish: what was asked for.
        code: AWS's error code, or what happened in its place.
    """

    wish: str
    code: str

    def to_json(self) -> dict[str, str]:
        """Return it as the answer has it."""
        return {"wish": self.wish, "code": self.code}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of a probe.

    Attributes:
        connection: its name.
        failure: why no token could be got and used, or None.
        refused: how many questions were refused, as they must be.
        allowed: those that were not.
        unanswered: those to which nothing was said.
    """

    connection: str
    failure: SfmintError | None
    refused: int
    allowed: tuple[Told, ...]
    unanswered: tuple[Told, ...]

    @property
    def failed(self) -> bool:
        """Whether something could not be found out, or not be done."""
        return self.failure is not None or bool(self.unanswered)

    @property
    def not_refused(self) -> bool | None:
        """Whether there is a hole; None where no answer shows one, and some would be needed to say that there is none."""
        return None if self.unanswered and not self.allowed else bool(self.allowed)

    @property
    def error(self) -> dict[str, str]:
        """Return the name of the failure and its words; nothing where there is none."""
        return {"error": self.failure.name, "why": str(self.failure)} if self.failure else {}

    def to_json(self) -> dict[str, Any]:
        """Return the function's answer."""
        return {
            "connection": self.connection,
            "failed": self.failed,
            "refused": self.refused,
            "allowed": [told.to_json() for told in self.allowed],
            "unanswered": [told.to_json() for told in self.unanswered],
            **self.error,
        }


class Caller(Protocol):
    """A caller of the connection."""

    def use_token(self, within_s: float) -> None:
        """Get a token of the broker, and ask Salesforce something with it.

        Args:
            within_s: how long Salesforce may take, in seconds.

        Raises:
            SfmintError: one of the two refused, or did not answer.
        """


class Asker(Protocol):
    """Somebody with the connection's policy in hand."""

    def ask(self, question: Question) -> Answer:
        """Return AWS's answer."""


class Probe:
    """Probes one connection.

    Args:
        connection: its name.
        caller: uses it.
        asker: asks for more.
        questions: what for.
        clock: time.
    """

    def __init__(
        self, connection: str, *, caller: Caller, asker: Asker, questions: Collection[Question], clock: Clock
    ) -> None:
        self._connection = connection
        self._caller = caller
        self._asker = asker
        self._questions = questions
        self._clock = clock

    def run(self, *, within_s: float) -> Finding:
        """Return what came of a probe.

        Args:
            within_s: how long it may take, in seconds.
        """
        ends_at = self._clock.monotonic() + within_s - MARGIN_S
        failure = self._failure()
        answers = [(question.wish, self._answer(question, ends_at)) for question in self._questions]
        return Finding(
            connection=self._connection,
            failure=failure,
            refused=sum(answer.verdict is Verdict.REFUSED for _, answer in answers),
            allowed=_told(answers, Verdict.ALLOWED),
            unanswered=_told(answers, Verdict.UNANSWERED),
        )

    def _failure(self) -> SfmintError | None:
        try:
            self._caller.use_token(USE_S)
        except SfmintError as error:
            return error
        return None

    def _answer(self, question: Question, ends_at: float) -> Answer:
        if self._clock.monotonic() + QUESTION_S > ends_at:
            return Answer(verdict=Verdict.UNANSWERED, code="the time was over")
        return self._asker.ask(question)


def _told(answers: Iterable[tuple[str, Answer]], verdict: Verdict) -> tuple[Told, ...]:
    return tuple(Told(wish=wish, code=answer.code) for wish, answer in answers if answer.verdict is verdict)
