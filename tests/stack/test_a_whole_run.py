"""A whole run on both stores: each role holds what its function uses and no more, and nothing that is left holds a secret."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from expanding.variants import FILLED
from read_template import ReadTemplate
from sfmint_local import places
from sfmint_local.embedded_stack import STACK, EmbeddedStack
from sfmint_local.functions import FunctionError
from sfmint_local.leak_scan import KINDS, Leak, LeakScan
from sfmint_local.role_calls import RoleCall
from sfmint_local.secret_pieces import Secrets
from stack.dying import dumped, environments
from stack.granted_rights import Right, rights_in, roles_of, statements_of
from stack.planting import plant
from stack.test_prober_enforced import ACTIONS as QUESTIONS
from stack.whole_run import (
    ORDERS,
    PASSWORD,
    every_schedule_ticks,
    heard,
    played,
    played_large,
    refused_large,
    rotated,
    running,
)

# It asks for what IAM must refuse it: that is its purpose.
PROBER = "-prober"
CANARY = "a canary"
NOT_HERE = {"history events"}  # no state machine runs; those of the examples are searched where they do

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
    played_large(stack)
    played(stack)
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
    return call.context.get("lambda:SourceFunctionArn", "").endswith(PROBER) and call.action in QUESTIONS


def test_no_role_holds_what_it_has_not_used(calls: Calls, rights: Rights) -> None:
    unused = [right for right in every(rights) if right.unseen is None and not is_used(right, calls)]
    assert unused == []


def test_what_cannot_be_seen_was_not_seen(calls: Calls, rights: Rights) -> None:
    assert [right for right in every(rights) if right.unseen is not None and is_used(right, calls)] == []


def every(rights: Rights) -> list[Right]:
    return [right for held in rights.values() for right in held]


def is_used(right: Right, calls: Calls) -> bool:
    return any(map(right.is_used_by, calls[right.role]))


@pytest.fixture(scope="module")
def scan(after: EmbeddedStack) -> LeakScan:
    """The search through everything that the run has left, and for a text that stands in each kind of place."""
    canary = "-".join(f"canary{number:02}" for number in range(12))
    plant(after, canary)
    scan = LeakScan(Secrets(after.secrets().pieces | pieces_of(canary, CANARY) | pieces_of(PASSWORD, "a password")))
    scan.read_kept(after.aws)
    scan.read_artefacts(after.aws)
    scan.read_messages(heard(after.aws))
    scan.read_answers(after.functions)
    scan.read_files(after.folder, since=0, except_in=(after.key_folder,))
    return scan


def pieces_of(text: str, what: str) -> dict[bytes, str]:
    return dict.fromkeys(Secrets.split(tokens=[text]).pieces, what)


def test_tokens_that_no_caller_was_handed_are_looked_for_too(after: EmbeddedStack, scan: LeakScan) -> None:
    kept = after.org.tokens() - after.functions.tokens  # an administrator's among them
    assert kept
    assert [token for token in kept if "an access token" not in scan.secrets.found_in(token.encode())] == []


def test_nothing_that_a_run_leaves_holds_a_secret(scan: LeakScan) -> None:
    assert {leak for leak in scan.leaks if leak.what != CANARY} == set()


def test_the_search_sees_what_is_put_into_any_kind_of_place(scan: LeakScan) -> None:
    assert {leak.kind for leak in scan.leaks if leak.what == CANARY} == set(KINDS) - NOT_HERE


def test_every_kind_of_place_was_read(scan: LeakScan) -> None:
    planted = 1
    assert {kind for kind, count in scan.read.items() if count <= planted} == NOT_HERE


def test_no_secret_of_secrets_manager_holds_a_token(after: EmbeddedStack) -> None:
    tokens, store = Secrets.split(tokens=after.functions.tokens), after.aws.secrets
    values = [store.get_secret_value(SecretId=each["ARN"]) for each in store.list_secrets()["SecretList"]]
    assert values
    assert [each["Name"] for each in values if tokens.found_in(each["SecretString"].encode())] == []


def test_a_function_that_dies_leaves_no_memory_behind(after: EmbeddedStack) -> None:
    found = environments(after.aws)
    deployed = {each["FunctionName"] for each in after.aws.functions.list_functions(MaxItems=50)["Functions"]}
    assert {each.function for each in found} == deployed
    assert {each.function: each.largest_dump for each in found} == dict.fromkeys(sorted(deployed), 0)
    for each in found:
        assert each.dies() == []


def test_the_search_sees_a_token_in_the_memory_that_a_process_leaves(tmp_path: Path) -> None:
    token = f"00DgK0000000001!{secrets.token_urlsafe(54)}"
    dump = dumped(token, tmp_path)
    if dump is None:
        pytest.skip("This machine writes no core dump to a folder: see `ulimit -H -c` and kernel.core_pattern.")
    scan = LeakScan(Secrets.split(tokens=[token]))
    scan.read_files(tmp_path, since=0, except_in=())
    assert scan.leaks == {Leak(kind="files", place=str(dump), what="an access token")}
