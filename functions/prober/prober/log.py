"""What a probe says: a log line, one more for each question that was not refused, and one of metrics."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aws_lambda_powertools import Logger

from prober.probe import Finding
from sfmint_client.function_log import only_our_errors, tell_of_endpoints
from sfmint_values.aws_endpoints import OwnEndpoint
from sfmint_values.embedded_metrics import EmbeddedMetrics
from sfmint_values.library_logs import keep_requests_out
from sfmint_values.system import Clock

keep_requests_out()

FAILED, NOT_REFUSED = "ProbeFailed", "ProbeNotRefused"


@dataclass(slots=True)
class Run:
    """A run of the function.

    Attributes:
        finding: what came of the probe, once it is over.
    """

    finding: Finding | None = None


class ProbeLog:
    """Tells how probes end; service and level come from the POWERTOOLS_ variables of the template.

    Args:
        clock: time.
        namespace: of the metrics.
        stack: the stack's name.
        connection: that is probed.
    """

    def __init__(self, clock: Clock, *, namespace: str, stack: str, connection: str) -> None:
        self._clock = clock
        self._connection = connection
        self._logger = Logger(log_uncaught_exceptions=False)
        self._metrics = EmbeddedMetrics(
            namespace=namespace, stack=stack, service=self._logger.service, by_connection=frozenset()
        )

    def asked_elsewhere(self, endpoints: Iterable[OwnEndpoint]) -> None:
        """Tell of the places that are asked in AWS's and are not on this machine."""
        tell_of_endpoints(self._logger.warning, endpoints)

    @contextmanager
    def run(self, request_id: str) -> Iterator[Run]:
        """Tell of a run once, and let no error but our own out.

        Args:
            request_id: Lambda's, of this invocation.
        """
        run, began = Run(), self._clock.monotonic()
        said: dict[str, str | int] = {"connection": self._connection, "function_request_id": request_id}
        with only_our_errors(lambda error, failure: self._fail({**said, **failure, "why": str(error)}), "probe"):
            yield run
        if run.finding is not None:
            said["duration_ms"] = round((self._clock.monotonic() - began) * 1000)
            self._tell(run.finding, said)

    def _tell(self, finding: Finding, said: dict[str, str | int]) -> None:
        for told in finding.allowed:
            self._logger.error("not refused", extra={**said, **told.to_json()})
        for told in finding.unanswered:
            self._logger.warning("not answered", extra={**said, **told.to_json()})
        said |= {"refused": finding.refused, **finding.error}
        if finding.failed:
            self._logger.warning("probe failed", extra=said)
        else:
            self._logger.info("probe done", extra=said)
        self._count(failed=finding.failed, not_refused=finding.not_refused, said=said)

    def _fail(self, said: dict[str, str | int]) -> None:
        self._logger.warning("probe failed", extra=said)
        self._count(failed=True, not_refused=None, said=said)

    def _count(self, *, failed: bool, not_refused: bool | None, said: dict[str, str | int]) -> None:
        counts = {FAILED: int(failed)}
        if not_refused is not None:
            counts[NOT_REFUSED] = int(not_refused)
        self._metrics.write(counts, said, at=self._clock.now())
