"""An execution environment of the broker in this process: all of it real, but that it is heard and never waits by chance."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from sfmint.access_token import AccessToken
from sfmint.adapters.system import SystemChance, SystemClock
from sfmint.adapters.token_endpoint import HttpsTokenEndpoint
from sfmint.bootstrap import Function
from sfmint.broker import Broker, Remembered
from sfmint.candidates import LastRead
from sfmint.connection import Connection
from sfmint.errors import SfmintError
from sfmint.failure import MintFailed
from sfmint.request import TokenRequest, parse_broker_event
from sfmint.secret import Secret
from sfmint.telemetry import Record

_FUNCTION_S = 60.0


class CountedEndpoint(HttpsTokenEndpoint):
    """The token endpoint's client, which counts the requests that have arrived there.

    Attributes:
        exchanges: how many.
    """

    exchanges = 0

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        """Returns what the client returns."""
        self.exchanges += 1
        try:
            return super().exchange(connection, assertion)
        except MintFailed as failed:
            self.exchanges -= failed.reason.code == "unreachable"
            raise


class LongestPauses(SystemChance):
    """Chance that always takes the upper bound, so that a failure stands until it has been looked at."""

    def uniform(self, low: float, high: float) -> float:  # noqa: ARG002 - the port's
        """Returns the upper bound."""
        return high


@dataclass(frozen=True, slots=True)
class Recorder:
    """Telemetry that is kept.

    Attributes:
        records: in the order in which they came.
    """

    records: list[Record] = field(default_factory=list)

    def emit(self, record: Record) -> None:
        """Takes note."""
        self.records.append(record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of a request.

    Attributes:
        answer: to `get_token`; empty where there is an error.
        error: its class name, or empty.
        message: its sentences.
        took_s: seconds.
        exchanges: requests to the token endpoint meanwhile.
        records: what was said meanwhile.
    """

    answer: Mapping[str, Any] = field(repr=False)
    error: str
    message: str
    took_s: float
    exchanges: int
    records: tuple[Record, ...]

    @property
    def token(self) -> str:
        """The access token, or nothing."""
        return str(self.answer.get("access_token", ""))

    @property
    def shown(self) -> str:
        """Everything that a log, an error or a metadata answer shows."""
        metadata = {name: value for name, value in self.answer.items() if name != "access_token"}
        return f"{self.message} {self.records} {metadata}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """An execution environment."""

    function: Function[Broker]
    recorder: Recorder
    endpoint: CountedEndpoint

    @classmethod
    def fresh(cls, function: Function[Broker]) -> Self:
        """Returns a new one; it shares the clients of AWS with that of the given function, and nothing else."""
        recorder, settings = Recorder(), function.settings
        endpoint = CountedEndpoint(SystemClock(), settings.ca_bundle, settings.https_proxy)
        source = function.use_case.source
        minter = replace(source.minter, telemetry=recorder, endpoint=endpoint, chance=LongestPauses(), last_read={})
        broker = replace(function.use_case, source=replace(source, minter=minter), memory={})
        return cls(
            function=replace(function, use_case=broker, telemetry=recorder), recorder=recorder, endpoint=endpoint
        )

    def remember(self, token: AccessToken, confirmed_s: float) -> None:
        """Puts a token into memory.

        Args:
            token: it.
            confirmed_s: when the row confirmed it, in seconds from now.
        """
        self.function.use_case.memory[token.connection] = Remembered(token, time.time() + confirmed_s)

    def remember_secret(self, connection: str) -> None:
        """Lets it have logged in with the connection's secret under the row's first fence."""
        minter = self.function.use_case.source.minter
        minter.last_read[connection] = LastRead(minter.credentials.load(connection), 1)

    def ask(self, connection: str, **event: Any) -> Reply:
        """Asks for the connection's token."""
        exchanges, heard = self.endpoint.exchanges, len(self.recorder.records)
        answer: Mapping[str, Any] = {}
        error = message = ""
        began = time.monotonic()
        try:
            answer = self._answer(connection, event)
        except SfmintError as raised:
            error, message = type(raised).__name__, str(raised)
        return Reply(
            answer=answer,
            error=error,
            message=message,
            took_s=time.monotonic() - began,
            exchanges=self.endpoint.exchanges - exchanges,
            records=tuple(self.recorder.records[heard:]),
        )

    def _answer(self, connection: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
        with self.function.outcome(connection):
            request = parse_broker_event(dict(event), connection)
            assert isinstance(request, TokenRequest)  # noqa: S101 - for the checker
            return self.function.use_case.get_token(request, remaining_s=_FUNCTION_S)
