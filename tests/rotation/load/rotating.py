"""A rotation under load: its runs, on a schedule, over the stack and the org that serve callers meanwhile."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from key_rotation.course import Course
from key_rotation.ports import RotationPorts
from key_rotation.standing import ENDED, Standing
from key_rotation.use_case.rotation import Rotation
from key_rotation.use_case.work import Run
from rotation.load.fields import CONSUMER_KEY, OLD, fields
from rotation.load.manners import Manner
from rotation.load.outages import Outages
from rotation.load.ports import Announcements, InvokedKeeper, Setup
from rotation.load.secret import ReadCredentials
from rotation.load.stack import Stack
from rotation.load.timeline import Timeline
from sfmint.errors import SfmintError
from sfmint_testing.rotation.account import NAME, FakeKeys, FakeNotes, FakeSecrets, certified_id, key_id_of

ROTATION = "rotation-under-load-0123456789abcdef"
RUN_S = 900.0  # the function's time-out
TICK_S = 900.0  # between two runs of the schedule


class Killed(BaseException):
    """The execution environment has ended."""


@dataclass(frozen=True, slots=True)
class End:
    """Where a run is killed.

    Attributes:
        call: a port's class and method.
        occurrence: how many times it has been called by then, this time included.
        carried_out: whether the call is carried out.
    """

    call: str
    occurrence: int
    carried_out: bool


class Calls:
    """The calls of ports that runs make, one of which may be the last one of its run.

    Args:
        last: which one; None: none.

    Attributes:
        counted: how often each was made.
    """

    def __init__(self, last: End | None = None) -> None:
        self.counted: Counter[str] = Counter()
        self.has_ended = False
        self._last = last

    def of[Port](self, port: Port, outages: Outages | None = None) -> Port:
        """Return a port whose calls are counted here, and fail while AWS is down, if it is AWS that answers."""
        watched: Any = _Watched(port, self, outages)
        found: Port = watched
        return found

    def begin(self, name: str) -> None:
        """Count a call."""
        self.counted[name] += 1
        self.end(name, carried_out=False)

    def end(self, name: str, *, carried_out: bool = True) -> None:
        """End the run, if it is to end here."""
        if self._last == End(name, self.counted[name], carried_out):
            self._last, self.has_ended = None, True
            raise Killed


class _Watched:
    def __init__(self, port: object, calls: Calls, outages: Outages | None) -> None:
        self._port, self._calls, self._outages = port, calls, outages

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            said = f"{type(self._port).__name__}.{name}"
            self._calls.begin(said)
            if self._outages is not None:
                self._outages.strike()
            answer = getattr(self._port, name)(*given, **named)
            self._calls.end(said)
            return answer

        return call


class Rotating:
    """Callers, the keeper's schedule, and the rotation's.

    Args:
        manner: how a change of the app arrives.
        calls: of the rotation's runs.
        seed: of all chance.
        said: fields of the secret beside those of a login.

    Attributes:
        standing: how the rotation stood when a run last looked.
    """

    def __init__(self, manner: Manner, *, calls: Calls | None = None, seed: int = 0, **said: object) -> None:
        self.clock = Timeline()
        self.outages = Outages(self.clock)
        self.secrets, self.notes, self.keys = FakeSecrets(), FakeNotes(), FakeKeys()
        self.secrets.store("version-0", fields(**said))
        self.credentials = ReadCredentials(self.secrets, self.outages)
        self.stack = Stack(self.clock, manner, self.credentials, self.outages, seed=seed)
        self.stack.org.has_app(CONSUMER_KEY, key_id_of(OLD))
        self.setup = Setup(self.stack.org)
        self.calls = calls or Calls()
        self.standing: Standing | None = None
        self.rotation = Rotation(ports=self._ports())
        self._run_ids = count(1)

    def rotate(self, *, after_s: float, lasts_s: float) -> None:
        """Have callers served for a while, begin a rotation, and let the schedule go on with it."""
        self.stack.begin()
        self.clock.begin(self._schedule, after_s=after_s)
        self.clock.sleep(after_s + lasts_s)

    def has_person(self, *, uploads_after_s: float, says_so: bool) -> None:
        """Have somebody upload the certificate that is published, some time after that, and say so or not."""
        self.clock.begin(lambda: self._upload(uploads_after_s, says_so=says_so))

    def _upload(self, after_s: float, *, says_so: bool) -> None:
        while (certificate := self.notes.published(NAME)) is None:
            self.clock.sleep(1.0)
        self.clock.sleep(after_s)
        self.stack.org.replace(CONSUMER_KEY, certified_id(certificate))
        if says_so:
            self.rotation.finish(NAME, self._run())

    def _ports(self) -> RotationPorts:
        watched = self.calls.of
        return RotationPorts(
            clock=self.clock,
            secrets=watched(self.secrets, self.outages),
            notes=watched(self.notes, self.outages),
            keeper=watched(InvokedKeeper(self.stack)),
            keys=self.keys,
            apps=watched(self.setup),
            announcer=watched(Announcements()),
        )

    def _schedule(self) -> None:
        self._go_on(begins=True)
        while True:
            self.clock.sleep(TICK_S - self.clock.monotonic() % TICK_S)
            self._go_on()

    def _go_on(self, *, begins: bool = False) -> None:
        """Do what one invocation does; a beginning that was killed is asked for again by the next one."""
        run = self._run()
        with suppress(Killed, SfmintError):
            if begins or self.standing is None:
                self.standing = self.rotation.begin(NAME, ROTATION, run)
            course = Course(advance=self._advance, clock=self.clock, run=run, until=ENDED, waits=True, failed=None)
            course.follow({NAME: self.rotation.standing(NAME)})

    def _advance(self, connection: str, run: Run) -> Standing:
        self.standing = self.rotation.advance(connection, run)
        return self.standing

    def _run(self) -> Run:
        return Run(id=f"run-{next(self._run_ids)}", ends_at=self.clock.now() + RUN_S)
