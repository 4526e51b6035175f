"""What people are told of a rotation, by SNS; nothing that goes wrong here stops one.

Source: Amazon SNS API Reference, Publish: a subject has at most 100 characters of ASCII and no line breaks.
"""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from key_rotation.ports import Kind, News
from sfmint_client.aws_error import UNREADABLE
from sfmint_values.aws_codes import code_of

_LONGEST_SUBJECT = 100  # characters
_SUBJECTS: Mapping[Kind, str] = {
    "upload": "upload the new certificate of {name}",
    "deployed": "the new certificate of {name} is deployed",
    "finished": "the key of {name} is rotated",
    "cancelled": "the rotation of {name} is cancelled",
    "void": "the rotation of {name} is void",
    "put_back": "put the old certificate of {name} back",
    "stuck": "the rotation of {name} does not go on",
}
_UPLOAD = (
    "Anybody can write a message like this one. So upload to the app in Setup what this writes, which is the certificate below:"
    "\n\n  sfmint rotate status {{name}} --stack {{stack}} --certificate {{name}}-next.crt"
    "\n\nThen run:\n\n  sfmint rotate {again} {{name}} --stack {{stack}}"
)
_NEXT: Mapping[Kind, str] = {
    "upload": _UPLOAD.format(again="finish"),
    "deployed": "Nobody has to do anything. How it goes on is told by:\n\n  sfmint rotate status {name} --stack {stack}",
    "finished": "Nobody has to do anything. What there is now is told by:\n\n  sfmint rotate status {name} --stack {stack}",
    "cancelled": "Mend what the reason names, then begin again:\n\n  sfmint rotate start {name} --stack {stack}",
    "void": "Look at the reason, then begin again:\n\n  sfmint rotate start {name} --stack {stack}",
    "put_back": _UPLOAD.format(again="cancel"),
    "stuck": "Look at what it waits for:\n\n  sfmint rotate status {name} --stack {stack}",
}


class SnsAnnouncer:
    """Publishes to a topic.

    Args:
        client: returns a client of SNS, botocore's; it is asked for when something is said first.
        topic_arn: of the topic; None: there is none, and nobody wants to be told.
        stack: the stack's name.
        failed: is told of what was not said: the connection, and AWS's code.
    """

    def __init__(
        self, client: Callable[[], Any], topic_arn: str | None, *, stack: str, failed: Callable[[str, str], None]
    ) -> None:
        self._client = client
        self._topic_arn = topic_arn
        self._stack = stack
        self._failed = failed

    def say(self, news: News) -> bool:
        """Tell it; False: nobody could be told."""
        if self._topic_arn is None:
            return True
        subject = f"sfmint {self._stack}: {_SUBJECTS[news.kind].format(name=news.connection)}"
        try:
            self._client().publish(TopicArn=self._topic_arn, Subject=_plain(subject), Message=self._message(news))
        except (BotoCoreError, ClientError) as error:
            self._failed(news.connection, code_of(error))
        except UNREADABLE:
            self._failed(news.connection, "an answer that cannot be read")
        else:
            return True
        return False

    def _message(self, news: News) -> str:
        command = _NEXT[news.kind].format(name=news.connection, stack=self._stack)
        parts = [news.words, command, *([news.certificate] if news.certificate else [])]
        return "\n\n".join(parts)


def _plain(subject: str) -> str:
    line = " ".join(subject.encode("ascii", "replace").decode().split())
    return line[:_LONGEST_SUBJECT]
