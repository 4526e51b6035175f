"""Puts questions to AWS, and tells IAM's refusal from every other answer."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from prober.probe import Answer, Verdict
from prober.questions import Question
from sfmint_client.aws_error import BAD_CREDENTIALS, UNREADABLE
from sfmint_values.aws_codes import ACCESS_DENIED, NO_CODE, PASSING, THROTTLED, code_of, status_of

DONE = "it was done"
_NOT_AWS = "something that is not AWS"
_SAYS_NOTHING = THROTTLED | PASSING | BAD_CREDENTIALS | {NO_CODE}  # about the caller's rights
_FAULTS_FROM = 500  # HTTP


class AwsAsker:
    """Asks each question once; botocore asks again where an answer says that it may help.

    Args:
        client: returns a client of a service of AWS.
    """

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._client = client

    def ask(self, question: Question) -> Answer:
        """Return what came of a question; nothing is raised."""
        try:
            getattr(self._client(question.service), question.operation)(**question.parameters)
        except ClientError as error:
            return Answer(verdict=_verdict(code_of(error), status_of(error)), code=code_of(error))
        except BotoCoreError as error:
            return Answer(verdict=Verdict.UNANSWERED, code=code_of(error))
        except UNREADABLE:
            return Answer(verdict=Verdict.UNANSWERED, code=_NOT_AWS)
        return Answer(verdict=Verdict.ALLOWED, code=DONE)


def _verdict(code: str, status: int | None) -> Verdict:
    if code in ACCESS_DENIED:
        return Verdict.REFUSED
    if code in _SAYS_NOTHING or (status or 0) >= _FAULTS_FROM:
        return Verdict.UNANSWERED
    return Verdict.ALLOWED  # who was let in is told that what he asks for does not exist, or that it was a dry run
