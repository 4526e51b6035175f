"""Logs of a stack as its functions write them: each record as a line, and the line of its metrics."""

import json
from dataclasses import dataclass, fields
from typing import Any

from sfmint.telemetry import BY_CONNECTION, Record
from sfmint_values.embedded_metrics import EmbeddedMetrics

ID = "00000000-0000-4000-8000-0000000000{:02x}"


def request_id(number: int) -> str:
    return ID.format(number)


@dataclass
class LogWriter:
    """Writes into moto's CloudWatch Logs.

    Attributes:
        logs: its client.
        stack: the stack's name.
        quiet: the log level leaves out all lines, and only metrics are there.
    """

    logs: Any
    stack: str = "acme"
    quiet: bool = False

    def create(self, *functions: str) -> None:
        for function in functions or ("token-broker", "token-keeper", "salesforce-request"):
            group = f"/aws/lambda/{self.stack}-{function}"
            self.logs.create_log_group(logGroupName=group)
            self.logs.create_log_stream(logGroupName=group, logStreamName="s")

    def emit(self, record: Record, *, at: float, call: int = 1, function: str = "token_broker") -> None:
        """Write what `PowertoolsTelemetry` writes of a record."""
        said = {field.name: getattr(record, field.name) for field in fields(record)}
        said |= {"function_request_id": request_id(call)}
        metrics = EmbeddedMetrics(namespace="sfmint", stack=self.stack, service=function, by_connection=BY_CONNECTION)
        if not self.quiet:
            heading = {"level": record.level, "location": "emit:52", "message": record.message, "service": function}
            self.text(json.dumps(heading | said), at=at, function=function)
        self.text(metrics.line(record.counts(), said, at=at), at=at, function=function)

    def rest(self, *, at: float, call: int, error: str = "", **said: object) -> None:
        """Write what `RequestLog` writes of a request."""
        told = {"connection": "my-org", "function_request_id": request_id(call), "method": "GET", **said}
        told |= {"path": "/services/data/v67.0/limits", "duration_ms": 900} | ({"error": error} if error else {})
        message = "request failed" if error else "request answered"
        self.text(json.dumps({"level": "INFO", "message": message} | told), at=at, function="salesforce_request")

    def text(self, text: str, *, at: float, function: str = "token_broker") -> None:
        self.logs.put_log_events(
            logGroupName=f"/aws/lambda/{self.stack}-{function.replace('_', '-')}",
            logStreamName="s",
            logEvents=[{"timestamp": int(at * 1000), "message": text}],
        )
