"""What a fault is: a small function around the true answer.

It gets the `Call` and its parameters, and returns what the client shall see. It may ask for the true answer
(``call.answer()``: the login then takes place), or not, or deal with the connection itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.wrappers import Response

from sfmint_local.org.wire import OrgRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that meets a fault.

    Attributes:
        request: what came in.
        answer: does what was asked and returns the true answer.
        pause: waits so many seconds.
        now: seconds of any clock.
        end_session: ends the session of a token.
    """

    request: OrgRequest
    answer: Callable[[], Response]
    pause: Callable[[float], object]
    now: Callable[[], float]
    end_session: Callable[[str], object]


type Effect = Callable[..., Response]

EFFECTS: dict[str, Effect] = {}  # by the kind's name


def kind(effect: Effect) -> Effect:
    """Make a function a kind of fault, under its own name."""
    EFFECTS[effect.__name__] = effect
    return effect
