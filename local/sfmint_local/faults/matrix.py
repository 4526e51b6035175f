"""Every fault in every state with every store: brought about, and what came of it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass

from sfmint.access_token import AccessToken
from sfmint.telemetry import Degraded, MintRefused, Raised, Record
from sfmint_local.faults.aws_fault import AWS_FAULTS, AwsFault
from sfmint_local.faults.endpoint_fault import ENDPOINT_FAULTS, SALESFORCE_DOWN, EndpointFault
from sfmint_local.faults.execution import Execution, Reply
from sfmint_local.faults.outcome import Case, NotMeasured, Outcome, duration_class
from sfmint_local.faults.scene import STORES, Scene
from sfmint_local.faults.token_state import IN_MEMORY, ON_THE_ROW, TokenState

type Fault = EndpointFault | AwsFault

DEGRADED_MODES: tuple[Fault, ...] = (*AWS_FAULTS, SALESFORCE_DOWN)
PATIENCE_MS = 3000
_WORKING, _WAITING = 3, 24  # cases at the same time: those that compute, and those that only wait
_TRIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A caller meets a fault."""

    fault: Fault
    state: TokenState
    store: str

    @property
    def case(self) -> Case:
        """The names of it."""
        return Case(fault=self.fault.name, state=self.state.name, store=self.store)


def meetings() -> list[Meeting]:
    """Returns all of them."""
    at_salesforce = [(fault, state) for fault in ENDPOINT_FAULTS for state in ON_THE_ROW]
    at_aws = [(fault, state) for fault in DEGRADED_MODES for state in (*ON_THE_ROW, *IN_MEMORY)]
    return [
        Meeting(fault=fault, state=state, store=store) for fault, state in (*at_salesforce, *at_aws) for store in STORES
    ]


def arena() -> Scene:
    """Returns where they take place: a context manager."""
    return Scene()


def measure(scene: Scene, tell: Callable[[int, int], None] = lambda _done, _every: None) -> dict[Case, Outcome]:
    """Returns what came of every case.

    Args:
        scene: where.
        tell: is told how many cases are done, and how many there are.

    Raises:
        NotMeasured: a case contradicts itself.
    """
    everything = meetings()
    with ExitStack() as ending:
        working, waiting = (ending.enter_context(ThreadPoolExecutor(size)) for size in (_WORKING, _WAITING))
        begun = [(waiting if each.fault.slow else working).submit(meet, scene, each) for each in everything]
        try:
            for done, case in enumerate(as_completed(begun), start=1):
                case.result()
                tell(done, len(begun))
        except BaseException:
            for case in begun:
                case.cancel()
            raise
    scene.compare_counts()
    return {each.case: case.result() for each, case in zip(everything, begun, strict=True)}


def meet(scene: Scene, meeting: Meeting) -> Outcome:
    """Returns what came of one case; where a busy machine has disturbed it, it is met again.

    Raises:
        NotMeasured: it was disturbed each time, or contradicts itself.
    """
    for _ in range(_TRIES):
        connection = scene.connect(meeting.fault.name)
        outcome = _meet(scene, meeting, connection)
        if not scene.lagged(connection):
            return outcome
    raise NotMeasured(f"{meeting.case}: the machine was too busy, {_TRIES} times.")


def _meet(scene: Scene, meeting: Meeting, connection: str) -> Outcome:
    planter, state = scene.planter(meeting.store), meeting.state
    caller, other = scene.environment(meeting.store), scene.environment(meeting.store)
    old = planter.plant(connection, state)
    _arrange(caller, connection, state, old)
    if isinstance(meeting.fault, AwsFault):
        scene.strike(connection, meeting.fault)
    try:
        reported = {"rejected": old.fingerprint} if old and state.rejected else {}
        reply = caller.ask(connection, deadline_ms=PATIENCE_MS, **reported)
        next_reply = other.ask(connection, deadline_ms=PATIENCE_MS)
    finally:
        scene.mend(connection)
    scene.expect(connection, reply.exchanges + next_reply.exchanges)
    if leaks := scene.leaks(reply.shown + next_reply.shown, reply.token, next_reply.token):
        raise NotMeasured(f"{meeting.case}: {', '.join(leaks)} was shown.")
    return Outcome(
        got=_got(reply, old, state),
        logins=reply.exchanges,
        took=duration_class(reply.took_s),
        next_got=_got(next_reply, old, state, before=reply),
        next_logins=next_reply.exchanges,
        reasons=tuple(
            dict.fromkeys(
                record.reason for record in (*reply.records, *next_reply.records) if isinstance(record, MintRefused)
            )
        ),
        kept=planter.remembered(connection),
        said=tuple(_line(record) for record in reply.records if record.level in {"WARNING", "ERROR"}),
    )


def _arrange(caller: Execution, connection: str, state: TokenState, token: AccessToken | None) -> None:
    """Let the caller's environment remember what the state says."""
    if token is not None and state.confirmed_s is not None:
        caller.remember(token, state.confirmed_s)
    if state.rejected:
        caller.remember_secret(connection)


def _got(reply: Reply, old: AccessToken | None, state: TokenState, *, before: Reply | None = None) -> str:
    if reply.error:
        return f"`{reply.error}`"
    if old is not None and reply.answer["fingerprint"] == old.fingerprint and (state.rejected or state.hard_s <= 0):
        return "a DEAD token"
    token = {"minted": "a new token", "cache": "the row's token", "memory": "memory's token"}[reply.answer["source"]]
    if before is not None and before.answer.get("source") == "minted" and before.token == reply.token:
        token = "the same token"  # noqa: S105 - the page's words
    in_spite = any(isinstance(record, Degraded) for record in reply.records)
    return f"{token}, in spite of it" if in_spite and reply.answer["source"] != "minted" else token


def _line(record: Record) -> str:
    match record:
        case MintRefused(reason=named) | Degraded(error=named) | Raised(error=named):
            return f"{record.message} (`{named}`): `{record.metric}`"
        case _:
            return f"{record.message}: `{record.metric}`"
