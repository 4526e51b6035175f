"""The stack under load: broker environments with their callers and the keeper's schedule, on one timeline with one org."""

from contextlib import suppress
from random import Random

from rotation.load.callers import Callers
from rotation.load.manners import Manner
from rotation.load.org import Org
from rotation.load.outages import Outages, StruckSealer, StruckStore
from rotation.load.timeline import Timeline
from sfmint.aws_access.budget import Budget
from sfmint.errors import SfmintError
from sfmint.ports import Credentials, Ports
from sfmint.request import RefreshRequest
from sfmint.row.row import CacheRow, row_key
from sfmint.use_cases.assembly import Limits, UseCases, assemble
from sfmint.use_cases.keeper import Keeper
from sfmint_testing.fakes import FakeChance, FakeSigners, RecordingTelemetry
from sfmint_testing.rotation.account import NAME

CALLERS = ((60, 0.0), (0, 0.7), (400, 1.1), (880, 1.6))  # of each: its min_ttl, and when it begins
PERIOD_S = 4.0
INTERVAL_S = 300.0
REMAINING_S = 60.0
LOGIN_BUDGET = 240


class SeededChance(FakeChance):
    """The same chance in every run."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed)  # noqa: S311

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)


class Stack:
    """One stack over one org; each `use_cases()` is an execution environment of its own.

    Args:
        clock: time.
        manner: how a change of the org's app arrives.
        credentials: where the secret is read.
        outages: when AWS does not answer.
        seed: of all chance.
    """

    def __init__(
        self, clock: Timeline, manner: Manner, credentials: Credentials, outages: Outages, *, seed: int = 0
    ) -> None:
        self.clock = clock
        self.org = Org(clock, manner)
        self.callers = Callers(clock, self.org, PERIOD_S)
        self.telemetry = RecordingTelemetry()
        self._store = StruckStore(outages)
        self._ports = Ports(
            clock=clock,
            budget=Budget(clock),
            chance=SeededChance(seed),
            store=self._store,
            sealer=StruckSealer(outages),
            credentials=credentials,
            signers=FakeSigners(),
            endpoint=self.org,
            telemetry=self.telemetry,
        )

    def use_cases(self) -> UseCases:
        """Return the use cases of an execution environment that has just begun."""
        return assemble(
            self._ports,
            Limits(
                login_budget=LOGIN_BUDGET,
                token_hosts=frozenset(),
                memory_trust_s=30.0,
                refresh_interval_s=INTERVAL_S,
                poll_s=(0.05, 0.10),
            ),
        )

    def begin(self, *, tick_after_s: float = 0.0) -> None:
        """Let callers and the schedule begin.

        Args:
            tick_after_s: when the schedule's first run comes.
        """
        for min_ttl, after_s in CALLERS:
            self.callers.begin(self.use_cases().broker("load"), min_ttl=min_ttl, after_s=after_s)
        keeper = self.use_cases().keeper("load")
        self.clock.begin(lambda: self._keep(keeper), after_s=tick_after_s)

    def row(self) -> CacheRow:
        """Return the row as it stands."""
        return CacheRow.from_item(self._store.items.get(row_key(NAME)))

    def _keep(self, keeper: Keeper) -> None:
        while True:
            with suppress(SfmintError):
                keeper.refresh(RefreshRequest(connection=NAME), remaining_s=REMAINING_S)
            self.clock.sleep(INTERVAL_S)
