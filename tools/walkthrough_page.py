"""Writes what an operator sees into docs/runbooks/refused-at-1042.md, for three causes: ``python tools/walkthrough_page.py``.

Each cause is brought about on the local stack, a call is refused, and the page's command is typed. Only names and times differ
from run to run: the connection becomes `orders`, and the refused call was at 10:42.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import Any

from expanding.watched import watched
from marked_blocks import filled
from sfmint_local.child import bare_environment
from sfmint_local.cloudwatch.dashboard import Line, widgets
from sfmint_local.cloudwatch.metrics import MINUTE_S, Metrics
from sfmint_local.embedded_stack import STACK, EmbeddedStack, LocalConnection
from sfmint_local.functions import FunctionError
from sfmint_local.org.values import Fault

PAGE = Path(__file__).resolve().parent.parent / "docs/runbooks/refused-at-1042.md"
TOPIC = "walk"
ORDERS = "orders"
CALLED_AT = datetime(2026, 11, 29, 10, 42, 7, tzinfo=UTC)
SFMINT = Path(sys.executable).with_name("sfmint")
DOWN = Fault(where="token", kind="status", times=None, params={"code": 503, "retry_after": 60})
INSTANT = r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(,\d+\+0000|Z)"
_SAME = {  # what differs from run to run, by its form
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "8e3a51b2-6f0d-4c1e-9a77-2d5c04b1f9e6",
    r"\b[0-9a-f]{16}\b": "0123456789abcdef",
    r"\b\d+ lines\b": "4 lines",
    r"(?m)^ ?warning: .*\n?": "",  # of the emulator's address
}

type Arranged = Iterator[None]


@contextmanager
def approval_is_taken_away(stack: EmbeddedStack, connection: str) -> Arranged:
    """Have the org no longer approve the user for the app."""
    credentials = stack.credentials(connection)
    who = str(credentials["consumer_key"]), str(credentials["username"])
    stack.org.unapprove(*who)
    try:
        yield
    finally:
        stack.org.approve(*who)


@contextmanager
def salesforce_is_down(stack: EmbeddedStack, _connection: str) -> Arranged:
    """Have Salesforce answer 503 to every login."""
    stack.org.add_fault(DOWN)
    try:
        yield
    finally:
        stack.org.clear_faults()


@contextmanager
def key_is_disabled(stack: EmbeddedStack, connection: str) -> Arranged:
    """Disable the stack's KMS key, so that the token which is there cannot be opened."""
    stack.functions.keeper(action="refresh", connection=connection)  # not by the broker, which would keep the token
    key = stack.aws.cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId="Key")
    key_id = key["StackResourceDetail"]["PhysicalResourceId"]
    stack.aws.kms.disable_key(KeyId=key_id)
    try:
        yield
    finally:
        stack.aws.kms.enable_key(KeyId=key_id)


CAUSES: Mapping[str, Callable[[EmbeddedStack, str], AbstractContextManager[None]]] = {
    "operator": approval_is_taken_away,
    "salesforce": salesforce_is_down,
    "aws": key_is_disabled,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What is there to be seen of a refused call.

    Attributes:
        said: by the caller's log.
        why: by `sfmint why`.
        lines: by the function's log: what is told of the call, and its metrics.
        at: when the log says that it was refused.
    """

    said: str
    why: str
    lines: tuple[dict[str, Any], ...]
    at: datetime

    @property
    def logged(self) -> str:
        """The lines that people read, without what stands in each."""
        told = [line for line in self.lines if "message" in line]
        return "\n".join(json.dumps({key: value for key, value in line.items() if key != "location"}) for line in told)

    @property
    def moved(self) -> str:
        """Of the dashboard's graphs those that are not flat, each with its lines."""
        metrics = Metrics()
        metrics.take(json.dumps(line) for line in self.lines)
        minute = self.at.timestamp() // MINUTE_S * MINUTE_S
        graphs = []
        for widget in widgets(watched().dashboard["DashboardBody"]):
            values = [(line, _value(line, metrics, minute)) for line in widget.lines]
            if lines := [f"{line.label} {value:g}" for line, value in values if value]:
                graphs.append(f"- *{widget.title}*: {', '.join(lines)}")
        return "\n".join(graphs)


def walk(stack: EmbeddedStack, cause: str, connection: str) -> Walk:
    """Bring a cause about, have a call refused, and look at it as an operator does.

    Args:
        stack: it stands.
        cause: a name in `CAUSES`.
        connection: nobody has asked for its token yet.
    """
    with CAUSES[cause](stack, connection):
        said = _refusal(stack, connection)
        lines = _lines_of_refused_call(stack, connection)
        at = next(
            datetime.fromisoformat(line["timestamp"]) for line in lines if line.get("message") == "request refused"
        )
        return Walk(said=said, why=_typed(stack, "why", connection, "--at", f"{at:%H:%M}"), lines=lines, at=at)


def block(seen: Walk, connection: str) -> str:
    """Return what the page shows of a walk."""
    shown = (
        f"The caller's log says:\n\n```text\n{seen.said}\n```\n\n"
        f"On the dashboard these graphs are not flat at 10:42:\n\n{seen.moved}\n\nThe log of the function has:\n\n"
        f"```json\n{seen.logged}\n```\n\n`sfmint why {ORDERS} --at 10:42` answers:\n\n```text\n{seen.why}\n```\n"
    )
    shown = re.sub(rf"\b{re.escape(connection)}\b", ORDERS, shown)
    for form, same in _SAME.items():
        shown = re.sub(form, same, shown)
    late = seen.at.replace(microsecond=0) - CALLED_AT
    return re.sub(INSTANT, lambda found: _moved(found, late), shown)


def masked(page: str) -> str:
    """Return a page without what differs between two runs by the time that they take."""
    return re.sub(r"expires in \d+ min", "expires in 14 min", re.sub(INSTANT, "10:42", page))


def _value(line: Line, metrics: Metrics, minute: float) -> float:
    """Return a line's value in a minute, or in the one before: a call may begin in that."""
    [point] = line.points(metrics, since=minute - MINUTE_S, until=minute + MINUTE_S, period_s=2 * MINUTE_S)
    return point or 0.0


def _refusal(stack: EmbeddedStack, connection: str) -> str:
    try:
        stack.functions.broker(connection)
    except FunctionError as error:
        return str(error)
    raise AssertionError(f"{connection} got a token")


def _lines_of_refused_call(stack: EmbeddedStack, connection: str) -> tuple[dict[str, Any], ...]:
    group = f"/aws/lambda/{STACK}-token-broker"
    events = stack.aws.logs.filter_log_events(logGroupName=group, filterPattern=f'"{connection}"')["events"]
    lines = [json.loads(event["message"]) for event in events if event["message"].startswith("{")]
    last = lines[-1]["function_request_id"]
    return tuple(line for line in lines if line["function_request_id"] == last)


def _typed(stack: EmbeddedStack, *words: str) -> str:
    variables = bare_environment(**stack.environment(), AWS_CONFIG_FILE="/dev/null", NO_COLOR="1", TZ="UTC")
    done = subprocess.run([SFMINT, *words], env=variables, stdout=PIPE, stderr=STDOUT, text=True, check=True)
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def _moved(found: re.Match[str], late: timedelta) -> str:
    at = datetime.fromisoformat(found[0]) - late
    if found[1] == "T":
        return f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03}+0000"


def main() -> int:
    """Start a local stack, walk each cause, and write the page."""
    connections = {cause: LocalConnection(f"walk-{cause}") for cause in CAUSES}
    with EmbeddedStack(*connections.values(), title="page", parameters={"RefreshRate": "rate(1 hour)"}) as stack:
        stack.set_up()
        blocks = {cause: block(walk(stack, cause, own.name), own.name) for cause, own in connections.items()}
        PAGE.write_text(filled(PAGE.read_text(), TOPIC, blocks))
    return 0


if __name__ == "__main__":
    sys.exit(main())
