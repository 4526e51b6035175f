"""The logs of a stack's functions in CloudWatch, looked through for a word: bounded in time, in lines, and in what is asked."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sfmint_cli import render
from sfmint_cli.aws_account import asking
from sfmint_cli.why.log_line import LogLine, read_line
from sfmint_values.aws_codes import code_of
from sfmint_values.system import Clock

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import FilterLogEventsRequestTypeDef, FilterLogEventsResponseTypeDef

FUNCTIONS = ("token_broker", "token_keeper", "salesforce_request")
WITHIN_S = 30.0  # for all that one run looks through
MOST_LINES = 20_000
TELL_EVERY_S = 3.0
# One line for each call that was served from memory: most of a busy connection's lines, and none says why.
NOT_FROM_MEMORY = "-TokenServedFromMemory"


@dataclass(slots=True, kw_only=True)
class Logs:
    """The log groups of a stack; every look may raise `Failed`.

    Attributes:
        client: of CloudWatch Logs.
        stack: the stack's name.
        clock: time.
        quiet: nothing is told of the progress.
        ends_at: when no further page is asked for, by the monotonic clock.
        lines: how many lines were read.
        cut: there was more than time or lines allowed.
        missing: log groups that are not there.
    """

    client: "CloudWatchLogsClient"
    stack: str
    clock: Clock
    quiet: bool
    ends_at: float
    lines: int = 0
    cut: bool = False
    missing: set[str] = field(default_factory=set)
    _told_at: float = 0.0

    def group(self, function: str) -> str:
        """Return the name of a function's log group."""
        return f"/aws/lambda/{self.stack}-{function.replace('_', '-')}"

    def find(self, pattern: str, start: float, end: float) -> list[LogLine]:
        """Return the events of all functions whose lines fit, in the order of time, each once.

        Args:
            pattern: of CloudWatch Logs: a word in quotes, another with a dash before it that must not be there.
            start: epoch seconds.
            end: epoch seconds.
        """
        found = (line for function in FUNCTIONS for line in self._of_group(function, pattern, start, end))
        once = {line.event: line for line in sorted(found, key=lambda line: -line.at)}  # the first of each stays
        return sorted(once.values(), key=lambda line: line.at)

    def _of_group(self, function: str, pattern: str, start: float, end: float) -> Iterator[LogLine]:
        for at, text in self._pages(self.group(function), pattern, start, end):
            if line := read_line(text, at=at, function=function):
                yield line

    def _pages(self, group: str, pattern: str, start: float, end: float) -> Iterator[tuple[float, str]]:
        wanted: FilterLogEventsRequestTypeDef = {
            "logGroupName": group,
            "filterPattern": pattern,
            "startTime": max(0, int(start * 1000)),
            "endTime": max(0, int(end * 1000)),
        }
        while True:
            if self.clock.monotonic() >= self.ends_at or self.lines >= MOST_LINES:
                self.cut = True
                return
            page = self._page(wanted)
            for event in page.get("events", []):
                self.lines += 1
                yield event["timestamp"] / 1000, event["message"]
            if not (token := page.get("nextToken")):
                return
            wanted = {**wanted, "nextToken": token}
            self._tell(group)

    def _page(self, wanted: "FilterLogEventsRequestTypeDef") -> "FilterLogEventsResponseTypeDef | dict[str, Any]":
        group = wanted["logGroupName"]
        with asking(f"read the log group {group}"):
            try:
                return self.client.filter_log_events(**wanted)
            except ClientError as error:
                if code_of(error) != "ResourceNotFoundException":
                    raise
                self.missing.add(group)
        return {}

    def _tell(self, group: str) -> None:
        now = self.clock.monotonic()
        if not self.quiet and now - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            render.say(f"Looking through {group}: {self.lines} lines so far.")
