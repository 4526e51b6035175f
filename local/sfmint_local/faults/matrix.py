"""Every fault in every state in every store: met once each, many at a time."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass

from sfmint.errors import CacheUnavailable
from sfmint.telemetry import NotMinted, Record, RefreshFailed, RequestFailed, RowRepaired
from sfmint_local.faults.aws_fault import AWS_FAULTS, AwsFault
from sfmint_local.faults.endpoint_fault import ENDPOINT_FAULTS, SALESFORCE_DOWN, EndpointFault
from sfmint_local.faults.execution import Execution, Reply
from sfmint_local.faults.forgery import FORGERIES, Deed, Forgery
from sfmint_local.faults.outcome import AT_ONCE, Case, NotMeasured, Outcome, duration_class
from sfmint_local.faults.scene import STORES, Scene
from sfmint_local.faults.token_state import AT_HAND, IN_MEMORY, ON_THE_ROW, TokenState

type Fault = EndpointFault | AwsFault | Forgery

DEGRADED_MODES: tuple[Fault, ...] = (*AWS_FAULTS, SALESFORCE_DOWN)
PATIENCE_MS = 3000  # the callers' deadline_ms
_WAITING, _WORKING = 48, 4  # cases at a time: that wait for a time-out, as a rule, and that do not
_TRIES = 2  # beside all the others, and as often alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A fault, to be met with a token in one state in one store."""

    fault: Fault
    state: TokenState
    store: str

    @property
    def case(self) -> Case:
        """Its names."""
        return Case(fault=self.fault.name, state=self.state.name, store=self.store)


class Disturbed(NotMeasured):
    """The machine was too busy for a case, and has disturbed it."""

    def __init__(self, case: Case, what: str) -> None:
        super().__init__(f"{case.fault}, {case.state}, {case.store}: {what}. Is the machine very busy?")


def arena() -> Scene:
    """Return the scene of all meetings."""
    return Scene(*ENDPOINT_FAULTS, SALESFORCE_DOWN)


def meetings() -> list[Meeting]:
    """Return all of them."""
    tables: tuple[tuple[tuple[Fault, ...], tuple[TokenState, ...]], ...] = (
        (ENDPOINT_FAULTS, ON_THE_ROW),
        (DEGRADED_MODES, (*ON_THE_ROW, *IN_MEMORY)),
        (FORGERIES, AT_HAND),
    )
    return [
        Meeting(fault=fault, state=state, store=store)
        for faults, states in tables
        for fault in faults
        for state in states
        for store in STORES
    ]


def measure(scene: Scene, tell: Callable[[int, int], None] = lambda _done, _every: None) -> dict[Case, Outcome]:
    """Return what becomes of every meeting.

    Args:
        scene: where they take place.
        tell: takes how many are done, of how many.

    Raises:
        NotMeasured: something was shown that may not be, or the machine is too busy.
    """
    every = meetings()
    found = {}
    with ThreadPoolExecutor(_WAITING) as waiting, ThreadPoolExecutor(_WORKING) as working:
        pools = {True: waiting, False: working}
        met = {pools[meeting.fault.slow].submit(meet, scene, meeting): meeting for meeting in every}
        try:
            for future in as_completed(met):
                found[met[future].case] = future.result()
                tell(len(found), len(every))
        except BaseException:
            for future in met:
                future.cancel()
            raise
    scene.compare_counts()
    return found


def meet(scene: Scene, meeting: Meeting) -> Outcome:
    """Return what becomes of one meeting; one that a busy machine has disturbed takes place again, at last in its turn.

    Raises:
        NotMeasured: something was shown that may not be, or the machine is too busy.
    """
    for _ in range(_TRIES):
        with suppress(Disturbed):
            return _meet(scene, meeting)
    with scene.turn:
        for _ in range(_TRIES - 1):
            with suppress(Disturbed):
                return _meet(scene, meeting)
        return _meet(scene, meeting)


def _meet(scene: Scene, meeting: Meeting) -> Outcome:
    try:
        return _met(scene, meeting)
    except CacheUnavailable as error:  # nobody has struck who arranges the meeting
        raise Disturbed(meeting.case, str(error)) from None


def _met(scene: Scene, meeting: Meeting) -> Outcome:
    name = scene.connect(meeting.fault.name)
    caller, other = (scene.environment(meeting.store, meeting.fault.name) for _ in range(2))
    deed = _arrange(scene, meeting, name, caller)
    old = deed.token
    rejected = {"rejected": old.fingerprint} if old is not None and meeting.state.rejected else {}
    if isinstance(meeting.fault, AwsFault):
        scene.strike(name, meeting.fault)
    first = caller.ask(name, deadline_ms=PATIENCE_MS, **rejected)
    after = other.ask(name, deadline_ms=PATIENCE_MS)
    scene.mend(name)
    scene.expect(name, first.exchanges + after.exchanges)
    _require_calm(scene, meeting, name, first, after)
    held = "" if old is None else old.access_token.reveal()
    if leaks := scene.leaks(first.shown + after.shown, held, first.token, after.token):
        raise NotMeasured(f"{meeting.case} shows {', '.join(sorted(leaks))}.")
    return Outcome(
        got=_got(first, meeting.state, deed),
        logins=scene.logins(name, first.exchanges),
        took=duration_class(first.took_s),
        next_got=_got(after, meeting.state, deed, first),
        next_logins=scene.logins(name, after.exchanges),
        reasons=tuple(record.reason for record in first.records if isinstance(record, NotMinted)),
        kept=scene.planter(meeting.store).remembered(name),
        said=tuple(_line(record) for record in first.records if record.level in {"WARNING", "ERROR"}),
    )


def _arrange(scene: Scene, meeting: Meeting, name: str, caller: Execution) -> Deed:
    """Put a token where the state has one, and let a stranger do what the meeting is about."""
    planter = scene.planter(meeting.store)
    if isinstance(meeting.fault, Forgery):
        deed = meeting.fault.commit(scene.row(name, meeting.store))
    else:
        has_token = meeting.state.issued_s is not None
        deed = Deed(token=planter.plant(name, meeting.state) if has_token else None)
    if deed.token is not None and meeting.state.confirmed_s is not None:
        caller.remember(deed.token, meeting.state.confirmed_s)
    if meeting.state.rejected:
        caller.remember_secret(name)
    return deed


def _require_calm(scene: Scene, meeting: Meeting, name: str, first: Reply, after: Reply) -> None:
    if scene.lagged(name):
        raise Disturbed(meeting.case, "the embedded AWS took long to answer")
    if not meeting.fault.slow and duration_class(first.took_s) != AT_ONCE:
        raise Disturbed(meeting.case, f"it took {first.took_s:.1f} s")
    if first.error and first.exchanges and after.exchanges:
        raise Disturbed(meeting.case, "the failure was over before the second caller came")


def _got(reply: Reply, state: TokenState, deed: Deed, before: Reply | None = None) -> str:
    """Return what a caller got, in words.

    Args:
        reply: what it got.
        state: how the token stood.
        deed: has that token, and those that must not be taken for it.
        before: what the caller before it got.
    """
    if reply.error:
        return f"`{reply.error}`"
    if reply.token in deed.others:
        return deed.others[reply.token]
    old = deed.token
    if old is None or reply.token != old.access_token.reveal():
        if before is not None and reply.token == before.token:
            return "the same token"
        return "a new token" if reply.answer["source"] == "minted" else "another token"
    if state.rejected or old.hard_expiry <= time.time():
        return "a DEAD token"
    whose = "memory's token" if reply.answer["source"] == "memory" else "the row's token"
    return f"{whose}, in spite of it" if any(isinstance(each, RefreshFailed) for each in reply.records) else whose


def _line(record: Record) -> str:
    """Return a log line, what it names and the metric that counts it."""
    match record:
        case NotMinted():
            named = f" (`{record.reason}`)"
        case RefreshFailed() | RequestFailed():
            named = f" (`{record.error}`)"
        case RowRepaired():
            named = f" ({record.flaw})"
        case _:
            named = ""
    own, *_ = record.counts()
    return f"{record.message}{named}: `{own}`"
