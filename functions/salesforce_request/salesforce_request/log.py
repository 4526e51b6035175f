"""One line and one metric for each request, through Powertools for AWS Lambda; no body, header or query in either."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from sfmint_client.errors import InternalError, SfmintError
from sfmint_client.rest.exchange import Sighting
from sfmint_client.rest.path import LONGEST_PATH
from sfmint_client.rest.request import RestRequest
from sfmint_values.aws_endpoints import OwnEndpoint
from sfmint_values.exits import EXITS, place_of
from sfmint_values.library_logs import keep_requests_out
from sfmint_values.redaction import redacted
from sfmint_values.secret import Secret
from sfmint_values.system import Clock
from sfmint_values.vocabulary import REST

keep_requests_out()


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What is known of a request by and by; where it ends decides how much of it is said.

    Attributes:
        connection: the connection's name.
        request: what was asked for.
        seen: Salesforce's last answer.
    """

    connection: str = "-"
    request: RestRequest | None = None
    seen: Sighting | None = None

    def saw(self, sighting: Sighting) -> None:
        """Note an answer."""
        self.seen = sighting

    def fields(self, sent: Collection[Secret]) -> dict[str, str | int]:
        """Return what may be said.

        Args:
            sent: the tokens that a caller may have put into the path.
        """
        said: dict[str, str | int] = {"connection": self.connection}
        if self.request:
            path = redacted(self.request.path, LONGEST_PATH, vocabulary=REST, sent=sent)
            said |= {"method": self.request.method, "path": path}
        if self.seen:
            said |= {"status": self.seen.status_code, "fingerprint": self.seen.fingerprint}
        if self.seen and self.seen.error_code:
            said |= {"error_code": self.seen.error_code}
        return said


class RequestLog:
    """Tells how requests end; service, namespace and level come from the POWERTOOLS_ variables of the template.

    Args:
        clock: time.
        handed_out: returns the tokens that a connection has had, as far as they are known here.
    """

    def __init__(self, clock: Clock, handed_out: Callable[[str], Collection[Secret]]) -> None:
        self._clock = clock
        self._handed_out = handed_out
        self._logger = Logger(log_uncaught_exceptions=False)
        self._metrics = Metrics()

    def asked_elsewhere(self, endpoints: Iterable[OwnEndpoint]) -> None:
        """Tell of the places that are asked in AWS's and are not on this machine, as an emulator is."""
        for endpoint in endpoints:
            if not endpoint.is_here:
                said = {"variable": endpoint.variable, "url": endpoint.url}
                self._logger.warning("AWS is asked elsewhere", extra=said)

    @contextmanager
    def outcome(self) -> Iterator[Outcome]:
        """Tell of a request once, and let no error but our own out: a foreign one may quote a secret."""
        outcome, began = Outcome(), self._clock.monotonic()
        try:
            yield outcome
        except SfmintError as error:
            self._say(outcome, began, error=error.name)
            raise
        except EXITS:
            raise
        except BaseException as error:  # noqa: BLE001 - the last line of defence
            self._say(outcome, began, error=InternalError.__name__, cause=place_of(error))
            raise InternalError(
                "sfmint met a fault of its own. Report the log line of this request that names its place."
            ) from None
        else:
            self._say(outcome, began)

    def _say(self, outcome: Outcome, began: float, **failure: str) -> None:
        try:
            said = outcome.fields(self._handed_out(outcome.connection))
            said["duration_ms"] = round((self._clock.monotonic() - began) * 1000)
            said |= failure
            if failure:
                self._logger.warning("request failed", extra=said)
            else:
                self._logger.info("request answered", extra=said)
            self._count("RestRequestFailed" if failure else "RestRequestAnswered", said)
        except Exception:  # noqa: BLE001 - whatever breaks here, the caller's answer is good
            self._logger.warning("telemetry failed")

    def _count(self, metric: str, said: dict[str, str | int]) -> None:
        metrics = self._metrics
        metrics.clear_metrics()  # what a request that broke has left behind
        metrics.add_dimension("connection", str(said["connection"]))
        metrics.add_metric(metric, MetricUnit.Count, 1)
        for name, value in said.items():
            metrics.add_metadata(name, value)
        metrics.flush_metrics()
