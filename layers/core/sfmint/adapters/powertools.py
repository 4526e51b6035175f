"""Log lines through Powertools for AWS Lambda, and metrics beside them; one of each for every record."""

from dataclasses import fields

from aws_lambda_powertools import Logger

from sfmint.telemetry import BY_CONNECTION, OF_STACK, Record
from sfmint_values.embedded_metrics import EmbeddedMetrics
from sfmint_values.library_logs import keep_requests_out
from sfmint_values.system import Clock

keep_requests_out()


class PowertoolsTelemetry:
    """Emits records; service and level come from the POWERTOOLS_ variables of the template.

    Args:
        namespace: of the metrics.
        stack: the stack's name.
        clock: time.
    """

    def __init__(self, *, namespace: str, stack: str, clock: Clock) -> None:
        self._logger = Logger(log_uncaught_exceptions=False)
        self._clock = clock
        self._metrics = EmbeddedMetrics(
            namespace=namespace,
            stack=stack,
            service=self._logger.service,
            by_connection=BY_CONNECTION,
            of_stack=OF_STACK,
        )
        self._invocation: dict[str, str] = {}

    def begin(self, request_id: str) -> None:
        """Say of whatever follows which invocation it belongs to, under Powertools' own key."""
        self._invocation = {"function_request_id": request_id}

    def emit(self, record: Record) -> None:
        """Say it. Telemetry never fails a request."""
        known = {field.name: getattr(record, field.name) for field in fields(record)}
        said = {name: value for name, value in known.items() if value is not None} | self._invocation
        try:
            getattr(self._logger, record.level.lower())(record.message, extra=said)
            self._count(record, said)
        except Exception:  # noqa: BLE001 - whatever breaks here, the caller's token is good
            self._logger.warning("telemetry failed", extra=self._invocation)

    def _count(self, record: Record, said: dict[str, str | int]) -> None:
        # Powertools' own Metrics gives all metrics of a line the same dimensions, and takes longer.
        self._metrics.write(record.counts(), said, at=self._clock.now())
