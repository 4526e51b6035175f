"""CloudWatch Logs in memory: what it holds is found by word, in pages, and each page takes time."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from botocore.exceptions import ClientError

from cli.why.log_writer import request_id
from sfmint.telemetry import BY_CONNECTION, Record
from sfmint_cli.status.rows import Row
from sfmint_cli.why.investigation import Found, Investigation, Question
from sfmint_cli.why.logs import WITHIN_S, Logs
from sfmint_values.embedded_metrics import EmbeddedMetrics

_METRICS = EmbeddedMetrics(namespace="sfmint", stack="acme", service="token_broker", by_connection=BY_CONNECTION)


@dataclass
class FakeLogs:
    """Stands for the client of CloudWatch Logs, and for the clock.

    Attributes:
        groups: the lines of each log group: epoch seconds and text.
        page: lines of a page.
        page_s: how long a page takes.
        asked: the requests.
        fails: in place of an answer, if it returns an error.
        at: the monotonic clock.
    """

    groups: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    page: int = 1000
    page_s: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    fails: Callable[[str], ClientError | None] = lambda _: None
    at: float = 0.0

    def monotonic(self) -> float:
        return self.at

    def text(self, text: str, *, at: float, function: str = "token-broker", stack: str = "acme") -> None:
        self.groups.setdefault(f"/aws/lambda/{stack}-{function}", []).append((at, text))

    def emit(self, record: Record, *, at: float, call: int = 1, **where: str) -> None:
        """Write a record's line and that of its metrics, as `PowertoolsTelemetry` does."""
        said = {each.name: getattr(record, each.name) for each in fields(record)}
        said |= {"function_request_id": request_id(call)}
        self.text(json.dumps({"message": record.message} | said), at=at, **where)
        self.text(_METRICS.line(record.counts(), said, at=at), at=at, **where)

    def filter_log_events(self, **wanted: Any) -> dict[str, Any]:
        self.asked.append(wanted)
        self.at += self.page_s
        group = wanted["logGroupName"]
        if error := self.fails(group):
            raise error
        if group not in self.groups:
            raise refusal("ResourceNotFoundException")
        lines = [
            (at, text)
            for at, text in sorted(self.groups[group])
            if wanted["startTime"] <= at * 1000 < wanted["endTime"] and _fits(text, wanted["filterPattern"])
        ]
        start = int(wanted.get("nextToken", 0))
        events = [{"timestamp": int(at * 1000), "message": text} for at, text in lines[start : start + self.page]]
        more = start + self.page < len(lines)
        return {"events": events, **({"nextToken": str(start + self.page)} if more else {})}

    def logs(self, *, quiet: bool = True) -> Logs:
        """Return them as `why` reads them."""
        clock: Any = self
        return Logs(client=clock, stack="acme", clock=clock, quiet=quiet, ends_at=WITHIN_S)

    def answer(self, *, now: float, row: Row | None = None, **question: Any) -> Found:
        """Ask them a question about `my-org`."""
        return Investigation(logs=self.logs(), row=row, now=now).answer(Question(connection="my-org", **question))


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "FilterLogEvents")


def _fits(text: str, pattern: str) -> bool:
    words = shlex.split(pattern)
    wanted = [word for word in words if not word.startswith("-")]
    return all(word in text for word in wanted) and not any(word[1:] in text for word in words if word[0] == "-")
