"""What fails at AWS, or on the way to it."""

import random
import threading
from collections.abc import Mapping

from sfmint_local.faults.behaviours import (
    Asked,
    AwsError,
    Behaviour,
    Drip,
    EarlyHints,
    Endless,
    Hang,
    LostAnswer,
    Pass,
    Refuse,
    Twice,
    always,
)
from sfmint_local.faults.wire import Wire
from sfmint_local.soak.history import Explains, History

_STORES = frozenset({"dynamodb", "ssm"})
_SERVICES: Mapping[str, frozenset[str]] = {
    "store": _STORES,
    "KMS": frozenset({"kms"}),
    "Secrets Manager": frozenset({"secretsmanager"}),
    "all of AWS": _STORES | {"kms", "secretsmanager"},
}
_BEHAVIOURS: Mapping[str, Behaviour] = {
    "refuses": Refuse(),
    "hangs": Hang(),
    "loses answers": LostAnswer(),
    "is slow": Pass(after_s=0.4),
    "is very slow": Pass(after_s=1.5),
    "is late": Pass(after_s=3.5),  # it does what was asked after the caller has given up
    "throttles": AwsError("ThrottlingException"),
    "answers 500": AwsError("InternalServerError", 500),
    "denies": AwsError("AccessDeniedException"),
    "drips": Drip(headers=True),
    "drips answers": Drip(),
    "hints early": EarlyHints(),
    "answers twice": Twice(),
    "answers without end": Endless(),
}
DENIALS = frozenset({"store denies", "all of AWS denies"})

_SHARES = (0.15, 0.5, 1.0)  # of the requests
_CALM_S = (0.3, 3.0)
_LASTS_S = (0.5, 5.0)
_OWN_S = 5.0  # what a call meets that began meanwhile
_NOT_SEALED_S = 75.0  # what is remembered of a token that could not be encrypted
_NOT_ALLOWED_S = 920.0


class AwsWeather:
    """One trouble of AWS's after the other.

    Args:
        wire: between the environments and AWS.
        history: is told of every trouble.
        chance: what comes next.
    """

    def __init__(self, wire: Wire, *, history: History, chance: random.Random) -> None:
        self._wire = wire
        self._history = history
        self._chance = chance

    def blow(self, calm: threading.Event) -> None:
        """Make troubles until it shall be calm, and end them."""
        while not calm.wait(self._chance.uniform(*_CALM_S)):
            who, how = self._chance.choice(list(_SERVICES)), self._chance.choice(list(_BEHAVIOURS))
            services, behaviour, share = _SERVICES[who], _BEHAVIOURS[how], self._chance.choice(_SHARES)

            def behave(
                asked: Asked,
                services: frozenset[str] = services,
                behaviour: Behaviour = behaviour,
                share: float = share,
            ) -> Behaviour:
                return behaviour if asked.service in services and self._chance.random() < share else Pass()

            with self._history.trouble(f"{who} {how}", explained(services, how), hides_store=bool(services & _STORES)):
                self._wire.behave = behave
                calm.wait(self._chance.uniform(*_LASTS_S))
                self._wire.behave = always(Pass())


def explained(services: frozenset[str], how: str) -> Explains:
    """Return the errors that a trouble of some services may cause, and for how many seconds after its end."""
    caused = {"CacheUnavailable": _lingers(services, how), "RefreshInProgress": 45.0}
    if how == "denies" and "secretsmanager" in services:
        caused["InvalidCredentials"] = _OWN_S
    return caused


def _lingers(services: frozenset[str], how: str) -> float:
    if "kms" not in services:
        return _OWN_S
    return _NOT_ALLOWED_S if how == "denies" else _NOT_SEALED_S
