"""One log line, through Powertools for AWS Lambda, and one of metrics for each request; no body, header or query in either."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from aws_lambda_powertools import Logger

from sfmint_client.errors import SfmintError
from sfmint_client.function_log import only_our_errors, tell_of_endpoints
from sfmint_client.rest.exchange import Sighting
from sfmint_client.rest.path import LONGEST_PATH
from sfmint_client.rest.request import RestRequest
from sfmint_values.aws_endpoints import OwnEndpoint
from sfmint_values.embedded_metrics import NO_CONNECTION, EmbeddedMetrics
from sfmint_values.library_logs import keep_requests_out
from sfmint_values.redaction import redacted
from sfmint_values.secret import Secret
from sfmint_values.system import Clock
from sfmint_values.vocabulary import REST

keep_requests_out()

ANSWERED, FAILED, LIST_STALE = "RestRequestAnswered", "RestRequestFailed", "AllowListStale"
FAILED_BY_CLASS = "Failed"  # the class of the error follows
BY_CONNECTION = frozenset({ANSWERED, FAILED})


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What is known of a request by and by; where it ends decides how much of it is said.

    Attributes:
        connection: the connection's name.
        request: what was asked for.
        seen: Salesforce's last answer.
        request_id: Lambda's, of this invocation.
        unread: AWS's code, where the allow-list could not be read and the last one served.
    """

    connection: str = NO_CONNECTION
    request: RestRequest | None = None
    seen: Sighting | None = None
    request_id: str = ""
    unread: str = ""

    def saw(self, sighting: Sighting) -> None:
        """Note an answer."""
        self.seen = sighting

    def served_stale_list(self, code: str) -> None:
        """Note that the last allow-list serves, for the present one cannot be read."""
        self.unread = code

    def fields(self, sent: Collection[Secret]) -> dict[str, str | int]:
        """Return what may be said.

        Args:
            sent: the tokens that a caller may have put into the path.
        """
        said: dict[str, str | int] = {"connection": self.connection, "function_request_id": self.request_id}
        if self.request:
            path = redacted(self.request.path, LONGEST_PATH, vocabulary=REST, sent=sent)
            said |= {"method": self.request.method, "path": path}
        if self.seen:
            said |= {"status": self.seen.status_code, "fingerprint": self.seen.fingerprint}
        if self.seen and self.seen.error_code:
            said |= {"error_code": self.seen.error_code}
        return said


class RequestLog:
    """Tells how requests end; service and level come from the POWERTOOLS_ variables of the template.

    Args:
        clock: time.
        handed_out: returns the tokens that a connection has had, as far as they are known here.
        namespace: of the metrics.
        stack: the stack's name.
    """

    def __init__(
        self, clock: Clock, handed_out: Callable[[str], Collection[Secret]], *, namespace: str, stack: str
    ) -> None:
        self._clock = clock
        self._handed_out = handed_out
        self._logger = Logger(log_uncaught_exceptions=False)
        self._metrics = EmbeddedMetrics(
            namespace=namespace, stack=stack, service=self._logger.service, by_connection=BY_CONNECTION
        )

    def asked_elsewhere(self, endpoints: Iterable[OwnEndpoint]) -> None:
        """Tell of the places that are asked in AWS's and are not on this machine."""
        tell_of_endpoints(self._logger.warning, endpoints)

    @contextmanager
    def outcome(self) -> Iterator[Outcome]:
        """Tell of a request once, and let no error but our own out."""
        outcome, began = Outcome(), self._clock.monotonic()
        with only_our_errors(lambda error, said: self._say(outcome, began, _failed(error), **said), "request"):
            yield outcome
        self._say(outcome, began, {ANSWERED: 1})

    def _say(self, outcome: Outcome, began: float, counts: Mapping[str, int], **failure: str) -> None:
        try:
            said = outcome.fields(self._handed_out(outcome.connection))
            said["duration_ms"] = round((self._clock.monotonic() - began) * 1000)
            said |= failure
            if failure:
                self._logger.warning("request failed", extra=said)
            else:
                self._logger.info("request answered", extra=said)
            self._count(counts, said)
            if outcome.unread:
                self._say_unread(outcome)
        except Exception:  # noqa: BLE001 - whatever breaks here, the caller's answer is good
            self._logger.warning("telemetry failed", extra={"function_request_id": outcome.request_id})

    def _say_unread(self, outcome: Outcome) -> None:
        said: dict[str, str | int] = {"connection": outcome.connection, "function_request_id": outcome.request_id}
        said["error_code"] = outcome.unread
        self._logger.warning("allow-list not read, the last one served", extra=said)
        self._count({LIST_STALE: 1}, said)

    def _count(self, counts: Mapping[str, int], said: dict[str, str | int]) -> None:
        self._metrics.write(counts, said, at=self._clock.now())


def _failed(error: SfmintError) -> dict[str, int]:
    # The log says what a newer broker calls its error; a metric has a name that is known here.
    return {FAILED: 1, f"{FAILED_BY_CLASS}{type(error).__name__}": 1}
