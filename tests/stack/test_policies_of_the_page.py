"""The policies of docs/policies on the embedded AWS, which refuses what identity policies do not allow."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from iam_policy import allowed, listed
from sfmint_local import places
from sfmint_local.embedded_aws import REGION, EmbeddedAws
from stack.tiny_function import TinyFunction

PLACES = {"PARTITION": "aws", "ACCOUNT": "0" * 12, "REGION": REGION, "STACK": "acme", "BUCKET": "bucket"}
FUNCTIONS = ("token-broker", "token-keeper", "salesforce-request", "key-rotation")
TRUSTS_LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
THROUGH_CLOUDFORMATION = {
    "aws:CalledVia": "cloudformation.amazonaws.com",
    "iam:PassedToService": "lambda.amazonaws.com",
}
SECRET = "sfmint/acme/orders"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with some policies and no other right."""

    session: boto3.Session
    endpoint_url: str

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.endpoint_url)  # type: ignore[call-overload]

    def may(self, call: Callable[[Any], object], service: str) -> bool:
        try:
            call(self.client(service))
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"AccessDenied", "AccessDeniedException"}:
                raise
            return False
        return True

    def may_invoke(self, function: str, alias: str) -> bool:
        arn = f"arn:aws:lambda:{REGION}:{'0' * 12}:function:acme-{function}:{alias}"
        return self.may(lambda client: client.invoke(FunctionName=arn, Payload=b"{}"), "lambda")


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An AWS that checks access, with functions of the stack's names, a secret and an allow-list."""
    aws = EmbeddedAws.start(tmp_path_factory.mktemp("aws"), checks_access=True)
    try:
        aws.wait()
        role = aws.iam.create_role(RoleName="runs", AssumeRolePolicyDocument=json.dumps(TRUSTS_LAMBDA))["Role"]["Arn"]
        for name in FUNCTIONS:
            TinyFunction.deploy(aws, name=f"acme-{name}", role=role)
            aws.functions.create_alias(FunctionName=f"acme-{name}", Name="live", FunctionVersion="1")
        aws.secrets.create_secret(Name=SECRET, SecretString="a key")
        aws.parameters.put_parameter(Name="/sfmint/acme/connections/orders/broker", Value="arn", Type="String")
        yield aws
    finally:
        aws.stop()


def of_the_page(name: str) -> dict[str, Any]:
    text = (places.ROOT / f"docs/policies/{name}.json").read_text()
    for place, here in PLACES.items():
        text = text.replace(place, here)
    document: dict[str, Any] = json.loads(text)
    return document


def person(aws: EmbeddedAws, name: str, **policies: dict[str, Any]) -> Person:
    aws.iam.create_user(UserName=name)
    for title, document in policies.items():
        aws.iam.put_user_policy(UserName=name, PolicyName=title, PolicyDocument=json.dumps(document))
    key = aws.iam.create_access_key(UserName=name)["AccessKey"]
    session = boto3.Session(
        aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"], region_name=REGION
    )
    return Person(session, aws.endpoint_url)


def reads_the_secret(client: Any) -> object:
    return client.get_secret_value(SecretId=SECRET)


def stores_a_secret(client: Any) -> object:
    return client.put_secret_value(SecretId=SECRET, SecretString="another key")


def allows_all_requests(client: Any) -> object:
    name = "/sfmint/acme/connections/orders/allow"
    return client.put_parameter(Name=name, Value="GET /", Type="String", Overwrite=True)


def publishes_a_certificate(client: Any) -> object:
    name = "/sfmint/acme/connections/orders/next-certificate"
    return client.put_parameter(Name=name, Value="of somebody", Type="String", Overwrite=True)


def changes_the_broker(client: Any) -> object:
    return client.update_function_configuration(FunctionName="acme-token-broker", MemorySize=256)


def publishes_a_version(client: Any) -> object:
    return client.publish_version(FunctionName="acme-token-broker")


def assert_it_leads_to_no_token(somebody: Person) -> None:
    assert not somebody.may_invoke("token-broker", "orders")
    assert not somebody.may_invoke("salesforce-request", "orders")
    for call, service in (
        (reads_the_secret, "secretsmanager"),
        (stores_a_secret, "secretsmanager"),
        (allows_all_requests, "ssm"),
        (publishes_a_certificate, "ssm"),
        (changes_the_broker, "lambda"),
        (publishes_a_version, "lambda"),
    ):
        assert not somebody.may(call, service), call.__name__


def test_a_deployer_asks_each_function_for_its_build_and_gets_no_token(aws: EmbeddedAws) -> None:
    names = ("deployer", "deployer-functions", "deployer-data")
    deployer = person(aws, "deployer", **{name: of_the_page(name) for name in names})
    for function in FUNCTIONS:
        assert deployer.may_invoke(function, "live")
        assert deployer.may(partial(lists_aliases, function=function), "lambda")
    assert_it_leads_to_no_token(deployer)


def lists_aliases(client: Any, function: str) -> object:
    return client.list_aliases(FunctionName=f"acme-{function}")


def test_the_guard_rail_stops_an_administrator(aws: EmbeddedAws) -> None:
    """As a policy of the user's own: the embedded AWS knows no service control policies."""
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    assert person(aws, "unbound", all=everything).may(changes_the_broker, "lambda")
    bound = person(aws, "bound", all=everything, code=of_the_page("guard-rail"), data=of_the_page("guard-rail-data"))
    for call, service in (
        (reads_the_secret, "secretsmanager"),
        (stores_a_secret, "secretsmanager"),
        (allows_all_requests, "ssm"),
        (publishes_a_certificate, "ssm"),
        (changes_the_broker, "lambda"),
        (publishes_a_version, "lambda"),
    ):
        assert not bound.may(call, service), call.__name__
    assert bound.may(partial(lists_aliases, function="token-broker"), "lambda")


DECISIONS = {True: "allowed", False: "implicitDeny"}


@pytest.mark.parametrize("name", ["deployer", "deployer-functions", "deployer-data"])
def test_the_embedded_aws_decides_as_the_tests_of_the_policies_do(aws: EmbeddedAws, name: str) -> None:
    """tests/packaging/test_policies.py judges by an evaluator of its own: two that agree are worth more."""
    statements = of_the_page(name)["Statement"]
    for statement in statements:
        statement.pop("Condition", None)  # the simulation takes no context
    for statement in statements:
        action = listed(statement["Action"])[0]
        for resource in listed(statement["Resource"]):
            for asked in (resource.replace("*", "x"), resource.replace("acme", "other").replace("*", "x")):
                answer = aws.iam.simulate_custom_policy(
                    PolicyInputList=[json.dumps({"Version": "2012-10-17", "Statement": statements})],
                    ActionNames=[action],
                    ResourceArns=[asked],
                )
                [result] = answer["EvaluationResults"]
                assert result["EvalDecision"] == DECISIONS[allowed(statements, action, asked)], (action, asked)
