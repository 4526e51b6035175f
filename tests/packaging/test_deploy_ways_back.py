"""The ways back and out: rollback, prune and remove; CloudFormation and Lambda in memory, S3 on moto."""

import json
from datetime import timedelta
from typing import Any

import pytest

from deploying import commands
from deploying.errors import DeployError, Failed, Refused
from deploying.pruning import KEPT_LAYERS
from stack_world import BUCKET, FUNCTIONS, OUTPUTS, World, client


def test_the_build_before_is_put_back_with_its_parameters_and_the_way_back_is_undone_likewise(world: World) -> None:
    builds = [world.deploy(Connections="orders")]
    world.write("two")
    builds.append(world.deploy(LogLevel="DEBUG"))
    seen = []
    for _ in range(3):
        seen.append((commands.rollback(world.job()), world.ran(), world.stacks.parameters["LogLevel"]))
        world.stacks.status = "UPDATE_COMPLETE"
    one, two = (builds[0], "one", "INFO"), (builds[1], "two", "DEBUG")
    assert seen == [one, two, one]


def test_a_deploy_that_failed_is_not_what_is_gone_back_to(world: World) -> None:
    first = world.deploy(Connections="orders")
    world.write("two")
    world.deploy()
    kept = world.stacks.template, world.stacks.parameters
    world.write("three")
    world.stacks.ending = "UPDATE_ROLLBACK_COMPLETE"
    with pytest.raises(Failed):
        world.deploy()
    world.stacks.template, world.stacks.parameters = kept  # undone
    world.stacks.ending = "UPDATE_COMPLETE"
    assert commands.rollback(world.job()) == first


@pytest.mark.parametrize("gone", ["sales/one"])
def test_a_build_whose_artefacts_are_gone_is_not_put_back(gone: str, world: World) -> None:
    world.deploy(Connections="orders")
    world.write("two")
    world.deploy()
    world.s3.delete_object(Bucket=BUCKET, Key=gone)
    with pytest.raises(Refused, match=f"s3://{BUCKET}/{gone} is gone. Check out its commit"):
        commands.rollback(world.job())
    assert world.ran() == "two"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[]", b"null", b'{"template": "x"}', b'{"deployed_at": 1, "template": "", "parameters": []}'],
)
def test_a_file_that_no_deploy_has_saved_is_no_build(world: World, body: bytes) -> None:
    world.deploy(Connections="orders")
    world.write("two")
    world.deploy()
    world.s3.put_object(Bucket=BUCKET, Key="sales/deployed/9999.json", Body=body)
    commands.rollback(world.job())
    assert world.ran() == "one"


def test_the_way_back_removes_no_connection_that_is_not_named(world: World) -> None:
    world.deploy(Connections="orders")
    world.deploy(Connections="orders,billing")
    with pytest.raises(Refused, match=r"leaves out billing.*REMOVE=billing"):
        commands.rollback(world.job())
    commands.rollback(world.job(removed=("billing",)))
    assert world.stacks.parameters["Connections"] == "orders"


@pytest.mark.parametrize("plan", [True, False])
def test_without_a_former_build_or_a_stack_there_is_no_way_back(world: World, *, plan: bool) -> None:
    with pytest.raises(Refused, match="There is no stack sales here"):
        commands.rollback(world.job(plan=plan))
    world.deploy(Connections="orders")
    with pytest.raises(Refused, match="No other build of this stack is saved"):
        commands.rollback(world.job(plan=plan))


def test_what_a_removed_stack_of_the_name_has_had_is_not_gone_back_to(world: World) -> None:
    world.deploy(Connections="orders")
    world.write("two")
    world.deploy()
    commands.rollback(world.job(plan=True))
    world.stacks.made_at += timedelta(hours=1)  # removed, and deployed anew
    with pytest.raises(Refused, match="No other build of this stack is saved"):
        commands.rollback(world.job())


def test_two_stacks_that_share_a_bucket_have_a_way_back_each(world: World) -> None:
    world.deploy(Connections="orders")
    world.s3.put_object(Bucket=BUCKET, Key="sales-two/deployed/9999.json", Body=b"not ours")
    world.write("two")
    world.deploy()
    commands.rollback(world.job())
    assert world.ran() == "one"


# ------------------------------------------------------------------------------------------- Pruning


def test_versions_without_an_alias_and_old_layers_go_and_nothing_else(world: World) -> None:
    world.deploy(Connections="orders")
    world.functions.weights = {"2": 0.1}
    assert commands.prune(world.job()) == len(FUNCTIONS) + 9 - KEPT_LAYERS
    assert world.functions.deleted == [
        *((f"sales-{name}", "1") for name in FUNCTIONS),
        *(("sales-client", number) for number in range(9 - KEPT_LAYERS, 0, -1)),
    ]


def test_the_layer_that_the_stack_has_stays_though_it_is_old(world: World) -> None:
    world.deploy(Connections="orders")
    world.stacks.outputs = {**OUTPUTS, "ClientLayerArn": "arn:aws:lambda:r:1:layer:sales-client:2"}
    commands.prune(world.job())
    assert ("sales-client", 2) not in world.functions.deleted
    assert ("sales-client", 1) in world.functions.deleted


def test_a_layer_that_a_function_of_the_account_has_stays(world: World) -> None:
    world.deploy(Connections="orders")
    layers = [f"arn:aws:lambda:r:1:layer:{name}" for name in ("other:1", "sales-client:3")]
    world.functions.callers = [{}, {"Layers": [{"Arn": arn} for arn in layers]}]
    commands.prune(world.job())
    gone = {number for name, number in world.functions.deleted if name == "sales-client"}
    assert gone == {1, 2, 4}


@pytest.mark.parametrize("plan", [True, False])
def test_nothing_is_pruned_without_a_yes(world: World, *, plan: bool) -> None:
    world.deploy(Connections="orders")
    world.typed = ""
    if plan:
        assert commands.prune(world.job(plan=True)) == 0
    else:
        with pytest.raises(Refused):
            commands.prune(world.job())
    assert world.functions.deleted == []
    assert "broker, version 1" in world.said.getvalue()


# ------------------------------------------------------------------------------------------- Removal


def stand(world: World) -> None:
    world.deploy(Connections="orders")
    policy = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    )
    arn = world.iam.create_policy(PolicyName="sales-get-token-orders", PolicyDocument=policy)["Policy"]["Arn"]
    world.iam.create_role(RoleName="nightly", AssumeRolePolicyDocument=policy)
    world.stacks.resources = [
        ("GetTokenorders", arn, "AWS::IAM::ManagedPolicy"),
        ("Table", "sales-Table-1", "AWS::DynamoDB::Table"),
        ("Logs", "/aws/lambda/sales-token-broker", "AWS::Logs::LogGroup"),
        ("Alias", f"{OUTPUTS['BrokerArn']}:orders", "AWS::Lambda::Alias"),
        ("KeyRotationAliaslive", OUTPUTS["RotationArn"], "AWS::Lambda::Alias"),
        ("RotationPermission", "sales-RotationPermission-1", "AWS::Lambda::Permission"),
    ]
    ssm, secrets = client("ssm"), client("secretsmanager")
    for stack in ("sales", "sales-two"):
        secrets.create_secret(Name=f"sfmint/{stack}/orders", SecretString="s")
        for name in (
            "connections/orders/allow",
            "connections/orders/next-certificate",
            "cache/t1/orders/a",
            "rotations/o/1",
        ):
            ssm.put_parameter(Name=f"/sfmint/{stack}/{name}", Type="String", Value="x")
    principal = {"AWS": "arn:aws:iam::222222222222:root"}
    own = {"Principal": {"Service": "secretsmanager.amazonaws.com"}, "Sid": "sales-RotationPermission-1"}
    world.functions.grants = {
        f"{OUTPUTS['BrokerArn']}:orders": json.dumps({"Statement": [{"Principal": principal}]}),
        OUTPUTS["RotationArn"]: json.dumps({"Statement": [own]}),
    }
    world.stacks.ending = "DELETE_COMPLETE"
    world.stacks.events = [("Table", "DELETE_SKIPPED", "")]
    world.said.truncate(0)


def test_a_removal_names_what_stays_with_the_command_that_deletes_it(world: World) -> None:
    stand(world)
    commands.remove(world.job())
    told = world.said.getvalue()
    assert "222222222222" in told
    assert "secretsmanager.amazonaws.com" not in told  # the stack's own way in, which goes with it
    for command in (
        "aws dynamodb delete-table --table-name sales-Table-1 --region eu-central-1",
        "aws secretsmanager delete-secret --secret-id sfmint/sales/orders",
        "aws ssm delete-parameter --name /sfmint/sales/connections/orders/allow",
        "aws ssm delete-parameter --name /sfmint/sales/cache/t1/orders/a",
        "aws ssm delete-parameter --name /sfmint/sales/connections/orders/next-certificate",
        "aws ssm delete-parameter --name /sfmint/sales/rotations/o/1",
        "aws lambda delete-layer-version --layer-name sales-client --version-number 9",
        f"aws s3 rm --recursive s3://{BUCKET}/sales/ ",
    ):
        assert command in told
    assert "sales-two" not in told
    assert world.stacks.status is None


def test_a_stack_of_before_there_were_rotations_is_proved_and_pruned_by_what_it_has(world: World) -> None:
    world.stacks.outputs = {name: arn for name, arn in OUTPUTS.items() if name != "RotationArn"}
    world.deploy(Connections="orders")
    commands.prune(world.job())
    assert {arn.rpartition("function:")[2] for arn in world.functions.asked} == {
        f"sales-{name}:live" for name in FUNCTIONS if name != "key-rotation"
    }


def test_the_command_for_a_protected_table_lifts_that_first(world: World) -> None:
    stand(world)
    world.stacks.parameters["DeletionProtection"] = "on"
    commands.remove(world.job())
    told = world.said.getvalue()
    assert told.index("--no-deletion-protection-enabled") < told.index("delete-table --table-name sales-Table-1")


def test_a_stack_whose_policies_roles_hold_is_not_removed(world: World) -> None:
    stand(world)
    world.iam.attach_role_policy(RoleName="nightly", PolicyArn=world.stacks.resources[0][1])
    with pytest.raises(Refused, match="sales-get-token-orders by role nightly"):
        commands.remove(world.job())
    assert world.stacks.status == "UPDATE_COMPLETE"


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ({"is_protected": True}, Refused, "no-enable-termination-protection"),
        ({"status": None}, Refused, "There is no stack sales here"),
        ({"status": "UPDATE_IN_PROGRESS"}, Refused, "under way"),
        ({"parameters": {"Other": "x"}}, Refused, "not one of sfmint's"),
        (
            {"ending": "DELETE_FAILED", "events": [("A", "DELETE_FAILED", "in use")]},
            Failed,
            r"DELETE_FAILED\): A: in use\. Run it again",
        ),
    ],
)
def test_a_removal_that_cannot_be_is_told(
    change: dict[str, Any], kind: type[DeployError], said: str, world: World
) -> None:
    stand(world)
    for name, value in change.items():
        setattr(world.stacks, name, value)
    with pytest.raises(kind, match=said):
        commands.remove(world.job())


@pytest.mark.parametrize("plan", [True, False])
def test_nothing_is_removed_without_a_yes(world: World, *, plan: bool) -> None:
    stand(world)
    world.typed = ""
    if plan:
        commands.remove(world.job(plan=True))
    else:
        with pytest.raises(Refused):
            commands.remove(world.job())
    assert world.stacks.status == "UPDATE_COMPLETE"
    assert "sales-Table-1" in world.said.getvalue()
