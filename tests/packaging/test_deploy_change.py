"""From the change set to the last alias: CloudFormation and Lambda in memory, S3 on moto."""

import json

import pytest

from deploying import commands
from deploying.changes import Change, table, warnings
from deploying.errors import Failed, Refused
from deploying.proof import prove
from fake_stacks import refusal
from stack_world import FUNCTIONS, OUTPUTS, World


def test_a_first_deploy_and_a_second_that_keeps_what_it_does_not_name(world: World) -> None:
    world.stacks.ending = "CREATE_COMPLETE"
    first = world.deploy(Connections="orders,billing")
    world.stacks.ending = "UPDATE_COMPLETE"
    second = world.deploy(LogLevel="DEBUG")
    assert first != second
    assert world.stacks.parameters == {
        "Connections": "orders,billing",
        "Architecture": "arm64",
        "LogLevel": "DEBUG",
        "BuildId": second,
    }
    assert f"build {second} runs behind orders, billing" in world.said.getvalue()


def test_only_live_is_invoked_so_a_deployer_needs_no_right_to_a_token(world: World) -> None:
    world.deploy(Connections="orders,billing")
    assert sorted(name.partition("function:")[2] for name in world.functions.asked) == sorted(
        f"sales-{name}:live" for name in FUNCTIONS
    )


def test_a_deploy_without_changes_asks_nobody_and_executes_nothing(world: World) -> None:
    world.deploy(Connections="orders")
    world.stacks.changes, world.typed, world.stacks.calls = [], "", []
    world.deploy()
    assert "execute_change_set" not in world.stacks.calls
    assert "nothing" in world.said.getvalue()


def test_who_may_invoke_a_connection_that_goes_is_told_before(world: World) -> None:
    world.deploy(Connections="orders,billing")
    principal = json.dumps(
        {"Statement": [{"Principal": "*"}, {"Principal": {"AWS": "arn:aws:iam::222222222222:root"}}]}
    )
    world.functions.grants = {
        f"{OUTPUTS['RequestArn']}:billing": principal,
        f"{OUTPUTS['BrokerArn']}:orders": principal,
    }
    commands.preflight(world.job(removed=("billing",)))
    told = [line for line in world.said.getvalue().splitlines() if line.startswith("note: ")]
    assert [line.split(" may")[0] for line in told] == [
        "note: * on sales-salesforce-request:billing",
        "note: arn:aws:iam::222222222222:root on sales-salesforce-request:billing",
    ]


@pytest.mark.parametrize("there", [True, False], ids=["update", "creation"])
def test_a_plan_shows_the_changes_and_leaves_nothing_behind(world: World, *, there: bool) -> None:
    if there:
        world.deploy(Connections="orders")
    before = world.stacks.status, dict(world.stacks.parameters), world.stacks.template
    world.stacks.calls, world.typed = [], ""
    commands.deploy(world.job({"Connections": "orders,more"}, plan=True))
    assert (world.stacks.status, world.stacks.parameters, world.stacks.template) == before
    assert world.stacks.change_sets == {}
    assert "execute_change_set" not in world.stacks.calls
    assert "change" in world.said.getvalue()


@pytest.mark.parametrize("there", [True, False], ids=["update", "creation"])
def test_a_no_leaves_nothing_behind(world: World, *, there: bool) -> None:
    if there:
        world.deploy(Connections="orders")
    before = world.stacks.status
    world.typed = "n\n"
    with pytest.raises(Refused, match="did not say yes"):
        world.deploy(Connections="orders,more")
    assert (world.stacks.status, world.stacks.change_sets) == (before, {})


@pytest.mark.parametrize("there", [True, False], ids=["update", "creation"])
def test_an_interruption_before_the_change_set_is_known_leaves_nothing_behind(world: World, *, there: bool) -> None:
    if there:
        world.deploy(Connections="orders")
    before = world.stacks.status

    def interrupt() -> None:
        raise KeyboardInterrupt

    world.stacks.on_create = interrupt
    with pytest.raises(KeyboardInterrupt):
        world.deploy(Connections="orders,more")
    assert (world.stacks.status, world.stacks.change_sets) == (before, {})


def test_a_no_leaves_the_first_deploy_of_somebody_else_alone(world: World) -> None:
    world.stacks.on_create = lambda: world.stacks.change_sets.update(another={})
    world.typed = "n\n"
    with pytest.raises(Refused, match="did not say yes"):
        world.deploy(Connections="orders")
    assert (world.stacks.status, list(world.stacks.change_sets)) == ("REVIEW_IN_PROGRESS", ["another"])


def test_a_change_that_cloudformation_refuses_leaves_nothing_behind(world: World) -> None:
    world.stacks.refused = "Transform failed."
    with pytest.raises(Refused, match=r"refuses the change: Transform failed\."):
        world.deploy(Connections="orders")
    assert (world.stacks.status, world.stacks.change_sets) == (None, {})


@pytest.mark.parametrize(
    "error",
    [
        refusal("InvalidChangeSetStatus", "status OBSOLETE", "ExecuteChangeSet"),
        refusal("ValidationError", "Stack is in UPDATE_IN_PROGRESS state and can not be updated", "ExecuteChangeSet"),
    ],
)
def test_a_second_deploy_at_the_same_time_is_refused_in_one_line(error: Exception, world: World) -> None:
    def meanwhile() -> None:
        raise error

    world.deploy(Connections="orders")
    world.stacks.on_execute = meanwhile
    with pytest.raises(Refused, match=r"^Another deploy has changed the stack meanwhile\."):
        world.deploy(LogLevel="DEBUG")


def test_a_deploy_that_cloudformation_undoes_names_the_first_failure(world: World) -> None:
    world.deploy(Connections="orders")
    world.stacks.ending = "UPDATE_ROLLBACK_COMPLETE"
    world.stacks.events = [("A", "UPDATE_FAILED", "no room"), ("B", "UPDATE_FAILED", "cancelled")]
    with pytest.raises(Failed, match=r"UPDATE_ROLLBACK_COMPLETE.*: A: no room$"):
        world.deploy(LogLevel="DEBUG")


def test_what_cloudformation_does_is_shown(world: World) -> None:
    world.stacks.events = [("A", "CREATE_IN_PROGRESS", ""), ("A", "CREATE_COMPLETE", "")]
    world.deploy(Connections="orders")
    assert world.said.getvalue().count(" s  create complete   A\n") == 1
    assert "in progress" not in world.said.getvalue()


def test_a_failure_of_the_sam_cli_shows_its_last_lines(world: World) -> None:
    (world.root / "sam").write_text('#!/bin/sh\necho "SAM CLI, version 1.170.0"; [ "$1" = --version ] || exit 1\n')
    with pytest.raises(Failed, match=r"SAM CLI, version 1.170.0\n`sam package` has failed"):
        world.deploy(Connections="orders")


# ------------------------------------------------------------------------------------------------- The table


def said(action: str, kind: str, replacement: str | None = None) -> Change:
    told = {"Action": action, "LogicalResourceId": "R", "ResourceType": kind}
    return Change.read({**told, **({"Replacement": replacement} if replacement else {})})


@pytest.mark.parametrize(
    ("change", "loud"),
    [
        (said("Modify", "AWS::DynamoDB::Table", "True"), "WOULD BE REPLACED"),
        (said("Modify", "AWS::KMS::Key", "True"), "WOULD BE REPLACED"),
        (said("Modify", "AWS::SecretsManager::Secret", "True"), "WOULD BE REPLACED"),
        (said("Remove", "AWS::DynamoDB::Table"), "WOULD BE REMOVED"),
        (said("Modify", "AWS::KMS::Key", "Conditional"), "may be replaced"),
        (said("Modify", "AWS::DynamoDB::Table", "False"), ""),
        (said("Modify", "AWS::Lambda::Function", "True"), ""),
        (said("Add", "AWS::DynamoDB::Table"), ""),
    ],
)
def test_a_resource_whose_content_would_be_lost_is_told_loudly(change: Change, loud: str) -> None:
    assert loud in " ".join(warnings([change]))
    assert bool(warnings([change])) == bool(loud)


def test_the_table_begins_with_what_goes_and_ends_with_the_counts() -> None:
    changes = [
        said("Add", "K"),
        said("Modify", "K"),
        said("Modify", "K", "True"),
        said("Remove", "K"),
        said("Add", "K"),
    ]
    lines = table(changes).splitlines()
    assert [line.split()[0] for line in lines] == ["remove", "replace", "change", "add", "add", "in"]
    assert lines[-1] == "  in all: 1 to remove, 1 to replace, 1 to change, 2 to add"


# ------------------------------------------------------------------------------------------------- The proof


def amiss(world: World) -> str:
    arns = {"broker": OUTPUTS["BrokerArn"]}
    with pytest.raises(Failed) as failed:
        prove(world.functions, arns, "abc", world.job().console)
    assert 30 <= world.now < 32
    return str(failed.value)


def test_rights_that_iam_has_not_told_everywhere_are_waited_for(world: World) -> None:
    world.functions.build, world.functions.failing = lambda: "abc", 20
    prove(world.functions, {"broker": OUTPUTS["BrokerArn"]}, "abc", world.job().console)
    assert world.now == 20


def test_another_build_is_told(world: World) -> None:
    world.functions.build = lambda: "old"
    assert "broker:live answers old" in amiss(world)


def test_an_alias_that_is_elsewhere_than_live_is_told(world: World) -> None:
    world.functions.build = lambda: "abc"
    world.functions.aliases["orders"] = "2"
    assert "broker:orders is at version 2 and live at 3" in amiss(world)


def test_a_function_that_fails_is_told_with_its_error(world: World) -> None:
    world.functions.error = {"errorType": "InvalidSettings", "errorMessage": "X is not set."}
    assert "broker:live fails with InvalidSettings: X is not set." in amiss(world)


@pytest.mark.parametrize("error", ["ConnectionForbidden", "InvalidRequest"])
def test_a_build_that_is_older_than_the_question_is_known_by_what_lambda_says_of_it(world: World, error: str) -> None:
    world.functions.error = {"errorType": error, "errorMessage": "Known are refresh, flush and taint."}
    world.functions.build = lambda: "abc"
    prove(world.functions, {"broker": OUTPUTS["BrokerArn"]}, "abc", world.job().console)

    world.functions.build = lambda: "old"
    assert "broker:live answers old" in amiss(world)


def test_a_missing_right_to_ask_is_told_by_its_action(world: World) -> None:
    world.functions.failing = 99
    assert "may not lambda:InvokeFunction on x" in amiss(world)
