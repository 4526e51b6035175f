"""Callers at a constant rate, each with an execution environment of its own, and what they were told."""

from dataclasses import dataclass, field
from typing import Any

from rotation.load.org import Org
from rotation.load.timeline import Timeline
from sfmint.errors import SfmintError
from sfmint.use_cases.broker import Broker
from sfmint_testing.world import get_token


@dataclass(slots=True)
class Callers:
    """Ask for the token of `orders` again and again; every token that is no good to Salesforce is a failure too.

    Attributes:
        clock: time.
        org: takes the tokens.
        period_s: between two calls of one of them.
        calls: how many were made.
        failures: how many seconds after noon which error was met.
    """

    clock: Timeline
    org: Org
    period_s: float
    calls: int = 0
    failures: list[tuple[float, str]] = field(default_factory=list)

    def begin(self, broker: Broker, *, min_ttl: int, after_s: float) -> None:
        """Let one of them begin."""
        self.clock.begin(lambda: self._live(broker, min_ttl), after_s=after_s)

    def _live(self, broker: Broker, min_ttl: int) -> None:
        while True:
            self.calls += 1
            try:
                answer = get_token(broker, min_ttl=min_ttl)
                self._take(answer)
            except SfmintError as error:
                self.failures.append((self.clock.monotonic(), repr(error)))
            self.clock.sleep(self.period_s)

    def _take(self, answer: dict[str, Any]) -> None:
        if not self.org.lives(answer["access_token"]):
            self.failures.append((self.clock.monotonic(), "a token that Salesforce does not take"))
