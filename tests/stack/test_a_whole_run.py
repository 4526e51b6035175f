"""A whole run on both stores: each role holds what its function uses and no more."""

from collections.abc import Iterator

import pytest

from expanding.variants import FILLED
from read_template import ReadTemplate
from sfmint_local import places
from sfmint_local.embedded_stack import STACK, EmbeddedStack
from sfmint_local.functions import FunctionError
from sfmint_local.role_calls import RoleCall
from stack.granted_rights import Right, rights_in, roles_of, statements_of
from stack.whole_run import ORDERS, every_schedule_ticks, played, played_large, refused_large, rotated, running

# It asks for what IAM must refuse it: that is its purpose.
PROBER = "-prober"

type Calls = dict[str, list[RoleCall]]
type Rights = dict[str, list[Right]]


@pytest.fixture(scope="module")
def stack() -> Iterator[EmbeddedStack]:
    """The stack on Parameter Store, before its run."""
    with running("parameter-store") as stack:
        yield stack


def test_without_a_table_the_tokens_are_parameters(stack: EmbeddedStack) -> None:
    minted, again = stack.functions.broker(ORDERS.name), stack.functions.broker(ORDERS.name)
    assert [answer["source"] for answer in (minted, again)] == ["minted", "memory"]
    assert stack.aws.dynamodb.list_tables()["TableNames"] == []
    found = stack.aws.parameters.get_parameters_by_path(Path="/sfmint/sfmint/cache", Recursive=True)["Parameters"]
    assert {parameter["Type"] for parameter in found} == {"String"}
    assert not [parameter for parameter in found if minted["access_token"] in parameter["Value"]]


def test_without_a_table_the_keeper_says_that_it_cannot_bar_a_key(stack: EmbeddedStack) -> None:
    with pytest.raises(FunctionError, match="InvalidRequest"):
        stack.functions.keeper(action="taint", connection=ORDERS.name, key_id="0" * 16)


@pytest.fixture(scope="module")
def after(stack: EmbeddedStack) -> EmbeddedStack:
    """The stack after its run."""
    played(stack)
    refused_large(stack)
    rotated(stack)
    stack.parameters["CacheBackend"] = "dynamodb"
    stack.deploy()
    played(stack)
    played_large(stack)
    every_schedule_ticks(stack)
    return stack


@pytest.fixture(scope="module")
def calls(after: EmbeddedStack) -> Calls:
    """What each role has asked, by its logical id."""
    asked = after.aws.role_calls()
    return {name: [call for call in asked if call.role == role] for name, role in roles_of(after.aws, STACK).items()}


@pytest.fixture(scope="module")
def rights(after: EmbeddedStack) -> Rights:
    """What each role holds, by its logical id."""
    held = roles_of(after.aws, STACK).items()
    return {name: list(rights_in(name, statements_of(after.aws, role))) for name, role in held}


def test_the_run_has_every_role_and_every_right_that_the_template_can_give(rights: Rights) -> None:
    template = ReadTemplate.chosen(places.ROOT / "template.yaml", **FILLED)
    can_give = {
        (role, right.action)
        for role in template.of_type("AWS::IAM::Role")
        for right in rights_in(role, template.statements_of(role))
    }
    assert {(right.role, right.action) for held in rights.values() for right in held} == can_give


def test_every_role_was_seen_at_work(calls: Calls) -> None:
    assert [role for role, asked in calls.items() if not asked] == []


def test_no_right_is_to_a_kind_of_action(rights: Rights) -> None:
    assert [right for right in every(rights) if "*" in right.action] == []


def test_no_role_asked_for_what_it_does_not_hold(calls: Calls, rights: Rights) -> None:
    asked = [(role, call) for role, made in calls.items() for call in made]
    held = [(role, call) for role, call in asked if any(right.is_used_by(call) for right in rights[role])]
    assert [each for each in held if not each[1].allowed] == []
    assert [each for each in asked if each not in held and not is_a_probe(each[1])] == []
    assert [each for each in asked if each not in held and each[1].allowed] == []


def is_a_probe(call: RoleCall) -> bool:
    return call.context.get("lambda:SourceFunctionArn", "").endswith(PROBER)


def test_no_role_holds_what_it_has_not_used(calls: Calls, rights: Rights) -> None:
    unused = [right for right in every(rights) if right.unseen is None and not is_used(right, calls)]
    assert unused == []


def test_what_cannot_be_seen_was_not_seen(calls: Calls, rights: Rights) -> None:
    assert [right for right in every(rights) if right.unseen is not None and is_used(right, calls)] == []


def every(rights: Rights) -> list[Right]:
    return [right for held in rights.values() for right in held]


def is_used(right: Right, calls: Calls) -> bool:
    return any(map(right.is_used_by, calls[right.role]))
