"""What AWS says to a single call of a function under test, in place of carrying it out, or after that."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from functions.stack import Cloud


@dataclass(frozen=True, slots=True)
class AwsCall:
    """A call.

    Attributes:
        operation: as AWS names it.
        given: its parameters.
        is_rotations: key_rotation makes it; else broker or keeper, which run in Lambda's threads.
    """

    operation: str
    given: dict[str, Any]
    is_rotations: bool


@dataclass(frozen=True, slots=True)
class Mishap:
    """What becomes of a call.

    Attributes:
        code: that AWS answers.
        is_done: it is carried out before.
    """

    code: str
    is_done: bool = False

    def error(self, operation: str) -> ClientError:
        """Return the error that the caller meets."""
        status = 400 if self.code.endswith("Exception") else 500
        answer: Any = {"Error": {"Code": self.code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return ClientError(answer, operation)


@contextmanager
def mishaps(cloud: Cloud, of: Callable[[AwsCall], Mishap | None]) -> Iterator[None]:
    """Have each call of botocore's clients come to what a test says, but those of the test's own; None: it is carried out."""
    own = (cloud.secrets, cloud.ssm, cloud.dynamodb, cloud.kms)
    call, here = vars(BaseClient)["_make_api_call"], threading.get_ident()

    def made(client: Any, operation: str, given: dict[str, Any]) -> Any:
        is_own = any(client is each for each in own)
        mishap = None if is_own else of(AwsCall(operation, given, threading.get_ident() == here))
        answer = call(client, operation, given) if mishap is None or mishap.is_done else None
        if mishap is not None:
            raise mishap.error(operation)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", made)
        yield
