"""What people are told of a rotation: plain words with the next command, and never a reason to stop."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, get_args

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.session import Session
from moto import mock_aws

from key_rotation.adapters.announcer import SnsAnnouncer
from key_rotation.ports import Kind, News
from moto_client import moto_client

NAME, STACK = "orders", "acme"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"
COMMANDS = {
    "upload": "finish",
    "deployed": "status",
    "finished": "status",
    "cancelled": "start",
    "void": "start",
    "put_back": "cancel",
    "stuck": "status",
}


@dataclass
class Subscribed:
    """An announcer whose topic somebody reads.

    Attributes:
        client: of SNS.
        read: returns what has arrived.
        failed: what was not told.
    """

    client: Any
    topic_arn: str
    queue: Any
    queue_url: str
    failed: list[tuple[str, str]] = field(default_factory=list)

    def announcer(self, topic_arn: str | None = None) -> SnsAnnouncer:
        return SnsAnnouncer(
            lambda: self.client,
            topic_arn or self.topic_arn,
            stack=STACK,
            failed=lambda connection, code: self.failed.append((connection, code)),
        )

    def read(self) -> list[dict[str, str]]:
        found = self.queue.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(each["Body"]) for each in found]


@pytest.fixture
def subscribed(aws_credentials: None, shared_aws_models: None) -> Iterator[Subscribed]:
    with mock_aws():
        session = Session()
        client, queue = moto_client(session, "sns"), moto_client(session, "sqs")
        topic_arn = client.create_topic(Name="rotations")["TopicArn"]
        url = queue.create_queue(QueueName="read")["QueueUrl"]
        arn = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        client.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)
        yield Subscribed(client=client, topic_arn=topic_arn, queue=queue, queue_url=url)


@pytest.mark.parametrize("kind", get_args(Kind.__value__))
def test_each_news_has_a_subject_its_words_and_the_next_command(subscribed: Subscribed, kind: Kind) -> None:
    certificate = CERTIFICATE if kind in {"upload", "put_back"} else None
    news = News(kind=kind, connection=NAME, words="What has happened, in words.", certificate=certificate)
    assert subscribed.announcer().say(news)
    (said,) = subscribed.read()
    assert said["Subject"].startswith(f"sfmint {STACK}: ")
    assert NAME in said["Subject"]
    assert len(said["Subject"]) <= 100
    assert said["Message"].startswith("What has happened, in words.")
    assert f"sfmint rotate {COMMANDS[kind]} {NAME} --stack {STACK}" in said["Message"]
    assert (CERTIFICATE in said["Message"]) is (certificate is not None)


def test_the_longest_names_make_a_subject_that_sns_takes(subscribed: Subscribed) -> None:
    for kind in get_args(Kind.__value__):
        assert subscribed.announcer().say(News(kind=kind, connection="n" * 32, words="Words."))
    assert subscribed.failed == []


def test_a_topic_that_is_gone_is_told_and_stops_nothing(subscribed: Subscribed) -> None:
    announcer = subscribed.announcer(f"{subscribed.topic_arn}-gone")
    assert not announcer.say(News(kind="finished", connection=NAME, words="Words."))
    assert subscribed.failed == [(NAME, "NotFound")]


def test_a_service_that_does_not_answer_stops_nothing(subscribed: Subscribed) -> None:
    def silent(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://sns.example")

    subscribed.client.meta.events.register_first("before-call", silent)
    assert not subscribed.announcer().say(News(kind="finished", connection=NAME, words="Words."))
    assert subscribed.failed == [(NAME, "ReadTimeoutError")]


def test_without_a_topic_nobody_is_asked() -> None:
    def client() -> Any:
        raise AssertionError

    announcer = SnsAnnouncer(client, None, stack=STACK, failed=lambda *_: None)
    assert announcer.say(News(kind="finished", connection=NAME, words="Words."))
