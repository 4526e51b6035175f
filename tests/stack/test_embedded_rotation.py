"""What the embedded AWS promises of Secrets Manager's rotations: that they go as AWS documents."""

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sfmint_local.embedded_aws import EmbeddedAws
from stack.tiny_function import TinyFunction

STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]

# A rotation function as AWS's own templates are: idempotent. The secret's name says how long it takes, and how often which step fails.
CODE = """
import json, time
import boto3

class Unfinished(Exception):
    pass

secrets, failed = boto3.client("secretsmanager"), {}

def handler(event, context):
    name, token = event["SecretId"], event["ClientRequestToken"]
    before = secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
    print("SEEN " + json.dumps({"event": event, "arn": context.invoked_function_arn, "before": before}))
    _, takes_s, fails, times = name.rpartition(":")[2].split("/")[:4]
    time.sleep(float(takes_s))
    failed[name] = failed.get(name, 0) + (event["Step"] == fails)
    if event["Step"] == fails and failed[name] <= int(times):
        raise Unfinished("Not yet. Ask again.")
    if event["Step"] == "createSecret":
        secrets.put_secret_value(SecretId=name, ClientRequestToken=token, SecretString="second", VersionStages=["AWSPENDING"])
    if event["Step"] == "finishSecret":
        [current] = [version for version, stages in before.items() if "AWSCURRENT" in stages]
        move = {"MoveToVersionId": token, "RemoveFromVersionId": current}
        secrets.update_secret_version_stage(SecretId=name, VersionStage="AWSCURRENT", **move)
        secrets.update_secret_version_stage(SecretId=name, VersionStage="AWSPENDING", RemoveFromVersionId=token)
    return {}
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    aws = EmbeddedAws.start(tmp_path_factory.mktemp("aws"))
    try:
        aws.wait()
        yield aws
    finally:
        aws.stop()


@pytest.fixture(scope="module")
def function(aws: EmbeddedAws) -> TinyFunction:
    """One for all: its environment is started once."""
    function = TinyFunction.deploy(aws, code=CODE)
    function.let_secrets_manager_in()
    return function


class Turning:
    """A secret that a function rotates."""

    def __init__(self, function: TinyFunction, *, takes_s: float = 0, fails: str = "no", times: int = 0) -> None:
        self.function, self.alias_arn = function, function.alias_arn
        self.name = f"turning/{takes_s}/{fails}/{times}/{uuid.uuid4().hex[:8]}"
        self.aws: Any = function.aws.secrets
        self.aws.create_secret(Name=self.name, SecretString="first")

    def rotate(self, **more: Any) -> str:
        more = {"RotationLambdaARN": self.alias_arn, **more}
        return str(self.aws.rotate_secret(SecretId=self.name, **more)["VersionId"])

    def put(self, value: str, *stages: str, **more: str) -> list[str]:
        answer = self.aws.put_secret_value(
            SecretId=self.name, SecretString=value, VersionStages=list(stages) or ["AWSCURRENT"], **more
        )
        return list(answer["VersionStages"])

    def refused(self, **more: Any) -> str:
        with pytest.raises(ClientError) as refusal:
            self.rotate(**more)
        return str(refusal.value.response["Error"]["Code"])

    def described(self) -> dict[str, Any]:
        return dict(self.aws.describe_secret(SecretId=self.name))

    def labels(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = self.described()["VersionIdsToStages"]
        return found

    def seen(self) -> list[dict[str, Any]]:
        arn = self.described()["ARN"]
        return [seen for seen in self.function.logged() if seen["event"]["SecretId"] == arn]

    def steps(self) -> list[str]:
        return [seen["event"]["Step"] for seen in self.seen()]

    def value(self, stage: str = "AWSCURRENT") -> str:
        return str(self.aws.get_secret_value(SecretId=self.name, VersionStage=stage)["SecretString"])

    def drop_pending(self, version: str) -> None:
        self.aws.update_secret_version_stage(SecretId=self.name, VersionStage="AWSPENDING", RemoveFromVersionId=version)

    def wait(self) -> None:
        """Wait until a rotation has ended well."""
        wait_until(lambda: "LastRotatedDate" in self.described())


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(300):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("It never came to hold.")


def test_a_rotation_runs_the_four_steps_and_ends_with_a_date(function: TinyFunction) -> None:
    secret = Turning(function)
    [first] = secret.labels()
    second = secret.rotate(RotationRules={"AutomaticallyAfterDays": 30})
    secret.wait()

    assert secret.steps() == STEPS
    seen = secret.seen()
    assert {each["arn"] for each in seen} == {secret.alias_arn}
    assert {(each["event"]["SecretId"], each["event"]["ClientRequestToken"]) for each in seen} == {
        (secret.described()["ARN"], second)
    }
    assert seen[0]["before"] == {first: ["AWSCURRENT"], second: ["AWSPENDING"]}
    assert secret.labels() == {first: ["AWSPREVIOUS"], second: ["AWSCURRENT"]}
    assert secret.value() == "second"
    told = secret.described()
    assert told["RotationEnabled"] is True
    assert told["RotationLambdaARN"] == secret.alias_arn
    assert told["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert (told["NextRotationDate"] - told["LastRotatedDate"]).days == 30


def test_a_version_that_is_only_begun_has_no_value(function: TinyFunction) -> None:
    secret = Turning(function, fails="createSecret", times=1)
    secret.rotate()
    with pytest.raises(secret.aws.exceptions.ResourceNotFoundException):
        secret.value("AWSPENDING")
    secret.wait()


def test_a_step_that_fails_has_the_whole_rotation_repeated_with_the_same_version(function: TinyFunction) -> None:
    secret = Turning(function, fails="testSecret", times=2)
    second = secret.rotate()
    secret.wait()

    assert secret.steps() == [*STEPS[:3], *STEPS[:3], *STEPS]
    assert {seen["event"]["ClientRequestToken"] for seen in secret.seen()} == {second}
    assert secret.labels()[second] == ["AWSCURRENT"]


@pytest.mark.parametrize("immediately", [True, False])
def test_while_another_version_is_pending_a_rotation_is_refused_and_changes_nothing(
    function: TinyFunction, *, immediately: bool
) -> None:
    secret = Turning(function)
    secret.put("somebody's", "AWSPENDING")
    before = secret.labels()

    asked = {"RotateImmediately": immediately, "RotationRules": {"AutomaticallyAfterDays": 9}}
    assert secret.refused(**asked) == "InvalidRequestException"
    assert (secret.labels(), secret.steps()) == (before, [])
    assert "RotationRules" not in secret.described()
    assert secret.value("AWSPENDING") == "somebody's"


def test_a_version_that_is_current_and_pending_is_no_hindrance(function: TinyFunction) -> None:
    secret = Turning(function)
    [first] = secret.labels()
    secret.aws.update_secret_version_stage(SecretId=secret.name, VersionStage="AWSPENDING", MoveToVersionId=first)
    second = secret.rotate()
    wait_until(lambda: secret.labels().get(second) == ["AWSCURRENT"])


def test_the_same_request_sent_again_starts_nothing(function: TinyFunction) -> None:
    secret = Turning(function, takes_s=0.3)
    token = str(uuid.uuid4())
    assert [secret.rotate(ClientRequestToken=token) for _ in range(2)] == [token, token]
    secret.wait()
    assert secret.steps() == STEPS


@pytest.mark.parametrize("times", [0, 9])
def test_a_schedule_without_a_rotation_runs_the_test_alone_on_a_version_that_goes_away(
    function: TinyFunction, times: int
) -> None:
    secret = Turning(function, fails="testSecret", times=times)
    before = secret.labels()
    version = secret.rotate(RotateImmediately=False, RotationRules={"AutomaticallyAfterDays": 90})
    wait_until(lambda: bool(secret.steps()) and secret.labels() == before)

    [seen] = secret.seen()
    assert seen["event"]["Step"] == "testSecret"
    assert seen["before"][version] == ["AWSPENDING"]
    told = secret.described()
    assert told["RotationEnabled"] is True
    assert "LastRotatedDate" not in told
    assert told["NextRotationDate"]
    assert secret.value() == "first"


def test_a_function_that_secrets_manager_may_not_invoke_is_refused(function: TinyFunction) -> None:
    secret = Turning(TinyFunction.deploy(function.aws, code=CODE))
    before = secret.described()
    assert secret.refused() == "AccessDeniedException"
    secret.function.let_secrets_manager_in(account="1" * 12)
    assert secret.refused() == "AccessDeniedException"
    secret.function.let_secrets_manager_in()
    unqualified = secret.alias_arn.removesuffix(":orders")
    assert secret.refused(RotationLambdaARN=unqualified) == "AccessDeniedException"
    assert secret.refused(RotationLambdaARN=f"{unqualified}-gone") == "AccessDeniedException"
    assert (secret.labels(), secret.steps()) == (before["VersionIdsToStages"], [])
    assert "RotationLambdaARN" not in secret.described()


@pytest.mark.parametrize(
    "rules",
    [
        {"AutomaticallyAfterDays": 1001},
        {"AutomaticallyAfterDays": 3, "ScheduleExpression": "rate(3 days)"},
        {"Duration": "2h"},
    ],
    ids=str,
)
def test_rules_that_aws_does_not_take_are_refused(function: TinyFunction, rules: dict[str, Any]) -> None:
    assert Turning(function).refused(RotationRules=rules) == "InvalidParameterException"


def test_a_secret_that_is_none_or_goes_is_not_rotated(function: TinyFunction) -> None:
    secret = Turning(function)
    with pytest.raises(secret.aws.exceptions.ResourceNotFoundException):
        secret.aws.rotate_secret(SecretId="nobody's", RotationLambdaARN=secret.alias_arn)
    with pytest.raises(secret.aws.exceptions.InvalidRequestException):
        secret.aws.rotate_secret(SecretId=secret.name)  # it has never been told a function
    secret.aws.delete_secret(SecretId=secret.name)
    assert secret.refused() == "InvalidRequestException"


def test_a_cancelled_rotation_stops_and_leaves_its_version_pending(function: TinyFunction) -> None:
    secret = Turning(function, takes_s=0.5)
    second = secret.rotate(RotationRules={"AutomaticallyAfterDays": 30})
    assert secret.aws.cancel_rotate_secret(SecretId=secret.name)["VersionId"] == second
    time.sleep(2)

    assert len(secret.steps()) <= 1
    told = secret.described()
    assert told["RotationEnabled"] is False
    assert "NextRotationDate" not in told
    assert secret.labels()[second] == ["AWSPENDING"]
    assert secret.refused() == "InvalidRequestException"
    secret.drop_pending(second)
    third = secret.rotate()
    wait_until(lambda: secret.labels().get(third) == ["AWSCURRENT"])


def test_a_rotation_whose_label_somebody_has_taken_off_is_not_repeated(function: TinyFunction) -> None:
    secret = Turning(function, fails="createSecret", times=9)
    second = secret.rotate()
    wait_until(lambda: bool(secret.steps()))
    secret.drop_pending(second)
    so_far = len(secret.steps())
    time.sleep(2.5)
    assert len(secret.steps()) <= so_far + 1


def test_a_version_that_has_a_value_is_never_written_over(function: TinyFunction) -> None:
    secret, token = Turning(function), str(uuid.uuid4())
    secret.put("x", "AWSPENDING", "OURS", ClientRequestToken=token)
    assert set(secret.put("x", "AWSPENDING", ClientRequestToken=token)) == {"AWSPENDING", "OURS"}
    with pytest.raises(secret.aws.exceptions.ResourceExistsException):
        secret.put("y", ClientRequestToken=token)
    assert secret.value("OURS") == "x"


def test_a_label_is_on_one_version(function: TinyFunction) -> None:
    secret = Turning(function)
    for value in ("x", "y"):
        secret.put(value, "AWSPENDING")
    assert sorted(label for labels in secret.labels().values() for label in labels) == ["AWSCURRENT", "AWSPENDING"]
    assert secret.value("AWSPENDING") == "y"
