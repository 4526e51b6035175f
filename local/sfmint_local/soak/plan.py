"""What a soak shall do."""

import random
from dataclasses import dataclass
from typing import Literal

from sfmint.adapters.stores.parameter_store import LEASES_AHEAD, ParameterStore
from sfmint.row.guarantees import Guarantee
from sfmint_local.soak.judge import SKEW_S

BROKERS = 7
LIFETIMES_S = {"orders": 60, "billing": 75, "parts": 120, "returns": 240}  # 60 s is the shortest there may be
SPENDER = "spender"
SPENDER_LIFETIME_S = 60
WEIGHTS = {**dict.fromkeys(LIFETIMES_S, 3.0), SPENDER: 1.0}  # how often each is asked for
TRUST_S = 5.0

_DATE_S = 20.0  # Parameter Store takes one login in each, and a few more ahead of their time


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast things go, in seconds.

    Attributes:
        storm_s: of troubles, in a row.
        calm_s: of peace after them.
        flush_every_s: from one flush of an ordinary connection to the next, at the least and at the most.
        spend_every_s: from one flush of the spender to the next.
        login_s: what a login takes at the most, with nothing in its way.
    """

    storm_s: float
    calm_s: float
    flush_every_s: tuple[float, float]
    spend_every_s: float
    login_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One soak.

    Attributes:
        minutes: for how long there is load.
        seed: of all that is random.
        store: which keeps the rows.
    """

    minutes: float
    seed: int
    store: Literal["dynamodb", "parameter-store"]

    @property
    def counts_logins(self) -> bool:
        """Whether the store promises a login budget; who does has fences, too."""
        return self._keeps(Guarantee.LOGIN_BUDGET)

    @property
    def is_quick(self) -> bool:
        """Whether the store promises a login at once, however often a token is dropped."""
        return self._keeps(Guarantee.AGAIN_AT_ONCE)

    @property
    def pace(self) -> Pace:
        """How fast everything goes."""
        if self.is_quick:
            return Pace(storm_s=45.0, calm_s=12.0, flush_every_s=(6.0, 14.0), spend_every_s=0.6, login_s=3.0)
        return Pace(storm_s=40.0, calm_s=50.0, flush_every_s=(60.0, 120.0), spend_every_s=90.0, login_s=8.0)

    @property
    def budget(self) -> int:
        """Logins an hour and user: plenty for all but the spender."""
        return round(30 + 12 * self.minutes)

    def chance(self, whose: str) -> random.Random:
        """Return chance of somebody's own: it does not depend on how the others take their turns."""
        return random.Random(f"{self.seed}/{whose}")  # noqa: S311 - no secret comes of it

    def settings(self, endpoint_url: str) -> dict[str, str]:
        """Return the variables of an environment, beside those of the stack.

        Args:
            endpoint_url: where AWS is.
        """
        return {
            "AWS_ENDPOINT_URL": endpoint_url,
            "SFMINT_CACHE_BACKEND": self.store,
            "SFMINT_LOGIN_BUDGET_PER_HOUR": str(self.budget),
            "SFMINT_MEMORY_TRUST_SECONDS": f"{TRUST_S:.0f}",
            "SFMINT_REFRESH_RATE": "rate(1 minute)",
        }

    def allowed_logins(self, ran_s: float, denials: int) -> int:
        """Return how many logins a user may have cost: in an hour, or where the store does not count them, at all.

        Args:
            ran_s: for how many seconds there was load.
            denials: how often the store said no: a flush then deletes every date, which can be taken again.
        """
        if self.counts_logins:
            return self.budget
        return int((ran_s + 2 * SKEW_S) / _DATE_S) + (2 + LEASES_AHEAD) * (1 + denials)

    def _keeps(self, guarantee: Guarantee) -> bool:
        return self.store == "dynamodb" or guarantee not in ParameterStore.CANNOT_PROMISE
