"""Ask AWS again, where that is safe and there is time for it.

Source: AWS SDKs and Tools Reference Guide, "Retry behavior", mode `standard`; botocore/retries/standard.py.
"""

from collections.abc import Callable, Iterator

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    SSLError,
)

from sfmint.adapters.aws.errors import AwsError, Happened, happened
from sfmint.aws_access.budget import CALL_S, Budget
from sfmint.ports import Chance, Clock

REPEAT_S = 0.3  # a repetition is sent only where so much is left for it
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0
_IF_ASKED_FOR = 4  # times as long, where AWS asks for a pause: many may be asking
_UNSENT = (ConnectTimeoutError, EndpointConnectionError, SSLError)  # there was no connection to send it over


class Repeats:
    """Sends a request until it is answered, or its time is up.

    Args:
        budget: the time that there is.
        clock: makes the pauses.
        chance: spreads them.
    """

    def __init__(self, budget: Budget, clock: Clock, chance: Chance) -> None:
        self._budget = budget
        self._clock = clock
        self._chance = chance

    def ask[Answer](self, call: Callable[[], Answer], *, repeatable: bool = True) -> Answer:
        """Return the answer to a request.

        Args:
            call: sends it, once.
            repeatable: whether it may be sent again though it may have been carried out; if not, it is repeated only where
                AWS has said that it was not, and where it was not sent.

        Raises:
            ClientError: AWS refuses for good, or until the time was up.
            BotoCoreError: no answer came.
        """
        in_doubt: AwsError | None = None
        with self._budget.share(CALL_S):
            for tried, next_pause_s in enumerate(self._pauses(), 1):
                try:
                    with self._budget.share(self._try_s(next_pause_s) if repeatable else CALL_S):
                        return call()
                except (BotoCoreError, ClientError) as error:
                    throttled = happened(error) is Happened.THROTTLED
                    pause_s = min(next_pause_s * _IF_ASKED_FOR, _LONGEST_PAUSE_S) if throttled else next_pause_s
                    in_doubt = in_doubt or (error if _may_have_been_carried_out(error) else None)
                    safe = _is_passing(error) and (repeatable or not in_doubt)
                    if not safe or not self._has_room(tried, pause_s):
                        # A pause that AWS asks for at last does not undo what an earlier try may have done.
                        raise (in_doubt if in_doubt and throttled else error) from None
                self._clock.sleep(pause_s)
        raise AssertionError("the pauses never end")

    def _has_room(self, tried: int, pause_s: float) -> bool:
        return tried < self._budget.tries() and self._budget.left_s() - pause_s >= REPEAT_S

    def _try_s(self, pause_s: float) -> float:
        """Return what a try may take: all that is left, but for one more over a connection that is not dead."""
        left_s, kept_s = self._budget.left_s(), pause_s + REPEAT_S
        return left_s - kept_s if left_s > 2 * kept_s else left_s

    def _pauses(self) -> Iterator[float]:
        longest_s = _FIRST_PAUSE_S
        while True:
            yield self._chance.uniform(longest_s / 2, longest_s)
            longest_s = min(2 * longest_s, _LONGEST_PAUSE_S)


def _is_passing(error: AwsError) -> bool:
    return happened(error) in {Happened.NO_ANSWER, Happened.FAULT, Happened.THROTTLED}


def _may_have_been_carried_out(error: AwsError) -> bool:
    return happened(error) in {Happened.NO_ANSWER, Happened.FAULT} and not isinstance(error, _UNSENT)
