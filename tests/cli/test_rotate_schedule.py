"""`sfmint rotate schedule`: RotateSecret as AWS documents it, and what it refuses, in words."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from cli.command_line import CommandLine, Ended
from cli.conftest import Account
from cli.fake_rotation import NOTHING, FakeRotation, beside_the_keeper, tried

if TYPE_CHECKING:
    from conftest import KeyPair

SECRET_ID = "sfmint/acme/my-org"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:acme-key-rotation:live"

type Schedule = Callable[..., Ended]


@dataclass
class SecretsManager:
    """RotateSecret and CancelRotateSecret, which moto would carry out with a function of its own.

    Attributes:
        asked: operation and parameters, in order.
        refusal: code and message of what is said to both, if anything is.
        is_rotated: whether a schedule stands.
    """

    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refusal: tuple[str, str] | None = None
    is_rotated: bool = False

    def answer(self, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((operation, given))
        if self.refusal is not None:
            code, message = self.refusal
            raise ClientError({"Error": {"Code": code, "Message": message}}, operation)
        self.is_rotated = operation == "RotateSecret"
        return {"Name": SECRET_ID}


@pytest.fixture
def secrets_manager(account: Account, monkeypatch: pytest.MonkeyPatch) -> SecretsManager:
    del account
    service = SecretsManager()
    ask = vars(BaseClient)["_make_api_call"]

    def call(self: Any, operation: str, given: Any) -> Any:
        if operation in {"RotateSecret", "CancelRotateSecret"}:
            return service.answer(operation, given)
        found = ask(self, operation, given)
        return {**found, "RotationEnabled": service.is_rotated} if operation == "DescribeSecret" else found

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return service


@pytest.fixture
def rotation(account: Account) -> FakeRotation:
    return beside_the_keeper(account)


@pytest.fixture
def stored(account: Account, key_pair: "KeyPair") -> dict[str, Any]:
    """Return the fields of the secret."""
    fields = {
        "consumer_key": "3MVG9.key",
        "username": "integration@acme.example",
        "token_host": "https://acme.my.salesforce.com",
        "private_key": key_pair.pem,
    }
    account.cloud_formation.stacks["acme"][0]["AdminConnections"] = "admin-acme"
    account.secrets.create_secret(Name=SECRET_ID, SecretString=json.dumps(fields))
    return fields


@pytest.fixture
def schedule(
    sfmint: CommandLine, rotation: FakeRotation, secrets_manager: SecretsManager, stored: dict[str, Any]
) -> Schedule:
    """Run `rotate schedule my-org --json`."""
    del rotation, secrets_manager, stored
    return lambda *flags: sfmint("rotate", "schedule", "my-org", "--json", *flags)


def test_a_schedule_is_set_after_the_function_was_asked_and_begins_no_rotation(
    schedule: Schedule, rotation: FakeRotation, secrets_manager: SecretsManager
) -> None:
    rotation.on_ask = lambda _action: secrets_manager.asked.append(("asked", {}))
    ended = schedule("--days", "90", "--admin-connection", "admin-acme")
    assert (ended.code, ended.document["scheduled"], ended.document["days"]) == (0, True, 90)
    wanted = {
        "SecretId": SECRET_ID,
        "RotationLambdaARN": FUNCTION,
        "RotationRules": {"AutomaticallyAfterDays": 90},
        "RotateImmediately": False,
    }
    assert secrets_manager.asked == [("asked", {}), ("asked", {}), ("RotateSecret", wanted)]
    assert rotation.asked == ["status", "check"]
    assert "warning" not in ended.stderr


def test_the_fields_stand_in_the_secret_before_the_function_checks_them(
    schedule: Schedule, rotation: FakeRotation, account: Account, stored: dict[str, Any]
) -> None:
    seen: list[dict[str, Any]] = []
    rotation.on_ask = lambda action: seen.append(json.loads(account.secret())) if action == "check" else None
    assert schedule("--days", "30", "--admin-connection", "admin-acme").code == 0
    assert seen == [{**stored, "admin_connection": "admin-acme"}]


def test_a_schedule_without_an_admin_connection_waits_for_a_person_each_time(
    schedule: Schedule, rotation: FakeRotation, denied: set[str]
) -> None:
    rotation.answer(check=[{**NOTHING, "is_attended": True}])
    assert "waits until somebody uploads a certificate" in schedule("--days", "90").stderr
    denied.add("GetSecretValue")
    assert schedule("--days", "90").code == 0


def test_what_the_function_refuses_is_not_scheduled(
    schedule: Schedule, rotation: FakeRotation, secrets_manager: SecretsManager
) -> None:
    rotation.answer(check=[{"errorType": "RotationRefused", "errorMessage": "Tokens end too early. Use two apps."}])
    assert schedule("--days", "90").document["error"]["cause"] == "Tokens end too early."
    assert secrets_manager.asked == []


def test_while_a_rotation_is_pending_nothing_is_written_or_scheduled(
    schedule: Schedule, rotation: FakeRotation, secrets_manager: SecretsManager, account: Account
) -> None:
    rotation.answer(advance=[NOTHING], status=[tried()])
    before = account.secret()
    assert schedule("--days", "90", "--app", "orders").document["error"]["name"] == "RotationPending"
    assert (account.secret(), secrets_manager.asked) == (before, [])


@pytest.mark.parametrize(
    ("code", "message", "name", "remedy"),
    [
        (
            "AccessDeniedException",
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access.",
            "ScheduleRefused",
            "make deploy",
        ),
        (
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/joe is not authorized to perform: lambda:InvokeFunction on resource: x",
            "AccessDenied",
            "policy of operators",
        ),
        (
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/joe is not authorized to perform: secretsmanager:RotateSecret",
            "AccessDenied",
            "Have the action allowed",
        ),
        (
            "InvalidRequestException",
            "A previous rotation isn't complete. That rotation will be reattempted.",
            "RotationPending",
            "sfmint rotate finish my-org",
        ),
        (
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
            "SecretDeleted",
            "aws secretsmanager restore-secret",
        ),
        ("InvalidRequestException", "Operation not permitted on a replica secret.", "ScheduleRefused", "--region"),
        (
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
            "ScheduleRefused",
            "sfmint doctor my-org",
        ),
        ("InternalServiceError", "An error occurred.", "AwsError", "Run this again"),
        ("ThrottlingException", "Rate exceeded", "AwsError", "Wait a minute"),
    ],
)
def test_what_secrets_manager_refuses_is_said_in_words(
    schedule: Schedule, secrets_manager: SecretsManager, code: str, message: str, name: str, remedy: str
) -> None:
    secrets_manager.refusal = (code, message)
    error = schedule("--days", "90").document["error"]
    assert error["name"] == name
    assert remedy in error["remedy"]
    assert message not in error["cause"] + error["remedy"]


def test_a_schedule_is_taken_off_once(schedule: Schedule, secrets_manager: SecretsManager) -> None:
    secrets_manager.is_rotated = True
    first, second = schedule("--off"), schedule("--off")
    assert (first.code, first.document["scheduled"], first.document["was"]) == (0, False, True)
    assert (second.code, second.document["was"]) == (0, False)
    assert secrets_manager.asked == [("CancelRotateSecret", {"SecretId": SECRET_ID})]


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--days", "90", "--off"),
        ("--off", "--app", "orders"),
        ("--days", "0"),
        ("--days", "331"),
        ("--days", "soon"),
    ],
    ids=" ".join,
)
def test_a_command_line_that_says_nothing_or_two_things_is_wrong(
    schedule: Schedule, secrets_manager: SecretsManager, flags: tuple[str, ...]
) -> None:
    assert schedule(*flags).code == 2
    assert secrets_manager.asked == []
