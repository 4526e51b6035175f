"""`sfmint connection retire`: in an order that harms nobody else, each step repeatable, and taken back."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from cli.command_line import CommandLine
from cli.conftest import Account
from lambda_service import ACCOUNT, REGION, TIMED_OUT, alias_arn

CURRENT = json.dumps({"username": "integration@acme.example", "private_key": "x"})
TOKEN = f"arn:aws:iam::{ACCOUNT}:policy/acme-get-token-my-org-{REGION}"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})

# Of AWS: the stack, the secret and a policy, the secret and a policy once more, the deletion, the keeper.
CALLS = (0, 1, 4, 7, 12, 13, 14)


@pytest.fixture
def stored(account: Account) -> Account:
    account.secrets.create_secret(Name="sfmint/acme/my-org", SecretString=CURRENT)
    return account


def is_deleted(account: Account) -> bool:
    return "DeletedDate" in account.secrets.describe_secret(SecretId="sfmint/acme/my-org")


def test_the_secret_goes_in_thirty_days_and_the_token_after_it(sfmint: CommandLine, stored: Account) -> None:
    secret_was_deleted = []

    def keeper(arn: str, event: Any) -> Any:
        secret_was_deleted.append(is_deleted(stored))
        return stored.keeper(arn, event)

    stored.functions.broker = keeper
    ended = sfmint("connection", "retire", "my-org", "--yes", "--json")
    assert ended.code == 0, ended.stderr
    assert secret_was_deleted == [True]  # or the keeper would mint again
    assert stored.functions.events == [{"action": "flush", "connection": "my-org"}]
    goes = datetime.fromisoformat(ended.document["deleted_on"])
    assert timedelta(days=29) < goes - datetime.now(UTC) <= timedelta(days=30)
    assert ended.document["done"] == "retired"
    assert any("integration@acme.example" in step for step in ended.document["in_salesforce"])


def test_it_tells_the_next_step_and_how_to_take_all_back(sfmint: CommandLine, stored: Account) -> None:
    ended = sfmint("connection", "retire", "my-org", "--yes")
    assert 'make deploy PARAMETERS="Connections=other-org" REMOVE=my-org' in ended.stderr
    assert "aws secretsmanager restore-secret --secret-id sfmint/acme/my-org" in ended.stdout
    assert "sfmint connection add my-org --restore" in ended.stdout
    stored.secrets.restore_secret(SecretId="sfmint/acme/my-org")
    assert stored.secret() == CURRENT


def test_it_asks_and_without_a_terminal_wants_yes(sfmint: CommandLine, stored: Account) -> None:
    assert sfmint("connection", "retire", "my-org", "--json").document["error"]["name"] == "NotConfirmed"
    ended = sfmint("connection", "retire", "my-org", typed="n\n")
    assert ended.code == 1
    assert "scheduled for deletion in 30 days" in ended.stderr
    assert not is_deleted(stored)
    assert stored.functions.events == []
    assert sfmint("connection", "retire", "my-org", typed="y\n").code == 0


@pytest.mark.parametrize("kind", ["role", "user", "group", "statement"])
def test_while_somebody_uses_it_nothing_is_changed_and_the_command_that_ends_that_is_told(
    sfmint: CommandLine,
    stored: Account,
    kind: str,
) -> None:
    detach = f"aws iam detach-{kind}-policy --{kind}-name job --policy-arn {TOKEN}"
    match kind:
        case "role":
            stored.identities.create_role(RoleName="job", AssumeRolePolicyDocument=TRUST)
            stored.identities.attach_role_policy(RoleName="job", PolicyArn=TOKEN)
        case "user":
            stored.identities.create_user(UserName="job")
            stored.identities.attach_user_policy(UserName="job", PolicyArn=TOKEN)
        case "group":
            stored.identities.create_group(GroupName="job")
            stored.identities.attach_group_policy(GroupName="job", PolicyArn=TOKEN)
        case _:
            statement = {"Sid": "job", "Effect": "Allow", "Principal": {"AWS": "999999999999"}}
            stored.functions.policies[alias_arn(function="salesforce-request")] = json.dumps({"Statement": [statement]})
            detach = "aws lambda remove-permission --function-name acme-salesforce-request --qualifier my-org --statement-id job"
    ended = sfmint("connection", "retire", "my-org", "--yes", "--json")
    assert ended.document["error"]["name"] == "StillUsed"
    assert ended.document["commands"] == [detach]
    assert detach in ended.document["error"]["remedy"]
    assert not is_deleted(stored)
    assert stored.functions.events == []


def test_it_may_be_run_again(sfmint: CommandLine, stored: Account) -> None:
    assert sfmint("connection", "retire", "my-org", "--yes").code == 0
    ended = sfmint("connection", "retire", "my-org", "--yes", "--json")
    assert (ended.code, ended.document["done"]) == (0, "retired already")
    assert ended.document["token_dropped"] is True


def test_a_token_that_could_not_be_dropped_is_dropped_by_the_same_command(sfmint: CommandLine, stored: Account) -> None:
    stored.keeper.answers["flush"] = TIMED_OUT
    ended = sfmint("connection", "retire", "my-org", "--yes", "--json")
    assert "the token may still be served" in ended.document["error"]["cause"]
    assert ended.document["token_dropped"] is False
    assert is_deleted(stored)
    stored.keeper.answers.clear()
    assert sfmint("connection", "retire", "my-org", "--yes", "--json").document["token_dropped"] is True


def test_a_name_that_the_stack_lists_no_more_loses_its_secret(sfmint: CommandLine, stored: Account) -> None:
    stored.cloud_formation.deploy("acme", "other-org")
    ended = sfmint("connection", "retire", "my-org", "--yes", "--json")
    assert (ended.document["done"], ended.document["token_dropped"]) == ("retired", False)
    assert is_deleted(stored)
    assert stored.functions.events == []


def test_a_name_that_was_never_there_is_refused(sfmint: CommandLine, account: Account) -> None:
    ended = sfmint("connection", "retire", "nobody", "--yes", "--json")
    assert ended.document["error"]["name"] == "ConnectionNotFound"
    assert account.functions.events == []


def test_a_connection_without_a_secret_is_retired_too(sfmint: CommandLine, account: Account) -> None:
    ended = sfmint("connection", "retire", "my-org", "--yes", "--json")
    assert ended.document["done"] == "had no secret"
    assert ended.document["token_dropped"] is True
    assert len(account.functions.events) == 1


def test_the_last_connection_of_a_stack_is_not_followed_by_an_empty_list(sfmint: CommandLine, stored: Account) -> None:
    stored.cloud_formation.deploy("acme", "my-org")
    assert "make remove" in sfmint("connection", "retire", "my-org", "--yes").stderr


def test_an_administrators_connection_leaves_its_own_list(sfmint: CommandLine, account: Account) -> None:
    parameters, outputs = account.cloud_formation.stacks["acme"]
    account.cloud_formation.stacks["acme"] = (parameters | {"AdminConnections": "admin-a,admin-b"}, outputs)
    assert (
        'PARAMETERS="AdminConnections=admin-b" REMOVE=admin-a'
        in sfmint("connection", "retire", "admin-a", "--yes").stderr
    )


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", CALLS)
def test_whatever_call_of_aws_fails_the_same_command_goes_on(
    sfmint: CommandLine,
    stored: Account,
    failing: Callable[..., AbstractContextManager[None]],
    number: int,
    after: bool,  # noqa: FBT001
) -> None:
    with failing(number, after=after):
        first = sfmint("connection", "retire", "my-org", "--yes")
    assert first.code in {0, 1}
    assert sfmint("connection", "retire", "my-org", "--yes").code == 0
    assert is_deleted(stored)
    assert stored.functions.events[-1]["action"] == "flush"


@pytest.mark.parametrize("number", CALLS)
def test_a_run_that_is_interrupted_is_taken_up_by_the_same_command(
    sfmint: CommandLine,
    stored: Account,
    interrupted: Callable[[int], AbstractContextManager[None]],
    number: int,
) -> None:
    with interrupted(number):
        assert sfmint("connection", "retire", "my-org", "--yes").code in {0, 130}
    assert sfmint("connection", "retire", "my-org", "--yes").code == 0
    assert is_deleted(stored)
    assert stored.functions.events[-1]["action"] == "flush"


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "DELETE_IN_PROGRESS"])
@pytest.mark.parametrize("listed", ["my-org", "other-org"])
def test_a_stack_that_is_being_deployed_is_left_alone(
    sfmint: CommandLine, stored: Account, status: str, listed: str
) -> None:
    stored.cloud_formation.deploy("acme", listed)
    stored.cloud_formation.status = status
    error = sfmint("connection", "retire", "my-org", "--yes", "--json").document["error"]
    assert (error["name"], status in error["cause"]) == ("StackChanging", True)
    assert not is_deleted(stored)
    assert stored.functions.events == []


@pytest.fixture
def while_asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Have something done while a person thinks about the answer, which is yes."""

    def have(something: Callable[[], Any]) -> None:
        def confirm(*_: Any, **__: Any) -> bool:
            something()
            return True

        monkeypatch.setattr(click, "confirm", confirm)

    return have


def test_a_secret_that_was_changed_meanwhile_stays(
    sfmint: CommandLine, stored: Account, while_asked: Callable[[Callable[[], Any]], None]
) -> None:
    put = stored.secrets.put_secret_value
    while_asked(lambda: put(SecretId="sfmint/acme/my-org", SecretString='{"username": "new"}'))
    ended = sfmint("connection", "retire", "my-org", typed="")
    assert "changed the secret" in ended.cause
    assert not is_deleted(stored)
    assert stored.functions.events == []


def test_somebody_who_was_let_in_meanwhile_is_seen(
    sfmint: CommandLine, stored: Account, while_asked: Callable[[Callable[[], Any]], None]
) -> None:
    stored.identities.create_user(UserName="job")
    while_asked(lambda: stored.identities.attach_user_policy(UserName="job", PolicyArn=TOKEN))
    assert "still in use" in sfmint("connection", "retire", "my-org", typed="").cause
    assert not is_deleted(stored)


def test_two_people_who_retire_it_at_once_both_succeed(
    sfmint: CommandLine, stored: Account, while_asked: Callable[[Callable[[], Any]], None]
) -> None:
    while_asked(lambda: stored.secrets.delete_secret(SecretId="sfmint/acme/my-org"))
    ended = sfmint("connection", "retire", "my-org", typed="")
    assert ended.code == 0, ended.stderr
    assert stored.functions.events == [{"action": "flush", "connection": "my-org"}]


def test_a_deletion_that_somebody_else_was_faster_with_is_one(
    sfmint: CommandLine, stored: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = vars(BaseClient)["_make_api_call"]

    def call(self: Any, operation: str, given: Any) -> Any:
        if operation == "DeleteSecret":
            ask(self, operation, given)
            raise ClientError({"Error": {"Code": "InvalidRequestException", "Message": "deleted"}}, operation)
        return ask(self, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    ended = sfmint("connection", "retire", "my-org", "--yes", "--json")
    assert (ended.code, ended.document["token_dropped"]) == (0, True)
    assert timedelta(days=29) < datetime.fromisoformat(ended.document["deleted_on"]) - datetime.now(UTC)


@pytest.mark.parametrize(
    "operation", ["DescribeStacks", "DescribeSecret", "ListEntitiesForPolicy", "GetPolicy", "DeleteSecret"]
)
def test_what_aws_denies_changes_nothing(
    sfmint: CommandLine, stored: Account, denied: set[str], operation: str
) -> None:
    denied.add(operation)
    error = sfmint("connection", "retire", "my-org", "--yes", "--json").document["error"]
    assert (error["name"], operation in error["cause"]) == ("AccessDenied", True)
    denied.clear()
    assert not is_deleted(stored)
    assert stored.functions.events == []
