"""Puts questions to AWS, and tells from the answer whether the caller may: either has to be shown."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from prober.probe import Answer, Verdict
from prober.questions import Question
from sfmint_client.aws_error import UNREADABLE
from sfmint_values.aws_codes import ACCESS_DENIED, code_of

DONE = "it was done"
_NOT_AWS = "something that is not AWS"


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
            answer = getattr(self._client(question.service), question.operation)(**question.parameters)
            was_done = answer["ResponseMetadata"]["HTTPStatusCode"] == question.done
        except ClientError as error:
            return Answer(verdict=_verdict(question, code_of(error)), code=code_of(error))
        except BotoCoreError as error:
            return Answer(verdict=Verdict.UNANSWERED, code=code_of(error))
        except UNREADABLE:
            return Answer(verdict=Verdict.UNANSWERED, code=_NOT_AWS)
        if was_done:
            return Answer(verdict=Verdict.ALLOWED, code=DONE)
        return Answer(verdict=Verdict.UNANSWERED, code=_NOT_AWS)


def _verdict(question: Question, code: str) -> Verdict:
    if code in ACCESS_DENIED:
        return Verdict.REFUSED
    return Verdict.ALLOWED if code in question.lets_in else Verdict.UNANSWERED
