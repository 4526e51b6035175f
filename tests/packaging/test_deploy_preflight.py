"""What `make deploy` finds in the account before it builds, on moto: each refusal is one line of cause and remedy."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ProfileNotFound, TokenRetrievalError
from moto import mock_aws

from deploying import commands
from deploying.aws import Account, in_words
from deploying.commands import Job
from deploying.console import Console
from deploying.errors import Refused
from deploying.parameters import merged
from deploying.stack import Stack, check_can_be_updated, check_ours
from deploying.template import Named, Template
from fake_stacks import FakeStacks, refusal
from samconfig import Environment
from sfmint_local import places

REGION = "eu-central-1"
VARIABLES = {"AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
TEMPLATE = Template.read(places.ROOT / "template.yaml")
PSEUDO = {"AWS::StackName": "sales", "AWS::Region": REGION, "AWS::Partition": "aws"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
KINDS = ("AWS::IAM::ManagedPolicy", "AWS::Logs::LogGroup", "AWS::SSM::Parameter")

type Run = Callable[..., str]


@pytest.fixture(autouse=True)
def aws(shared_aws_models: None) -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture(autouse=True)
def stacks(monkeypatch: pytest.MonkeyPatch) -> FakeStacks:
    """CloudFormation; everything else is moto's."""
    fake = FakeStacks()
    monkeypatch.setattr(Account, "client", lambda _, service: fake if service == "cloudformation" else client(service))
    return fake


@pytest.fixture
def sam(tmp_path: Path) -> Path:
    sam = tmp_path / "sam"
    sam.write_text("#!/bin/sh\necho 'SAM CLI, version 1.170.0'\n")
    sam.chmod(0o700)
    return sam


@pytest.fixture
def preflight(sam: Path) -> Run:
    """Runs the preflight and returns the refusal, empty if there is none."""

    def run(given: Mapping[str, str] | None = None, removed: tuple[str, ...] = (), **target: Any) -> str:
        environment = Environment(**{"stack": "sales", "prefix": "sales", "parameters": {}, **target})
        job = Job(
            target=environment,
            env="default",
            console=Console(out=StringIO()),
            parameters=given or {},
            removed=removed,
            sam=sam,
            variables=VARIABLES,
        )
        try:
            commands.preflight(job)
        except Refused as refused:
            return str(refused)
        return ""

    return run


@cache  # what costs time is to make one
def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)  # type: ignore[call-overload]


def needed(connections: str) -> frozenset[Named]:
    values = merged(TEMPLATE, given={"Connections": connections}, deployed=None, configured={})
    return TEMPLATE.named(values, PSEUDO)


def make(one: Named) -> str:
    """Make a thing that has a name of its own, and return what CloudFormation calls it."""
    match one.kind:
        case "AWS::IAM::ManagedPolicy":
            made = client("iam").create_policy(PolicyName=one.name, PolicyDocument=POLICY)
            return str(made["Policy"]["Arn"])
        case "AWS::Logs::LogGroup":
            client("logs").create_log_group(logGroupName=one.name)
        case _:
            client("ssm").put_parameter(Name=one.name, Type="String", Value="x")
    return one.name


def deploy_stack(stacks: FakeStacks, connections: str, **parameters: str) -> None:
    """Have a stack with the named things that sfmint's has."""
    stacks.status = "UPDATE_COMPLETE"
    stacks.parameters = {"Connections": connections, "BuildId": "abc", **parameters}
    stacks.outputs = {name: f"arn:aws:lambda:r:1:function:{name}" for name in ("BrokerArn", "KeeperArn", "RequestArn")}
    there = sorted((one for one in needed(connections) if one.kind in KINDS), key=str)
    stacks.resources = [(f"R{number}", make(one), one.kind) for number, one in enumerate(there)]


def attach(policy: str, role: str) -> None:
    iam = client("iam")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
    arn = next(p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"] if p["PolicyName"] == policy)
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)


def policies_of(connection: str) -> list[str]:
    more = needed(f"orders,{connection}") - needed("orders")
    return sorted(one.name for one in more if one.kind == "AWS::IAM::ManagedPolicy")


def test_a_first_deploy_into_an_empty_account_passes(preflight: Run) -> None:
    assert preflight({"Connections": "orders"}) == ""


def test_a_deploy_that_changes_one_parameter_keeps_the_connections(preflight: Run, stacks: FakeStacks) -> None:
    deploy_stack(stacks, "orders,billing")
    assert preflight({"LoginBudgetPerHour": "7"}) == ""


@pytest.mark.parametrize(
    ("given", "removed", "said"),
    [
        ({"Connections": "orders"}, (), "The list leaves out billing"),
        ({"Connections": "orders"}, ("billing",), ""),
        ({}, ("billing",), ""),
        ({"Connections": "orders,new"}, ("billing",), ""),
        ({}, ("nope",), "no connection nope to remove. It has orders, billing"),
        ({"Connections": "orders,billing"}, ("billing",), "billing is in REMOVE and in the list"),
        ({}, ("orders", "billing"), "make remove"),
        ({"Connections": "or-ders,orders,billing"}, (), "differ by dashes only"),
        ({"Connections": "orders,billing", "LogLevel": "LOUD"}, (), "LogLevel cannot be 'LOUD'"),
        ({"LogLevels": "INFO"}, (), "Perhaps LogLevel is meant"),
        ({"BuildId": "abc"}, (), "BuildId is made up by each deploy"),
    ],
)
def test_what_is_asked_for_has_to_fit_the_stack(
    given: dict[str, str], removed: tuple[str, ...], said: str, preflight: Run, stacks: FakeStacks
) -> None:
    deploy_stack(stacks, "orders,billing")
    told = preflight(given, removed)
    assert said in told
    assert bool(said) == bool(told)


def test_a_removed_connection_whose_policy_a_role_holds_is_refused_with_the_role(
    preflight: Run, stacks: FakeStacks
) -> None:
    deploy_stack(stacks, "orders,billing")
    policy = policies_of("billing")[0]
    attach(policy, "nightly")
    told = preflight(removed=("billing",))
    assert "Detach them first" in told
    assert f"{policy} by role nightly" in told
    assert preflight({"LogLevel": "DEBUG"}) == ""  # it stays, so nobody asks who holds it


def test_users_and_groups_hold_policies_too(preflight: Run, stacks: FakeStacks) -> None:
    deploy_stack(stacks, "orders,billing")
    iam = client("iam")
    arns = {policy["PolicyName"]: policy["Arn"] for policy in iam.list_policies(Scope="Local")["Policies"]}
    iam.create_user(UserName="ann")
    iam.attach_user_policy(UserName="ann", PolicyArn=arns[policies_of("billing")[0]])
    iam.create_group(GroupName="night")
    iam.attach_group_policy(GroupName="night", PolicyArn=arns[policies_of("billing")[1]])
    told = preflight(removed=("billing",))
    assert "user ann" in told
    assert "group night" in told


def test_a_policy_that_the_template_names_otherwise_now_may_not_be_attached(preflight: Run, stacks: FakeStacks) -> None:
    deploy_stack(stacks, "orders")
    arn = make(Named("AWS::IAM::ManagedPolicy", "sales-of-old-orders"))
    stacks.resources.append(("GetTokenorders", arn, "AWS::IAM::ManagedPolicy"))
    assert preflight() == ""
    attach("sales-of-old-orders", "nightly")
    assert "sales-of-old-orders by role nightly" in preflight()


def test_a_policy_that_somebody_has_deleted_by_hand_holds_nothing_up(preflight: Run, stacks: FakeStacks) -> None:
    deploy_stack(stacks, "orders,billing")
    for policy in client("iam").list_policies(Scope="Local")["Policies"]:
        client("iam").delete_policy(PolicyArn=policy["Arn"])
    assert preflight(removed=("billing",)) == ""


ORPHANS = sorted((one for one in needed("orders") if one.kind in KINDS), key=str)


@pytest.mark.parametrize("orphan", ORPHANS, ids=str)
def test_what_stands_in_the_way_without_the_stack_is_told_with_its_command(orphan: Named, preflight: Run) -> None:
    make(orphan)
    [command] = preflight({"Connections": "orders"}).splitlines()[1:]
    assert command.strip().startswith("aws ")
    assert orphan.name in command
    assert command.endswith(f"--region {REGION}")


def test_what_stands_in_the_way_of_an_added_connection_is_found_too(preflight: Run, stacks: FakeStacks) -> None:
    deploy_stack(stacks, "orders")
    client("iam").create_policy(PolicyName=policies_of("billing")[0], PolicyDocument=POLICY)
    assert "iam delete-policy" in preflight({"Connections": "orders,billing"})
    assert preflight({"LogLevel": "DEBUG"}) == ""


def test_an_orphaned_function_is_found(preflight: Run) -> None:
    role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    client("lambda").create_function(
        FunctionName="sales-token-broker", Role=role, Runtime="python3.13", Handler="a.b", Code={"ZipFile": b"x"}
    )
    assert "lambda delete-function --function-name sales-token-broker" in preflight({"Connections": "orders"})


def test_a_stack_of_another_kind_is_not_overwritten(preflight: Run, stacks: FakeStacks) -> None:
    stacks.status, stacks.parameters = "CREATE_COMPLETE", {"Topic": "x"}
    assert "not one of sfmint's" in preflight()


@pytest.mark.parametrize(
    ("region", "said"), [("eu-centrl-1", "Perhaps eu-central-1 is meant"), ("moon", "There is no AWS region 'moon'")]
)
def test_an_unknown_region_is_refused(region: str, said: str, preflight: Run) -> None:
    assert said in preflight(region=region)


def test_a_region_has_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(Refused, match="No AWS region is named"):
        Account(Environment(stack="s", prefix="s", parameters={}), {"AWS_CONFIG_FILE": "/dev/null"})


def test_an_unknown_profile_is_refused(preflight: Run) -> None:
    assert "no such profile" in preflight(profile="nobody")


def test_keys_of_the_shell_count_before_its_profile_as_for_the_sam_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the real clients
    account = Account(Environment(stack="s", prefix="s", parameters={}), {**VARIABLES, "AWS_PROFILE": "nowhere"})
    assert account.client("sts")._request_signer._credentials.access_key == VARIABLES["AWS_ACCESS_KEY_ID"]


def test_a_stack_name_that_is_too_long_is_refused_before_the_account_is_asked(preflight: Run) -> None:
    assert "Shorten stack_name" in preflight(stack="s" * 46, region="moon")


# -------------------------------------------------------------------------------------------- A stack's state

STATES = {
    "ROLLBACK_COMPLETE": "aws cloudformation delete-stack --stack-name sales --region eu-central-1",
    "ROLLBACK_FAILED": "aws cloudformation delete-stack",
    "CREATE_FAILED": "aws cloudformation delete-stack",
    "REVIEW_IN_PROGRESS": "waits for approval, or was given up",
    "DELETE_FAILED": "make remove",
    "UPDATE_ROLLBACK_FAILED": "aws cloudformation continue-update-rollback",
    "UPDATE_FAILED": "aws cloudformation rollback-stack",
    "CREATE_IN_PROGRESS": "under way",
    "UPDATE_IN_PROGRESS": "under way",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "under way",
    "UPDATE_ROLLBACK_IN_PROGRESS": "under way",
    "ROLLBACK_IN_PROGRESS": "under way",
    "DELETE_IN_PROGRESS": "under way",
    "IMPORT_IN_PROGRESS": "under way",
}
GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE")


def stack_in(status: str, **parameters: str) -> Stack:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Stack(name="sales", id="arn", status=status, parameters=parameters, made_at=at, changed_at=at)


@pytest.fixture
def account() -> Account:
    return Account(Environment(stack="sales", prefix="sales", parameters={}), VARIABLES)


@pytest.mark.parametrize("status", STATES)
def test_a_stack_that_takes_no_update_is_told_with_what_to_do(status: str, account: Account) -> None:
    with pytest.raises(Refused) as refused:
        check_can_be_updated(stack_in(status), account)
    assert STATES[status] in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("status", GOOD)
def test_a_stack_at_rest_takes_an_update(status: str, account: Account) -> None:
    check_can_be_updated(stack_in(status), account)


def test_another_kind_of_stack_is_told_before_anybody_is_told_to_delete_it() -> None:
    with pytest.raises(Refused, match="not one of sfmint's"):
        check_ours(stack_in("ROLLBACK_COMPLETE", Other="x"))
    check_ours(stack_in("ROLLBACK_COMPLETE", Connections="x", BuildId=""))
    check_ours(stack_in("REVIEW_IN_PROGRESS"))  # it says nothing yet


# ----------------------------------------------------------------------------------------------- AWS's refusals


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refusal("ExpiredToken"), "have expired. Renew them"),
        (refusal("ExpiredTokenException"), "have expired"),
        (refusal("InvalidClientTokenId"), "does not accept the credentials"),
        (NoCredentialsError(), "There are no AWS credentials"),
        (TokenRetrievalError(provider="sso", error_msg="x"), "have expired"),
        (ProfileNotFound(profile="x"), "no such profile"),
        (EndpointConnectionError(endpoint_url="https://x"), "AWS did not answer"),
        (
            refusal(
                "AccessDenied",
                "User: arn:aws:iam::1:user/x is not authorized to perform: iam:ListEntitiesForPolicy on resource: "
                "policy p because no identity-based policy allows it",
            ),
            "may not iam:ListEntitiesForPolicy on policy. Have that action allowed",
        ),
        (refusal("AccessDenied", "Access Denied", "PutObject"), "may not PutObject. Have that action allowed"),
        (refusal("403", "Forbidden", "HeadObject"), "may not HeadObject"),
        (refusal("Throttling", "Rate exceeded"), "Wait a minute"),
        (refusal("ValidationError", "Template error: x"), "refuses DescribeStacks: Template error: x Correct that"),
    ],
)
def test_what_aws_refuses_is_told_in_one_line(error: Any, said: str) -> None:
    assert said in in_words(error)
    assert "\n" not in in_words(error)


TOPIC = f"arn:aws:sns:{REGION}:123456789012:alarms"
of_each_topic = pytest.mark.parametrize("parameter", ["AlarmTopicArn", "RotationTopicArn"])


@of_each_topic
def test_a_topic_that_does_not_exist_is_refused_with_how_to_make_it(parameter: str, preflight: Run) -> None:
    said = preflight({"Connections": "orders", parameter: TOPIC})
    assert said.startswith(
        f"{parameter} names {TOPIC}, which does not exist. Correct it, or make it: aws sns create-topic"
    )
    assert "\n" not in said


@of_each_topic
def test_a_topic_that_is_there_passes(parameter: str, preflight: Run) -> None:
    client("sns").create_topic(Name="alarms")
    assert preflight({"Connections": "orders", parameter: TOPIC}) == ""


@of_each_topic
def test_a_topic_of_another_region_is_refused(parameter: str, preflight: Run) -> None:
    said = preflight({"Connections": "orders", parameter: TOPIC.replace(REGION, "us-east-1")})
    assert said == f"{parameter} names a topic in us-east-1, and the stack is in {REGION}. Name one of there."


@pytest.mark.parametrize(("parameter", "refused"), [("AlarmTopicArn", True), ("RotationTopicArn", False)])
def test_alarms_do_not_reach_a_topic_under_the_key_of_aws(parameter: str, preflight: Run, *, refused: bool) -> None:
    client("sns").create_topic(Name="alarms", Attributes={"KmsMasterKeyId": "alias/aws/sns"})
    said = preflight({"Connections": "orders", parameter: TOPIC})
    assert ("Encrypt it under a key of yours" in said) is refused


@pytest.mark.parametrize(("owner", "passes"), [("123456789012", False), ("210987654321", True)])
def test_only_a_topic_of_another_account_may_hide(
    owner: str, preflight: Run, monkeypatch: pytest.MonkeyPatch, *, passes: bool
) -> None:
    def hide(**_: object) -> None:
        raise refusal(
            "AuthorizationError", "x is not authorized to perform: SNS:GetTopicAttributes", "GetTopicAttributes"
        )

    monkeypatch.setattr(client("sns"), "get_topic_attributes", hide)
    said = preflight({"Connections": "orders", "AlarmTopicArn": TOPIC.replace("123456789012", owner)})
    assert (said == "") is passes
    assert passes or "may not" in said


def test_a_missing_right_ends_the_preflight_by_its_name(preflight: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    denied = refusal(
        "AccessDenied", "User: x is not authorized to perform: cloudformation:DescribeStacks on resource: y"
    )

    def deny(*_: object, **__: object) -> None:
        raise denied

    monkeypatch.setattr("deploying.stack.find", deny)
    assert "may not cloudformation:DescribeStacks on y" in preflight({"Connections": "orders"})


# --------------------------------------------------------------------------------------------------- The person


@pytest.mark.parametrize(
    ("typed", "agrees"), [("y\n", True), ("YES\n", True), ("\n", False), ("no\n", False), ("", False)]
)
def test_only_a_yes_is_a_yes(typed: str, *, agrees: bool) -> None:
    console = Console(out=StringIO(), answers=StringIO(typed))
    if agrees:
        console.ask("Go?")
    else:
        with pytest.raises(Refused, match="did not say yes"):
            console.ask("Go?")


def test_who_has_agreed_is_not_asked_and_nobody_is_waited_for() -> None:
    Console(out=StringIO(), agreed=True).ask("Go?")
    with pytest.raises(Refused, match="Say CONFIRM=no"):
        Console(out=StringIO()).ask("Go?")
