"""The soak itself: what runs beside what, in which order, and for how long."""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from sfmint_local import places
from sfmint_local.environments import BareStack, Environments
from sfmint_local.errors import LocalStackError
from sfmint_local.faults.wire import Wire
from sfmint_local.soak.account import Account, Logins
from sfmint_local.soak.aws_weather import DENIALS, AwsWeather
from sfmint_local.soak.callers import Caller, Salesforce
from sfmint_local.soak.dates import Dates
from sfmint_local.soak.fleet import Member, Started
from sfmint_local.soak.grants import Grants
from sfmint_local.soak.history import History
from sfmint_local.soak.judge import SKEW_S, Identity, Judge, Rules
from sfmint_local.soak.jury import Jury
from sfmint_local.soak.log_scan import LogScan
from sfmint_local.soak.operators import Operator, Schedule
from sfmint_local.soak.org_weather import OrgWeather
from sfmint_local.soak.plan import BROKERS, LIFETIMES_S, SPENDER, SPENDER_LIFETIME_S, TRUST_S, WEIGHTS, Plan
from sfmint_local.soak.process_weather import Freezer, Killer, Pulse, Waker

_PROGRESS_S = 5.0
_STOPS_ITSELF = 0.4  # of all environments
_BEFORE_IT_PUBLISHES = (
    "Encrypt"  # the operation of AWS between a login and its token on the row: who freezes there wakes late
)

type Work = Callable[[threading.Event], object]


class Soak:
    """One run. Everything ends with the block; the account stays.

    Args:
        plan: what to do.
        stack: where.
        environments: starts the fleet.
        wire: between the fleet and AWS.
    """

    def __init__(self, plan: Plan, stack: BareStack, environments: Environments, wire: Wire) -> None:
        self.account = Account(store=plan.store, seed=plan.seed)
        self._plan = plan
        self._stack = stack
        self._environments = environments
        self._over = threading.Event()
        self._failures: list[Exception] = []
        self._history = History()
        self._calm = threading.Event()
        self._connections = {name: stack.connect(name, life) for name, life in _lifetimes().items()}
        self._settings = stack.settings(**plan.settings(wire.url))
        self._grants = Grants(stack.folder / "org.log")
        judge = Judge(self._rules(), self._grants, self._history)
        self._jury = Jury(judge, self._grants, LogScan(stack.folder / "environments"), self.account)
        self._brokers = [self._member(f"broker {number}") for number in range(BROKERS)]
        self._keeper = self._member("keeper", "token_keeper")
        self._operator = self._operator_of(self._member("operator", "token_keeper"))
        self._fleet = fleet = [*self._brokers, self._keeper]
        self._weather = (
            OrgWeather(
                stack.control,
                self._connections,
                history=self._history,
                chance=plan.chance("org"),
                heal=self._operator.flush,
            ).blow,
            AwsWeather(wire, history=self._history, chance=plan.chance("aws")).blow,
            Freezer(fleet, history=self._history, chance=plan.chance("freezer")).blow,
            Killer(fleet, history=self._history, chance=plan.chance("killer")).blow,
        )

    def run(self) -> None:
        """Run to its end, or until Ctrl-C; the account is complete in either case.

        Raises:
            LocalStackError: something that is no part of what is tried has failed.
            KeyboardInterrupt: Ctrl-C.
        """
        began = time.time()
        try:
            with self._at_work(self._over, self._jury.run, *self._load()):
                self._seasons(time.monotonic() + 60 * self._plan.minutes)
        finally:
            self.account.ran_s = time.time() - began
            self._jury.finish()
            self._sum_up()
        for failure in self._failures:
            raise LocalStackError(
                f"The soak could not go on: {type(failure).__name__}: {failure}.",
                remedy="Run it again with the same seed; if it lasts, something of the local stack has failed.",
            ) from failure

    def _seasons(self, end: float) -> None:
        while not self._over.is_set() and time.monotonic() < end:
            self._calm.clear()
            with self._at_work(self._calm, *self._weather):
                self._pass_time(min(self._plan.pace.storm_s, end - time.monotonic()))
            self._operator.flush_all()
            self._pass_time(min(self._plan.pace.calm_s, end - time.monotonic()))

    def _pass_time(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self._over.wait(min(left, _PROGRESS_S)):
            print(self._progress(), file=sys.stderr, flush=True)

    def _progress(self) -> str:
        account, now = self.account, ", ".join(self._history.current()) or "nothing"
        season = "calm " if self._calm.is_set() else "storm"
        return f"{season}  {account.calls:7,} calls, {len(account.wrong)} wrong answers; now: {now}"

    @contextmanager
    def _at_work(self, end: threading.Event, *works: Work) -> Iterator[None]:
        """Let all of them work beside the block; then set the event and wait for them."""
        threads = [threading.Thread(target=partial(self._work, work, end), daemon=True) for work in works]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            end.set()
            for thread in threads:
                thread.join()

    def _work(self, work: Work, end: threading.Event) -> None:
        try:
            work(end)
        except Exception as error:  # noqa: BLE001 - raised again where everything has ended
            self._failures.append(error)
            self._over.set()

    def _load(self) -> list[Work]:
        control = self._stack.control
        callers = [
            Caller(
                member,
                WEIGHTS,
                history=self._history,
                salesforce=Salesforce(control.url, control.ca),
                chance=self._plan.chance(member.name),
                hear=self._jury.hear,
            )
            for member in self._brokers
        ]
        schedule = Schedule(self._keeper, list(LIFETIMES_S), self._jury.hear)
        pulse = Pulse(f"{self._stack.aws.endpoint_url}/_ministack/health", self._history)
        wakers = [
            Waker(member, self._calm, history=self._history, chance=self._plan.chance(f"waker of {member.name}"))
            for member in self._fleet
        ]
        load: list[Work] = [*(waker.run for waker in wakers), *(caller.run for caller in callers)]
        load += [schedule.run, self._operator.run, pulse.run]
        return load if self._plan.is_quick else [*load, Dates(self._stack.aws.parameters, self._history).run]

    def _member(self, name: str, function: str = "token_broker") -> Member:
        chance = self._plan.chance(f"environments of {name}")

        def start() -> Started:
            stops_itself = name != "operator" and chance.random() < _STOPS_ITSELF
            environment = self._environments.start(
                self._settings,
                functions=(function,),
                skew_s=chance.uniform(-SKEW_S, SKEW_S),
                stops_before=_BEFORE_IT_PUBLISHES if stops_itself else "",
            )
            return Started(environment, stops_itself)

        return Member(name, start, self._over, function)

    def _operator_of(self, keeper: Member) -> Operator:
        chance = self._plan.chance("operator")
        return Operator(keeper, list(LIFETIMES_S), SPENDER, pace=self._plan.pace, chance=chance, hear=self._jury.hear)

    def _rules(self) -> Rules:
        return Rules(
            identities={
                name: Identity(username=connection.username, lifetime_s=_lifetimes()[name])
                for name, connection in self._connections.items()
            },
            instance_url=self._stack.control.url,
            trust_s=TRUST_S,
            budget=self._plan.budget if self._plan.counts_logins else None,
            login_s=self._plan.pace.login_s,
        )

    def _sum_up(self) -> None:
        troubles = self._history.counts()
        denials = sum(number for kind, number in troubles.items() if kind in DENIALS)
        attempted = self._stack.control.counters().by_user
        allowed = self._plan.allowed_logins(self.account.ran_s, denials)
        self.account.logins = {
            name: self._logins(name, attempted[connection.username].attempted, allowed)
            for name, connection in self._connections.items()
        }
        for name, logins in self.account.logins.items():
            self.account.note_wrong(logins.wrong(name))
        self.account.troubles = troubles
        if self.account.wrong:
            self._keep_evidence()

    def _logins(self, name: str, attempted: int, allowed: int) -> Logins:
        if not self._plan.counts_logins:
            return Logins(attempted=attempted, counted=attempted, allowed=allowed, fence=None)
        counted = self._grants.most_in_an_hour(self._connections[name].username, skew_s=SKEW_S + 1)
        fence = int((self._stack.row(name) or {}).get("fence", 0))
        return Logins(attempted=attempted, counted=counted, allowed=allowed, fence=fence)

    def _keep_evidence(self) -> None:
        """Keep the logs: no secret is in them but what the judge has found there."""
        kept = places.LOCAL / "soak" / f"{self._plan.store}-{self._plan.seed}"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for log in self._stack.folder.glob("*.log"):
            shutil.copy(log, kept)
        print(f"the logs are kept in {kept.relative_to(places.ROOT)}", file=sys.stderr)


def _lifetimes() -> dict[str, int]:
    return {**LIFETIMES_S, SPENDER: SPENDER_LIFETIME_S}
