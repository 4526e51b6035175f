"""What the stack has made beside functions: schedules and log groups, and what is wrong with one."""

from dataclasses import dataclass
from typing import Self

from botocore.exceptions import ClientError

from sfmint_cli.aws_account import asking
from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.pasteable import aws
from sfmint_values.aws_codes import code_of

_NO_SUCH = "ResourceNotFoundException"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A schedule of the stack's group.

    Attributes:
        name: its name.
        state: EventBridge Scheduler's, such as ENABLED.
        rate: when it runs.
        target: the ARN of what it invokes.
    """

    name: str
    state: str
    rate: str
    target: str

    @classmethod
    def find(cls, case: Case, name: str) -> Self | None:
        """Return the schedule of a name, or None where there is none."""
        with asking(f"look the schedule {name} up"):
            try:
                found = case.account.client("scheduler").get_schedule(GroupName=case.stack.name, Name=name)
                said = {"state": found["State"], "rate": found["ScheduleExpression"], "target": found["Target"]["Arn"]}
            except ClientError as error:
                if code_of(error) != _NO_SUCH:
                    raise
                return None
        return cls(name=name, **said)

    def fault(self, case: Case, target: str, consequence: str) -> Finding | None:
        """Return what is wrong with it, or None.

        Args:
            case: what is known.
            target: the ARN of what it has to invoke.
            consequence: of its not running, in words.
        """
        group = case.stack.name
        if self.state != "ENABLED":
            return Finding.fault(
                f"The schedule {group}/{self.name} is {self.state}, so {consequence}.",
                f"Enable it in the console, under EventBridge Scheduler, schedule group {group}.",
            )
        if self.target != target:
            meant = target.rpartition(":function:")[2]
            return Finding.fault(f"The schedule invokes {self.target}, and not {meant}.", put_back(case))
        return None


def without_logs(case: Case, function: str) -> Finding | None:
    """Return that a function, such as `token-keeper`, has no place for its lines; None where it has one."""
    group = f"/aws/lambda/{case.stack.name}-{function}"
    with asking(f"look the log group {group} up"):
        try:
            case.account.client("logs").describe_log_streams(logGroupName=group, limit=1)["logStreams"]
        except ClientError as error:
            if code_of(error) != _NO_SUCH:
                raise
            return Finding.fault(
                f"There is no log group {group}, so nobody can read what the function says.",
                aws("logs", "create-log-group", "--log-group-name", group),
            )
    return None


def put_back(case: Case) -> str:
    """Return how what the template has comes back: a deploy changes only what the template says anew.

    Source: CloudFormation User Guide, "Using drift-aware change sets".
    """
    return f"Have CloudFormation put it back: in its console, a change set of {case.stack.name} that reverts drift."
