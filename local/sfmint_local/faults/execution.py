"""An execution environment of the broker, as `bootstrap` makes it, and what one caller gets from it.

Three things are swapped: what it says is recorded, its token endpoint counts, and its pauses are as long as they may be.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from sfmint.adapters.system import SystemChance
from sfmint.adapters.token_endpoint import HttpsTokenEndpoint
from sfmint.bootstrap import Function, limits
from sfmint.errors import SfmintError
from sfmint.request import TokenRequest, parse_broker_event
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection
from sfmint.telemetry import Record
from sfmint.use_cases.assembly import assemble
from sfmint.use_cases.broker import Broker
from sfmint.use_cases.credential_choice import CredentialChoice
from sfmint.use_cases.look import look
from sfmint_values.secret import Secret
from sfmint_values.system import SystemClock

_FUNCTION_S = 60.0  # the function's own time-out, as the template has it


class LongestPauses(SystemChance):
    """Chance that is never lucky."""

    def uniform(self, low: float, high: float) -> float:  # noqa: ARG002 - the port's
        """Return the upper bound."""
        return high


class CountedEndpoint(HttpsTokenEndpoint):
    """The real token endpoint, and how often it was asked.

    Attributes:
        exchanges: how often.
    """

    exchanges = 0

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        """Return the JSON object of a 200 answer."""
        self.exchanges += 1
        return super().exchange(connection, assertion)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Telemetry that is kept.

    Attributes:
        records: in order.
    """

    records: list[Record] = field(default_factory=list)

    def begin(self, request_id: str) -> None:
        """Let it be."""

    def emit(self, record: Record) -> None:
        """Keep it."""
        self.records.append(record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one caller got.

    Attributes:
        answer: with the token; empty after an error.
        error: its class name; empty after an answer.
        message: the error's.
        took_s: seconds.
        exchanges: what it cost.
        records: what was said of it.
    """

    answer: Mapping[str, Any]
    error: str
    message: str
    took_s: float
    exchanges: int
    records: tuple[Record, ...]

    @property
    def token(self) -> str:
        """The access token; empty after an error."""
        return str(self.answer.get("access_token", ""))

    @property
    def shown(self) -> str:
        """All that anybody was shown, but the answer's token."""
        answered = {name: value for name, value in self.answer.items() if name != "access_token"}
        return f"{answered} {self.message} {self.records}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution environment. One caller at a time.

    Attributes:
        function: the broker.
        choice: of the broker's credentials.
        recorder: hears what it says.
        endpoint: counts its logins.
    """

    function: Function[Broker]
    choice: CredentialChoice
    recorder: Recorder
    endpoint: CountedEndpoint

    @classmethod
    def fresh(cls, function: Function[Broker], proxy: str | None = None) -> Self:
        """Make one that has nothing in memory; it shares the clients of AWS with the given one.

        Args:
            function: the broker.
            proxy: URL of the proxy on the way to the token endpoint, or None.
        """
        settings, broker = function.settings, function.use_case
        recorder = Recorder()
        endpoint = CountedEndpoint(SystemClock(), settings.ca_bundle, proxy)
        ports = replace(broker.ports, chance=LongestPauses(), telemetry=recorder, endpoint=endpoint)
        use_cases = assemble(ports, limits(settings))
        fresh = replace(function, use_case=use_cases.broker(settings.build), telemetry=recorder)
        return cls(function=fresh, choice=use_cases.choice, recorder=recorder, endpoint=endpoint)

    @property
    def exchanges(self) -> int:
        """How often the token endpoint was asked."""
        return self.endpoint.exchanges

    def remember(self, token: AccessToken, confirmed_s: float) -> None:
        """Put a token into memory, as if the row had confirmed it so many seconds ago."""
        self.function.use_case.memory.confirm(token, time.time() - confirmed_s)

    def remember_secret(self, connection: str) -> None:
        """Keep a connection's credentials, as a mint does."""
        ports = self.function.use_case.ports
        self.choice.keep(ports.credentials.load(connection), look(ports, connection).row.fence)

    def ask(self, connection: str, **event: object) -> Reply:
        """Ask for a token.

        Args:
            connection: whose.
            event: the event's fields.
        """
        asked, said, began = self.exchanges, len(self.recorder.records), time.monotonic()
        answer, error, message = {}, "", ""
        try:
            answer = self._answer(connection, event)
        except SfmintError as raised:
            error, message = type(raised).__name__, str(raised)
        return Reply(
            answer=answer,
            error=error,
            message=message,
            took_s=time.monotonic() - began,
            exchanges=self.exchanges - asked,
            records=tuple(self.recorder.records[said:]),
        )

    def _answer(self, connection: str, event: dict[str, object]) -> dict[str, Any]:
        with self.function.outcome(connection):
            request = parse_broker_event(event, connection)
            if not isinstance(request, TokenRequest):
                raise TypeError("only tokens are asked for here")
            return self.function.use_case.get_token(request, remaining_s=_FUNCTION_S)
