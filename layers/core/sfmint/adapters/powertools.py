"""Log lines and metrics through Powertools for AWS Lambda; one line and one metric for each record."""

from dataclasses import fields

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from sfmint.telemetry import Record
from sfmint_values.library_logs import keep_requests_out

keep_requests_out()


class PowertoolsTelemetry:
    """Emits records; service, namespace and level come from the POWERTOOLS_ variables of the template."""

    def __init__(self) -> None:
        self._logger = Logger(log_uncaught_exceptions=False)
        self._metrics = Metrics()

    def emit(self, record: Record) -> None:
        """Say it. Telemetry never fails a request."""
        said = {field.name: getattr(record, field.name) for field in fields(record)}
        try:
            getattr(self._logger, record.level.lower())(record.message, extra=said)
            self._count(record, said)
        except Exception:  # noqa: BLE001 - whatever breaks here, the caller's token is good
            self._logger.warning("telemetry failed")

    def _count(self, record: Record, said: dict[str, str | int]) -> None:
        metrics = self._metrics
        metrics.clear_metrics()  # what a record that broke has left behind
        metrics.add_dimension("connection", record.connection)
        metrics.add_metric(record.metric, MetricUnit.Count, 1)
        for name, value in said.items():
            metrics.add_metadata(name, value)
        metrics.flush_metrics()
