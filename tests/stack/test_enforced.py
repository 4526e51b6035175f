"""The policies for people in the hands of people, on an embedded AWS that checks every signature and evaluates every policy."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from read_template import ReadTemplate
from sfmint_local import places
from sfmint_local.embedded_aws import REGION, EmbeddedAws
from stack.acme import ADMIN, FUNCTIONS, GROUPS, LAMBDA, deploy_functions, filled

ELSEWHERE = "InThisFunctionOnly"  # denies a role's rights to whatever is not its function, and so to a person


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An AWS with functions that have the names of a stack, and a secret of a connection."""
    aws = EmbeddedAws.start(tmp_path_factory.mktemp("aws"), checks_access=True)
    try:
        aws.wait()
        deploy_functions(aws, "live", ADMIN)
        aws.secrets.create_secret(Name="sfmint/acme/orders", SecretString="{}")
        yield aws
    finally:
        aws.stop()


class Person:
    """Somebody who has one policy, and tries things."""

    def __init__(self, aws: EmbeddedAws, policy: str) -> None:
        template = ReadTemplate.chosen(places.ROOT / "template.yaml", Connections="orders", ProbeConnection="orders")
        said = [each for each in template.statements() if each[0] == policy and each[1].get("Sid") != ELSEWHERE]
        document = json.dumps({"Version": "2012-10-17", "Statement": [filled(each) for _, each in said]})
        aws.iam.create_user(UserName=policy)
        aws.iam.put_user_policy(UserName=policy, PolicyName="it", PolicyDocument=document)
        key = aws.iam.create_access_key(UserName=policy)["AccessKey"]
        self._session: Any = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)
        self._url = aws.endpoint_url

    def tries(self, service: str, operation: str, **parameters: object) -> str:
        """Return "done", or the code of the refusal."""
        try:
            getattr(self._session.client(service, endpoint_url=self._url), operation)(**parameters)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "done"

    def invokes(self, function: str, alias: str) -> str:
        """Invoke an alias of a function of the stack."""
        return self.tries("lambda", "invoke", FunctionName=f"{LAMBDA}{function}:{alias}", Payload=b"{}")


REFUSED = {"AccessDeniedException", "AccessDenied"}


@pytest.fixture(scope="module")
def operator(aws: EmbeddedAws) -> Person:
    return Person(aws, "OperatePolicy")


@pytest.fixture(scope="module")
def observer(aws: EmbeddedAws) -> Person:
    return Person(aws, "ObservePolicy")


def test_an_operator_invokes_the_keeper_and_rotations_and_nothing_that_gives_a_token(operator: Person) -> None:
    for function in ("token-keeper", "key-rotation", "prober"):
        assert operator.invokes(function, "live") == "done"
    for function in ("token-broker", "salesforce-request"):
        assert {operator.invokes(function, alias) for alias in ("orders", "live")} <= REFUSED


def test_an_observer_asks_the_broker_for_its_build_and_nothing_that_gives_a_token_or_acts(observer: Person) -> None:
    assert observer.invokes("token-broker", "live") == "done"
    assert observer.invokes("token-broker", "orders") in REFUSED
    acting = ("token-keeper", "salesforce-request", "key-rotation", "prober")
    assert {observer.invokes(function, "live") for function in acting} <= REFUSED


def test_an_observer_sees_the_functions_and_changes_none(observer: Person) -> None:
    for own in FUNCTIONS.values():
        assert observer.tries("lambda", "list_aliases", FunctionName=f"acme-{own}") == "done"
        assert observer.tries("lambda", "get_function_configuration", FunctionName=f"acme-{own}") == "done"
        assert observer.tries("lambda", "delete_function", FunctionName=f"acme-{own}") in REFUSED


@pytest.mark.parametrize("who", ["operator", "observer"])
def test_people_read_the_logs_of_this_stack_and_no_secret(request: pytest.FixtureRequest, who: str) -> None:
    person: Person = request.getfixturevalue(who)
    for own in GROUPS.values():
        assert person.tries("logs", "filter_log_events", logGroupName=f"/aws/lambda/acme-{own}") == "done"
    assert person.tries("logs", "filter_log_events", logGroupName="/aws/lambda/other") in REFUSED
    assert person.tries("secretsmanager", "get_secret_value", SecretId="sfmint/acme/orders") in REFUSED
    assert person.tries("ssm", "get_parameters_by_path", Path="/sfmint/acme") in REFUSED


@pytest.mark.parametrize("policy", ["GetTokenorders", "Requestorders", "RequestRole"])
def test_nobody_whom_the_stack_gives_rights_invokes_the_alias_of_an_admin_connection(
    aws: EmbeddedAws, policy: str
) -> None:
    somebody = Person(aws, policy)
    own = "salesforce-request" if policy == "Requestorders" else "token-broker"
    assert somebody.invokes(own, "orders") == "done"
    assert {somebody.invokes(function, ADMIN) for function in FUNCTIONS.values()} <= REFUSED


@pytest.mark.parametrize("who", ["operator", "observer"])
def test_no_policy_for_people_invokes_the_alias_of_an_admin_connection(
    request: pytest.FixtureRequest, who: str
) -> None:
    person: Person = request.getfixturevalue(who)
    assert {person.invokes(function, ADMIN) for function in FUNCTIONS.values()} <= REFUSED
