"""A whole run of the stack: each of its functions does all it can, with every option, on one store and then on the other."""

import json
import resource
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha512
from typing import Any

import pytest

from conftest import make_key_pair
from kms_keys import a_signing_key, certificate_of, public_key_of
from sfmint_local.embedded_aws import EmbeddedAws
from sfmint_local.embedded_stack import STACK, EmbeddedStack, LocalConnection
from sfmint_local.faults.proxy import ProxyAnswer, running_proxy
from sfmint_local.functions import FunctionError
from sfmint_local.org.values import App
from sfmint_local.rotation.rotated import ADMIN, OPEN, Rotated
from stack.passing_time import let_pass

ORDERS, IN_KMS, LARGE = LocalConnection("orders"), LocalConnection("in-kms"), LocalConnection("large")
# No compression makes a token with them, and the list of them, as small as what KMS encrypts.
MANY_SCOPES = tuple(urlsafe_b64encode(sha512(bytes([number])).digest()).decode() for number in range(40))
TICKS_WITHIN_S = 60.0
QUEUE = "rotations"
PASSWORD = "only-the-proxy-is-told-" * 3  # as long as a search for leaks needs it
REST_S = 600.0  # between two rotations
OPTIONS = {
    "AdminConnections": ADMIN.name,
    "ProbeConnection": ORDERS.name,
    "RefreshRate": "rate(1 hour)",
    "SubnetIds": "subnet-0123456789abcdef0",
    "SecurityGroupIds": "sg-0123456789abcdef0",
}


@contextmanager
def running(store: str) -> Iterator[EmbeddedStack]:
    """Deploy the stack on a store, with every option that gives a role something, and hold each function to its role."""
    chosen = {**OPTIONS, "CacheBackend": store}
    connections = (ORDERS, IN_KMS, LARGE)
    with (
        running_proxy(ProxyAnswer()) as proxy,
        EmbeddedStack(*connections, title="whole-run", parameters=chosen, checks_access=True) as stack,
    ):
        for step in stack.steps():
            if step.name == "sam deploy":
                stack.parameters |= {"HttpsProxy": proxy, **what_options_name(stack.aws)}
                listen(stack.aws, stack.parameters["RotationTopicArn"])
                let_functions_dump(stack.aws)
            step.run()
        Rotated(stack, ORDERS.name).prepare()
        has_its_key_in_kms(stack, IN_KMS)
        has_large_tokens(stack, LARGE)
        yield stack


def what_options_name(aws: EmbeddedAws) -> dict[str, str]:
    """Make a secret, a topic and keys, and return the parameters that name them."""
    login = json.dumps({"username": "of-the-proxy", "password": PASSWORD})
    own = aws.kms.create_key()["KeyMetadata"]["Arn"]
    return {
        "HttpsProxySecretArn": aws.secrets.create_secret(Name="the-proxy", SecretString=login)["ARN"],
        "RotationTopicArn": aws.topics.create_topic(Name="rotations")["TopicArn"],
        "SigningKeyArns": ",".join(a_signing_key(aws.kms) for _ in range(2)),
        "SecretsKeyArns": own,
        "TableKeyArn": own,
    }


def listen(aws: EmbeddedAws, topic: str) -> None:
    """Keep what is published to a topic in a queue."""
    lets_sns_in = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**lets_sns_in, "Resource": "*"}]})
    url = aws.queues.create_queue(QueueName=QUEUE, Attributes={"Policy": policy})["QueueUrl"]
    arn = aws.queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws.topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)


def heard(aws: EmbeddedAws) -> list[str]:
    """Return what was published to the topic since the last time."""
    url = aws.queues.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    bodies: list[str] = []
    while found := aws.queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in found:
            bodies.append(message["Body"])
            aws.queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def let_functions_dump(aws: EmbeddedAws) -> None:
    """Let the system write the memory of an environment that dies, as Lambda does, if this machine lets us."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.prlimit(aws.pid, resource.RLIMIT_CORE, (most, most))


def has_its_key_in_kms(stack: EmbeddedStack, connection: LocalConnection) -> None:
    """Let a connection's key never leave KMS, and take turns with another one there."""
    rotated = Rotated(stack, connection.name)
    rotated.make_app()
    fields: dict[str, Any] = rotated.secret()
    key, other = stack.parameters["SigningKeyArns"].split(",")
    fields["certificate"] = certificate_of(public_key_of(stack.aws.kms, key), make_key_pair().key)
    stack.org.set_certificate(fields["consumer_key"], fields["certificate"])
    del fields["private_key"]
    signers: dict[str, Any] = {"signer": {"kms": key}, "other_signer": {"kms": other}}
    stack.store_secret(connection.name, fields | signers)


def has_large_tokens(stack: EmbeddedStack, connection: LocalConnection) -> None:
    """Let a connection's tokens be JWTs that are longer than what KMS encrypts itself."""
    fields = stack.credentials(connection.name)
    app = App(
        consumer_key=str(fields["consumer_key"]),
        certificate=str(fields["certificate"]),
        jwt_based_tokens=True,
        scopes=("api", "refresh_token", *MANY_SCOPES),
    )
    stack.org.put_app(app)
    stack.org.approve(app.consumer_key, connection.username)


def played(stack: EmbeddedStack) -> None:
    """Have broker, keeper, salesforce_request and prober do what they can on the store that the stack has."""
    functions = stack.functions
    for name in (ORDERS.name, IN_KMS.name):
        first = functions.broker(name)
        stack.aws.end_environments()
        elsewhere = functions.broker(name)
        assert (elsewhere["source"], elsewhere["access_token"]) == ("cache", first["access_token"])
        functions.broker(name, rejected=first["fingerprint"])
        functions.keeper(action="flush", connection=name)
        for _ in ("minted", "found there"):
            functions.keeper(action="refresh", connection=name)
    functions.keeper(action="status")
    stack.allow(ORDERS.name, "GET /services/data/")
    assert functions.request(ORDERS.name, method="GET", path="/services/data/v67.0/limits")["status_code"] == 200
    found = functions.invoke(f"{STACK}-prober:live", {"action": "probe"})
    assert (found["failed"], found["allowed"]) == (False, [])


def played_large(stack: EmbeddedStack) -> None:
    """Have broker and keeper seal and open tokens that KMS does not encrypt itself."""
    for _ in range(2):
        stack.functions.broker(LARGE.name)
        stack.functions.keeper(action="flush", connection=LARGE.name)
        stack.functions.keeper(action="refresh", connection=LARGE.name)
        stack.aws.end_environments()


def refused_large(stack: EmbeddedStack) -> None:
    """Have broker and keeper seal such a token, and find that no parameter has room for it."""
    with pytest.raises(FunctionError, match="does not fit into a parameter"):
        stack.functions.broker(LARGE.name)
    stack.functions.keeper(action="flush", connection=LARGE.name)
    with pytest.raises(FunctionError, match="does not fit into a parameter"):
        stack.functions.keeper(action="refresh", connection=LARGE.name)


def rotated(stack: EmbeddedStack) -> None:
    """Have key_rotation rotate a key of a secret, and one of KMS, with an administrator's token."""
    for name in (ORDERS.name, IN_KMS.name):
        of = Rotated(stack, name)
        standing = of.order("start")
        while standing["phase"] in OPEN:
            let_pass(of, max(0.0, standing["next_at"] - time.time()))
            standing = of.order("advance")
        assert standing["phase"] == "finished", standing
        stack.watch_key(str(of.secret().get("private_key", "")))
    again = Rotated(stack, IN_KMS.name)
    let_pass(again, REST_S)
    for action in ("start", "cancel"):  # the two keys in KMS would take turns again
        again.order(action)


def every_schedule_ticks(stack: EmbeddedStack) -> None:
    """Have each schedule of the stack tick now, and wait for the last."""
    scheduler = stack.aws.scheduler
    for named in scheduler.list_schedules(GroupName=STACK)["Schedules"]:
        deployed = scheduler.get_schedule(Name=named["Name"], GroupName=STACK)
        scheduler.create_schedule(
            Name=f"{named['Name']}-now",
            ScheduleExpression=f"at({datetime.now(UTC):%Y-%m-%dT%H:%M:%S})",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=deployed["Target"],
            ActionAfterCompletion="DELETE",
        )
    ends_at = time.monotonic() + TICKS_WITHIN_S
    while any(each["Name"].endswith("-now") for each in scheduler.list_schedules()["Schedules"]):
        assert time.monotonic() < ends_at
        time.sleep(0.5)
