"""Who asks when on that day, and the lines of metrics that the functions write of it.

day = simulated_day()
metrics = Metrics()
metrics.take(day.lines)
"""

import heapq
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from typing import cast

from sfmint.errors import SfmintError
from sfmint.request import RefreshRequest, TokenRequest, WatchRequest, parse_broker_event
from sfmint.telemetry import BY_CONNECTION, OF_STACK, Record, RequestFailed, TokenRefused
from sfmint.use_cases.assembly import Limits, UseCases, assemble
from sfmint.use_cases.broker import Broker
from sfmint_local.cloudwatch.metric_line import Series
from sfmint_local.watched_day.incidents import MIDNIGHT, DaySalesforce, DaySealer
from sfmint_testing.fakes import FakeClock, a_connection
from sfmint_testing.world import World
from sfmint_values.embedded_metrics import NAMESPACE, EmbeddedMetrics

STACK = "sfmint"
DAY_S = 86_400.0
WARM_UP_S = 7200.0  # before midnight: the day begins with tokens, and with alarms that know the stack
REFRESH_S = 300.0
A_MINUTE = {"orders": 4.0, "billing": 2.0, "support": 2.0, "marketing": 1.0}  # calls at the busiest time, by connection
ENVIRONMENTS = 4  # of the broker
LIVES_CALLS = 300.0  # an environment, on average
MISTAKEN, ENDED = 0.002, 0.003  # shares of the calls: a malformed event; a session that somebody has ended
_FUNCTION_S = 60.0
_WINDOW_S = 60.0  # of the template's schedules: a tick comes within it
_PRECISION_S = 59.0  # EventBridge Scheduler: where there is no such window, a tick comes within its minute
_CERTIFICATE_ENDS = datetime(2027, 6, 1, tzinfo=UTC)
_KEEPER = f"{STACK}-token-keeper"

type _Happening = tuple[float, Callable[[], None]]  # when, in epoch seconds, and what


@dataclass(slots=True)
class Day:
    """What is seen of a day.

    Attributes:
        lines: of metrics, as the functions write them.
        of_lambda: what Lambda counts itself: of which metric, when and how much.
    """

    lines: list[str] = field(default_factory=list)
    of_lambda: list[tuple[Series, float, float]] = field(default_factory=list)


def simulated_day(seed: int = 1) -> Day:
    """Return a day that is always the same for a seed."""
    running = _Running(seed)
    for at, happen in heapq.merge(*running.happenings(), key=itemgetter(0)):
        running.world.clock.time = max(running.world.clock.time, at)
        happen()
    return running.day


class _Lines:
    """Telemetry that writes the lines of metrics only."""

    def __init__(self, service: str, clock: FakeClock, lines: list[str]) -> None:
        self._metrics = EmbeddedMetrics(
            namespace=NAMESPACE, stack=STACK, service=service, by_connection=BY_CONNECTION, of_stack=OF_STACK
        )
        self._clock = clock
        self._lines = lines

    def begin(self, request_id: str) -> None:
        """Nothing: no line is looked up."""

    def emit(self, record: Record) -> None:
        known = {each.name: getattr(record, each.name) for each in fields(record)}
        said = {name: value for name, value in known.items() if value is not None}
        self._lines.append(self._metrics.line(record.counts(), said, at=self._clock.now()))


class _Running:
    """The stack while the day goes by."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - no secret comes of it
        clock = FakeClock(MIDNIGHT - WARM_UP_S)
        self.day = Day()
        self.world = World(clock=clock, sealer=DaySealer(clock))
        self.world.salesforce = DaySalesforce(clock)
        self.world.signers.valid_until = _CERTIFICATE_ENDS
        for name in A_MINUTE:
            self.world.credentials.connections[name] = a_connection(name, username=f"{name}@acme.example")
        self._fingerprints: dict[str, str] = {}  # of the token that was handed out last
        self._told = {service: _Lines(service, clock, self.day.lines) for service in ("token_broker", "token_keeper")}
        self._keeper = self._use_cases("token_keeper").keeper("b1")
        self._brokers = [self._started() for _ in range(ENVIRONMENTS)]

    def happenings(self) -> Iterator[Iterator[_Happening]]:
        """Give who does something when, each in the order of time."""
        for number, (name, a_minute) in enumerate(A_MINUTE.items()):
            yield self._calls(name, a_minute)
            yield self._ticks(partial(self._refresh, name), 40.0 * number)
        yield self._ticks(self._watch, 0.0, within_s=_PRECISION_S)

    def _use_cases(self, service: str) -> UseCases:
        ports = replace(self.world.ports(), telemetry=self._told[service])
        limits = Limits(
            login_budget=240,
            token_hosts=frozenset(),
            memory_trust_s=30.0,
            refresh_interval_s=REFRESH_S,
            poll_s=(0.05, 0.10),
        )
        return assemble(ports, limits)

    def _started(self) -> Broker:
        return self._use_cases("token_broker").broker("b1")

    def _calls(self, name: str, a_minute: float) -> Iterator[_Happening]:
        at, ends = MIDNIGHT - WARM_UP_S, MIDNIGHT + DAY_S
        while (at := at + self._random.expovariate(a_minute / 60)) < ends:
            if self._random.random() < _busy(at):
                yield at, partial(self._call, name)

    def _ticks(self, happen: Callable[[], None], after_s: float, within_s: float = _WINDOW_S) -> Iterator[_Happening]:
        for tick in range(int((WARM_UP_S + DAY_S) / REFRESH_S)):
            spread_s = self._random.uniform(0, within_s)
            yield MIDNIGHT - WARM_UP_S + tick * REFRESH_S + after_s + spread_s, happen

    def _call(self, name: str) -> None:
        number = self._random.randrange(ENVIRONMENTS)
        if self._random.random() < 1 / LIVES_CALLS:
            self._brokers[number] = self._started()
        try:
            request = cast("TokenRequest", parse_broker_event(self._event(name), name))
            answer = self._brokers[number].get_token(request, remaining_s=_FUNCTION_S)
            self._fingerprints[name] = answer["fingerprint"]
        except SfmintError as error:
            self._told["token_broker"].emit(_refused(TokenRefused, name, error))

    def _event(self, name: str) -> dict[str, str]:
        """Return what a caller sends: now and then a mistake, or a token whose session somebody has ended."""
        chance = self._random.random()
        if chance < MISTAKEN:
            return {"min_tll": "300"}
        if chance < MISTAKEN + ENDED and name in self._fingerprints:
            return {"rejected": self._fingerprints[name]}
        return {}

    def _refresh(self, name: str) -> None:
        failed = 0.0
        try:
            self._keeper.refresh(RefreshRequest(connection=name), remaining_s=_FUNCTION_S)
        except SfmintError as error:
            self._told["token_keeper"].emit(_refused(RequestFailed, name, error))
            failed = 1.0
        self._count_for_lambda("Errors", failed)

    def _watch(self) -> None:
        self._keeper.watch.run(WatchRequest(connections=tuple(A_MINUTE)))
        self._count_for_lambda("Errors", 0.0)

    def _count_for_lambda(self, name: str, value: float) -> None:
        self.day.of_lambda.append((("AWS/Lambda", name, (("FunctionName", _KEEPER),)), self.world.clock.now(), value))


def _refused(kind: type[RequestFailed], name: str, error: SfmintError) -> RequestFailed:
    return kind(connection=name, error=type(error).__name__, cause=error.cause, remedy=error.remedy)


def _busy(at: float) -> float:
    """Return how busy callers are at an instant, as a share of the busiest time, which is two in the afternoon."""
    return 0.6 - 0.4 * math.cos((at - MIDNIGHT - 2 * 3600) / DAY_S * math.tau)
