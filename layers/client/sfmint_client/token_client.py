"""The client: one token for all threads, asked for when it is due."""

import copy
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock

from botocore.session import Session

from sfmint_client.access_token import AccessToken
from sfmint_client.broker_alias import BrokerAlias, BrokerCaller
from sfmint_client.errors import (
    BrokerUnavailable,
    InvalidRequest,
    NotConfigured,
    RefreshInProgress,
    RejectionLimited,
    SfmintError,
)
from sfmint_client.system import stack_of_environment
from sfmint_values.call_again import seconds_of
from sfmint_values.connection_name import RULE, is_connection_name
from sfmint_values.invoke_limits import DEFAULT_DEADLINE_MS, DEFAULT_MIN_TTL_S, LONGEST_DEADLINE_MS
from sfmint_values.system import Chance, Clock, SystemChance, SystemClock

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 2.0  # between repeated calls, drawn from the upper half and doubling
REJECTION_WAIT_S = 60.0  # of the broker's rejections, one a minute counts
_SPREAD_S = 1.0  # those who have waited for the same instant do not call at once


def _is_name(value: object) -> bool:
    return isinstance(value, str) and is_connection_name(value)


@dataclass(frozen=True, slots=True)
class _Want:
    """What a caller asks for."""

    min_ttl: int
    rejected: str | None

    def covers(self, other: "_Want") -> bool:
        """Return whether a token for this is one for the other too."""
        return self.min_ttl >= other.min_ttl and other.rejected in {None, self.rejected}


@dataclass(frozen=True, slots=True)
class _Held:
    """A token and when it was asked for, by two clocks: some machines stop the one, people set the other."""

    token: AccessToken
    min_ttl: int
    asked_at: tuple[float, float]

    def left(self, clock: Clock) -> float:
        """Return the life left in seconds, never more than there is: it counts from before the question."""
        monotonic, now = self.asked_at
        return self.token.expires_in - max(clock.monotonic() - monotonic, clock.now() - now)

    def serves(self, want: _Want, clock: Clock) -> bool:
        """Return whether the token lives and the broker would not give one that lives longer."""
        left, applied = self.left(clock), self.token.min_ttl_applied
        needed = min(want.min_ttl, applied) if applied < self.min_ttl else want.min_ttl  # a wish over the clamp is cut
        return left > 0 and left >= needed

    def newer_than(self, other: "_Held", clock: Clock) -> bool:
        """Return whether this token lives and was issued later."""
        return self.left(clock) > 0 and self.token.issued_at > other.token.issued_at


@dataclass(slots=True, eq=False)
class _Flight:
    """A call under way, and what becomes of it."""

    want: _Want
    landed: Event = field(default_factory=Event)
    held: _Held | None = None
    error: SfmintError | None = None


class TokenClient:
    """Hands out a connection's access token, from memory while it is good, else from the broker.

    It may be shared by any number of threads, and one for the life of the process is best: a thread that asks
    while a call is under way that serves it too waits for its answer, and for its error if it asks for just the same.

    Args:
        connection: the connection's name.
        stack: the stack's name; by default the environment's SFMINT_STACK.
        alias_arn: the ARN of the connection's alias, where SSM shall not be asked for it.
        min_ttl: the least life that a token shall have left, in seconds; the broker clamps it to half of a token's life.
        deadline_s: how long a caller waits for others to log in, in seconds. A login that this caller brings about is
            waited for beyond that, up to half a minute.
        rejection_wait_s: how long a caller waits who reports a dead token within a minute of another one, in seconds.
            The broker drops one a minute; with less time to wait the caller gets `RejectionLimited`.
        session: of botocore, for credentials and region; a new one by default.
        clock: time, for tests.
        chance: chance, for tests.

    Raises:
        InvalidRequest: the name cannot be a connection's.
        NotConfigured: there is neither a stack nor an alias ARN.
        AliasNotFound: the alias ARN is none.
    """

    def __init__(  # noqa: PLR0913 - each may be left out, and is named
        self,
        connection: str,
        *,
        stack: str | None = None,
        alias_arn: str | None = None,
        min_ttl: int = DEFAULT_MIN_TTL_S,
        deadline_s: float = DEFAULT_DEADLINE_MS / 1000,
        rejection_wait_s: float = REJECTION_WAIT_S,
        session: Session | None = None,
        clock: Clock | None = None,
        chance: Chance | None = None,
    ) -> None:
        if not _is_name(connection):
            raise InvalidRequest(f"{connection!r} cannot be a connection's name. It is {RULE}.")
        self._connection = connection
        self._alias = BrokerAlias.parse(alias_arn) if alias_arn else None
        self._stack = stack or stack_of_environment()
        if not self._alias and not self._stack:
            raise NotConfigured("No stack is named. Set SFMINT_STACK, or give TokenClient stack or alias_arn.")
        self._min_ttl = min_ttl
        self._deadline_s = deadline_s
        self._rejection_wait_s = rejection_wait_s
        self._caller = BrokerCaller(session or Session(), deadline_s=deadline_s)
        self._clock = clock or SystemClock()
        self._chance = chance or SystemChance()
        self._lock = Lock()
        self._held: _Held | None = None
        self._flights: list[_Flight] = []

    def get_token(self, *, min_ttl: int | None = None, rejected: str | None = None) -> AccessToken:
        """Return a token that has not expired.

        Args:
            min_ttl: the least life that it shall have left, in seconds, where the client's own is not meant.
            rejected: the fingerprint of a token that Salesforce answered 401 `INVALID_SESSION_ID` "Session expired or
                invalid" for. Another token comes back, and nobody of this stack gets that one again.

        Raises:
            SfmintError: by its class, what is wrong and what to do; `retryable` says whether to call again later.
        """
        want = _Want(self._min_ttl if min_ttl is None else min_ttl, rejected)
        waited_s = 0.0
        while True:
            try:
                return self._get(want)
            except RejectionLimited as error:
                again_s = seconds_of(str(error))
                if again_s is None or waited_s + again_s > self._rejection_wait_s:
                    raise
            waited_s += again_s
            # Not in flight: who does not know yet that the token is dead is served with it meanwhile, as by the broker.
            self._clock.sleep(again_s + self._chance.uniform(0.0, _SPREAD_S))

    def _get(self, want: _Want) -> AccessToken:
        ends_at = self._clock.monotonic() + self._deadline_s
        while True:
            with self._lock:
                if held := self._held_for(want):
                    return held.token
                flight = next((flight for flight in self._flights if flight.want.covers(want)), None)
                if mine := flight is None:
                    flight = _Flight(want)
                    self._flights.append(flight)
            if mine:
                self._fly(flight, ends_at)
            elif not flight.landed.wait(max(0.0, ends_at - self._clock.monotonic())):
                self._abandon(flight)
                raise RefreshInProgress(
                    "Another thread is still asking the broker, and your waiting time (deadline_ms) is over. "
                    "Call again, or give the client a longer deadline_s."
                )
            if flight.error and flight.want == want:
                raise flight.error if mine else copy.copy(flight.error)
            if flight.held and flight.held.left(self._clock) > 0:  # who slept here wakes late
                return flight.held.token

    def _held_for(self, want: _Want) -> _Held | None:
        """Return what is held, if it serves; under the lock. A rejected token is dropped first."""
        held = self._held
        if want.rejected is not None and (held is None or held.token.fingerprint == want.rejected):
            # A call that is under way may yet bring the rejected token: nobody joins it, and its answer is not kept.
            self._held = None
            self._flights = [flight for flight in self._flights if flight.want.rejected == want.rejected]
            return None
        return held if held and held.serves(want, self._clock) else None

    def _abandon(self, flight: _Flight) -> None:
        """Let the next caller ask anew: the one who flies may have been interrupted before he began."""
        with self._lock, suppress(ValueError):
            self._flights.remove(flight)

    def _fly(self, flight: _Flight, ends_at: float) -> None:
        """Ask the broker, and let everyone know who waits for the answer."""
        try:
            flight.held = self._ask_patiently(flight.want, ends_at)
        except SfmintError as error:
            flight.error = error
        finally:
            with self._lock:
                self._land(flight)
            flight.landed.set()

    def _land(self, flight: _Flight) -> None:
        """Keep the answer, unless it is older than what is held or a rejection has overtaken it; under the lock."""
        overtaken = flight not in self._flights
        if not overtaken:
            self._flights.remove(flight)
        if flight.held is None:
            return
        held = self._held
        if held and held.newer_than(flight.held, self._clock) and held.token.fingerprint != flight.want.rejected:
            flight.held = held
        elif not overtaken:
            self._held = flight.held

    def _ask_patiently(self, want: _Want, ends_at: float) -> _Held:
        """Ask again while others log in or AWS throttles, as long as the caller waits."""
        longest = FIRST_PAUSE_S
        while True:
            try:
                return self._ask(want, ends_at)
            except (RefreshInProgress, BrokerUnavailable) as error:
                pause = self._chance.uniform(longest / 2, longest)
                patient = isinstance(error, RefreshInProgress) or error.throttled
                if not patient or self._clock.monotonic() + pause >= ends_at:
                    raise
            self._clock.sleep(pause)
            longest = min(2 * longest, LONGEST_PAUSE_S)

    def _ask(self, want: _Want, ends_at: float) -> _Held:
        if self._alias is None:
            self._alias = self._caller.find(self._connection, self._stack or "")
        asked_at = self._clock.monotonic(), self._clock.now()
        left_ms = int(max(0.0, ends_at - asked_at[0]) * 1000)
        event = {
            "action": "get_token",
            "connection": self._connection,  # must agree with the alias
            "min_ttl": want.min_ttl,
            "deadline_ms": min(left_ms, LONGEST_DEADLINE_MS),
        }
        if want.rejected is not None:
            event["rejected"] = want.rejected
        held = _Held(self._caller.get_token(self._alias, event), want.min_ttl, asked_at)
        if held.left(self._clock) <= 0:
            raise RefreshInProgress("The token had expired when it arrived; its successor is being made. Call again.")
        return held
