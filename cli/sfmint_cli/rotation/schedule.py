"""A schedule of Secrets Manager's, which has the stack's function rotate a connection's key every so many days.

Source: AWS Secrets Manager API Reference, RotateSecret and CancelRotateSecret; User Guide, "Troubleshoot rotation".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sfmint_cli.aws_account import asking
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed
from sfmint_values.aws_codes import code_of
from sfmint_values.foreign import Foreign

if TYPE_CHECKING:
    from sfmint_cli.connection_secret import ConnectionSecret


class _Refusal(Enum):
    """Why Secrets Manager sets or lifts no schedule."""

    NOT_PERMITTED = "it may not invoke the function"
    NO_OPERATOR = "the caller may not invoke the function"
    PENDING = "a rotation is not over"
    DELETED = "the secret is scheduled for deletion"
    REPLICA = "the secret is a replica"
    NOT_FOUND = "there is no such secret or function"


def _refusal_of(code: str, message: Foreign) -> _Refusal | None:
    """Return why; None: something that any call of AWS may meet."""
    said = message.lower()
    match code:
        case "AccessDeniedException" if "cannot invoke" in said:
            return _Refusal.NOT_PERMITTED
        case "AccessDeniedException" if "lambda:invokefunction" in said:
            return _Refusal.NO_OPERATOR
        case "InvalidRequestException" if "previous rotation" in said:
            return _Refusal.PENDING
        case "InvalidRequestException" if "deleted" in said or "deletion" in said:
            return _Refusal.DELETED
        case "InvalidRequestException" if "replica" in said:
            return _Refusal.REPLICA
        case "ResourceNotFoundException":
            return _Refusal.NOT_FOUND
        case _:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The schedule of one secret.

    Attributes:
        secret: the connection's.
        connection: its name.
        function: the ARN of the alias that Secrets Manager invokes.
    """

    secret: "ConnectionSecret"
    connection: str
    function: str

    def set(self, days: int) -> datetime | None:
        """Have the key rotated every so many days, the first time then, and return when that is, if AWS says so.

        Raises:
            Failed: Secrets Manager refuses, and why.
        """
        with self._asking("schedule rotations of"):
            self.secret.client.rotate_secret(
                SecretId=self.secret.name,
                RotationLambdaARN=self.function,
                RotationRules={"AutomaticallyAfterDays": days},
                RotateImmediately=False,
            )
        return self.secret.describe().next_rotation

    def lift(self) -> bool:
        """Have it rotated no more, and return whether it was scheduled; a rotation that is pending goes on.

        Raises:
            Failed: Secrets Manager refuses, and why.
        """
        if not self.secret.describe().is_rotated:
            return False
        with self._asking("take the schedule off"):
            self.secret.client.cancel_rotate_secret(SecretId=self.secret.name)
        return True

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        with asking(f"{what} the secret {self.secret.name}"):
            try:
                yield
            except ClientError as error:
                refusal = _refusal_of(code_of(error), error.response["Error"].get("Message", ""))
                if (refused := self._refused(refusal)) is None:
                    raise
                raise refused from None

    def _refused(self, refusal: _Refusal | None) -> Failed | None:
        """Return what a refusal means; None for one that any call may meet."""
        match refusal:
            case _Refusal.NOT_PERMITTED:
                return self._not_permitted()
            case _Refusal.NO_OPERATOR:
                return _not_an_operator()
            case _Refusal.PENDING:
                return pending(self.connection)
            case _Refusal.DELETED:
                return self._deleted()
            case _Refusal.REPLICA:
                return self._replica()
            case _Refusal.NOT_FOUND:
                return self._not_found()
            case None:
                return None

    def _not_permitted(self) -> Failed:
        return Failed(
            f"Secrets Manager may not invoke the stack's function {self.function}, so nothing was scheduled.",
            remedy="Deploy the stack anew (make deploy): its template gives that permission to this account's Secrets Manager.",
            name="ScheduleRefused",
        )

    def _deleted(self) -> Failed:
        return Failed(
            f"The secret {self.secret.name} is scheduled for deletion, so its schedule was not changed.",
            remedy=f"Take that back, then run this again: {self.secret.restoration()}",
            name="SecretDeleted",
        )

    def _replica(self) -> Failed:
        return Failed(
            f"The secret {self.secret.name} is a replica of one in another region, and only that one is rotated.",
            remedy="Name its region with --region, or make this one stand alone (aws secretsmanager"
            " stop-replication-to-replica).",
            name="ScheduleRefused",
        )

    def _not_found(self) -> Failed:
        return Failed(
            f"AWS finds no secret {self.secret.name}, or no function {self.function}.",
            remedy=f"See that the connection has credentials and the stack is deployed: {sfmint('doctor', self.connection)}",
            name="ScheduleRefused",
        )


def _not_an_operator() -> Failed:
    return Failed(
        "Only those who may invoke the function may schedule rotations, and these credentials may not"
        " (lambda:InvokeFunction).",
        remedy="Attach the stack's policy of operators to them, or name another profile with --profile.",
        name="AccessDenied",
    )


def pending(connection: str) -> Failed:
    """Return why nothing is scheduled while a rotation is pending."""
    return Failed(
        "A rotation is pending, and Secrets Manager schedules none before that has ended.",
        remedy=f"See it to its end, then run this again: {sfmint('rotate', 'finish', connection)}",
        name="RotationPending",
    )
