"""What the embedded AWS promises beyond MiniStack: that it behaves as AWS does where sfmint depends on it."""

import datetime as dt
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from processes import has_ended
from read_template import ReadTemplate
from sfmint_local import places
from sfmint_local.embedded_aws import REGION, EmbeddedAws
from stack.tiny_function import ROLE, TRUSTS_LAMBDA, TinyFunction


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    state = tmp_path_factory.mktemp("aws")
    aws = EmbeddedAws.start(state, ca_bundle=Path("/authorities.pem"))
    try:
        aws.wait()
        yield aws
    finally:
        aws.stop()


def test_an_error_keeps_its_class_name_and_its_stack_trace(aws: EmbeddedAws) -> None:
    error = TinyFunction.deploy(aws).invoke(**{"raise": True})

    assert error["errorType"] == "TokenLost"
    assert error["errorMessage"] == "Nobody knows it. Ask again."
    assert error["requestId"]
    assert len(error["stackTrace"]) == 1
    assert "in handler" in error["stackTrace"][0]


def test_an_error_of_the_runtimes_own_class_is_reported_without_frames(aws: EmbeddedAws) -> None:
    error = TinyFunction.deploy(aws).invoke(refuse=True)

    assert (error["errorType"], error["errorMessage"]) == ("Refused", "No. Ask another.")
    assert error["requestId"]
    assert error["stackTrace"] == []


def test_an_environment_lives_on_after_an_error(aws: EmbeddedAws) -> None:
    function = TinyFunction.deploy(aws)
    before = function.invoke()
    function.invoke(**{"raise": True})
    after = function.invoke()

    assert after["pid"] == before["pid"]
    assert after["calls"] == 3


def test_an_alias_is_invoked_under_its_own_arn(aws: EmbeddedAws) -> None:
    function = TinyFunction.deploy(aws)

    assert function.invoke()["arn"] == function.alias_arn


def test_a_schedule_invokes_an_alias_under_its_own_arn(aws: EmbeddedAws) -> None:
    function = TinyFunction.deploy(aws)
    now = dt.datetime.now(dt.UTC)
    aws.scheduler.create_schedule(
        Name=function.name,
        ScheduleExpression=f"at({now:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": function.alias_arn, "RoleArn": ROLE, "Input": '{"action": "refresh"}'},
    )

    seen = function.seen_by_itself()

    assert seen["arn"] == function.alias_arn
    assert seen["event"] == {"action": "refresh"}


def test_a_functions_own_code_comes_before_its_layers(aws: EmbeddedAws) -> None:
    assert TinyFunction.deploy(aws, with_layer=True).invoke()["told_apart"] == "function"


def test_environments_share_one_copy_of_a_layer(aws: EmbeddedAws) -> None:
    function = TinyFunction.deploy(aws, with_layer=True)
    with ThreadPoolExecutor(2) as pool:
        seen = list(pool.map(lambda _: function.invoke(sleep=1), range(2)))

    assert len({each["pid"] for each in seen}) == 2
    assert len({each["layer"] for each in seen}) == 1
    assert seen[0]["layer"]


def test_a_function_has_the_bare_interpreter_and_nothing_of_ours_in_its_environment(aws: EmbeddedAws) -> None:
    os.environ["A_SECRET_OF_THE_DEVELOPER"] = "1"
    try:
        seen = TinyFunction.deploy(aws).invoke()
    finally:
        del os.environ["A_SECRET_OF_THE_DEVELOPER"]

    assert seen["python"] == str(places.LAMBDA_PYTHON)
    assert seen["packages"] == ["boto3", "botocore"]  # as on AWS, and none of MiniStack's own
    assert seen["trusts"] == "/authorities.pem"
    assert "A_SECRET_OF_THE_DEVELOPER" not in seen["variables"]


def test_ended_environments_are_replaced_by_new_ones(aws: EmbeddedAws) -> None:
    function = TinyFunction.deploy(aws)
    before = function.invoke()
    aws.end_environments()
    after = function.invoke()

    assert after["pid"] != before["pid"]
    assert after["calls"] == 1
    assert has_ended(before["pid"])


def test_a_secret_without_a_value_is_not_found(aws: EmbeddedAws) -> None:
    aws.secrets.create_secret(Name="empty")

    with pytest.raises(aws.secrets.exceptions.ResourceNotFoundException):
        aws.secrets.get_secret_value(SecretId="empty")


def test_a_rotation_invokes_its_function_and_keeps_the_pending_version(aws: EmbeddedAws) -> None:
    function = TinyFunction.deploy(aws)
    function.let_secrets_manager_in()
    aws.secrets.create_secret(Name="turning", SecretString="first")
    rotated = aws.secrets.rotate_secret(SecretId="turning", RotationLambdaARN=function.alias_arn)

    assert function.seen_by_itself()["event"] == {
        "Step": "createSecret",
        "SecretId": rotated["ARN"],
        "ClientRequestToken": rotated["VersionId"],
    }
    stages = aws.secrets.describe_secret(SecretId="turning")["VersionIdsToStages"]
    assert stages[rotated["VersionId"]] == ["AWSPENDING"]


def test_a_role_of_the_template_gives_nothing_to_another_function(tmp_path: Path) -> None:
    template = ReadTemplate.chosen(places.ROOT / "template.yaml", Connections="orders")
    [denied] = [said for _, said in template.statements() if said.get("Sid") == "InTheseFunctionsOnly"]
    named = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": "0" * 12, "AWS::StackName": "acme"}
    text = json.dumps(denied)
    for name, value in named.items():
        text = text.replace(f"${{{name}}}", value)
    [functions] = (denied := json.loads(text))["Condition"]["ArnNotEquals"].values()
    denied["Condition"]["ArnNotEquals"]["lambda:SourceFunctionArn"] = [arn["Fn::Sub"] for arn in functions]
    aws = EmbeddedAws.start(tmp_path, checks_access=True)
    try:
        aws.wait()
        role = aws.iam.create_role(RoleName="passed", AssumeRolePolicyDocument=json.dumps(TRUSTS_LAMBDA))["Role"]["Arn"]
        statements = [{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}, denied]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        aws.iam.put_role_policy(RoleName="passed", PolicyName="it", PolicyDocument=policy)
        aws.parameters.put_parameter(Name="/it", Value="read", Type="String")

        def seen_by(name: str) -> dict[str, Any]:
            return TinyFunction.deploy(aws, name=name, role=role).invoke(read="/it")

        assert seen_by("acme-token-broker") == seen_by("acme-token-keeper") == {"value": "read"}
        assert seen_by("acme-token-brokers") == seen_by("thief") == {"refused": "AccessDeniedException"}
        parameter = f"arn:aws:ssm:{REGION}:{'0' * 12}:parameter/it"
        asked = [(call.role, call.action, call.resource, call.allowed) for call in aws.role_calls()]
        assert asked == [("passed", "ssm:GetParameter", parameter, may) for may in (True, True, False, False)]
    finally:
        aws.stop()


def test_nothing_is_left_after_the_end(tmp_path: Path) -> None:
    aws = EmbeddedAws.start(tmp_path)
    try:
        aws.wait()
        function = TinyFunction.deploy(aws)
        environment = function.invoke()["pid"]
        busy = ThreadPoolExecutor(1)
        caller = busy.submit(function.invoke, sleep=15)
        time.sleep(0.5)
    finally:
        aws.stop()

    assert caller.exception(timeout=10) is not None
    assert has_ended(aws.pid)
    assert has_ended(environment)
    assert [path.name for path in tmp_path.iterdir()] == ["aws.log"]
