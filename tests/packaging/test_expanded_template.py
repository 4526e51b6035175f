"""What template.yaml expands to, for every variant of a stack and in the regions of five partitions."""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import expanded_template
from expanding.compare import differences
from expanding.expand import LONGEST, OURS, Expanded, expanded, read, values_of
from expanding.limits import too_large
from expanding.partitions import REGIONS, bound_to_a_partition, lint_faults, missing_services
from expanding.resolve import Resolver
from expanding.unroll import unrolled
from expanding.variants import FILLED, LARGEST, MOST_CONNECTIONS, SMALLEST, Variant, every, names

VARIANTS = list(every())
FEW = 3
MANY = [variant for variant in VARIANTS if variant.connections == MOST_CONNECTIONS]
CHECKED = (SMALLEST, LARGEST)  # by `make check`, with cfn-lint on the longest names too


def resolver(variant: Variant, template: dict[str, Any]) -> Resolver:
    return Resolver(values_of(variant, template), template["Conditions"])


@pytest.fixture(scope="module")
def stacks() -> dict[str, Expanded]:
    return {str(made.variant): made for made in expanded([*VARIANTS, SMALLEST])}


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_three_programs_make_the_same_of_it(stacks: dict[str, Expanded], variant: Variant) -> None:
    made = stacks[str(variant)]
    assert len(made.by) == 3
    assert list(differences(made)) == []


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_the_longest_names_are_within_every_limit_of_aws(stacks: dict[str, Expanded], variant: Variant) -> None:
    assert list(too_large(stacks[str(variant)], read()["Parameters"])) == []


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_it_is_right_in_every_partition(stacks: dict[str, Expanded], variant: Variant) -> None:
    made = stacks[str(variant)]
    assert list(bound_to_a_partition(made)) == []
    assert list(missing_services(made)) == []


@pytest.mark.parametrize("variant", [variant for variant in VARIANTS if variant not in MANY], ids=str)
def test_cfn_lint_takes_it_in_every_partition(stacks: dict[str, Expanded], variant: Variant) -> None:
    assert lint_faults(stacks[str(variant)].general) == []


@pytest.mark.parametrize("variant", MANY, ids=str)
def test_more_connections_only_repeat_what_cfn_lint_has_seen(stacks: dict[str, Expanded], variant: Variant) -> None:
    few = replace(variant, connections=FEW)
    assert parts_without_names(stacks[str(variant)]) == parts_without_names(stacks[str(few)])


def parts_without_names(made: Expanded) -> set[str]:
    """Return each resource and output with NAME for every connection's name: those of two connections become one."""
    own = names(made.variant.connections)
    digest = "(?<=Version)[0-9a-f]{10}"  # of all that a version is made from, the list of names too
    word = re.compile("|".join([",".join(own), *own, *(name.replace("-", "") for name in own), digest]))
    parts = [*made.general["Resources"].items(), *made.general["Outputs"].items()]
    return {word.sub("NAME", json.dumps(part, sort_keys=True)) for part in parts}


@pytest.mark.parametrize("variant", CHECKED, ids=str)
def test_cfn_lint_takes_the_longest_names(stacks: dict[str, Expanded], variant: Variant) -> None:
    assert lint_faults(stacks[str(variant)].concrete, LONGEST["AWS::Region"]) == []


def test_some_variant_meets_and_some_variant_fails_every_condition() -> None:
    template = read()
    for name in template["Conditions"]:
        assert {resolver(variant, template).holds(name) for variant in VARIANTS} == {True, False}, name


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_every_variant_is_one_that_the_template_takes(variant: Variant) -> None:
    template = read()
    for rule in template["Rules"].values():
        for assertion in rule["Assertions"]:
            assert resolver(variant, template).holds(assertion["Assert"]), assertion["AssertDescription"]
    for name, value in variant.parameters(template).items():
        said = template["Parameters"][name]
        items = value.split(",") if said["Type"] == "CommaDelimitedList" else [value]
        assert all(re.fullmatch(said.get("AllowedPattern", ".*"), item) for item in items), name
        assert value in map(str, said.get("AllowedValues", [value])), name


def test_every_optional_parameter_is_used_by_the_largest_variant() -> None:
    empty = {name for name, said in read()["Parameters"].items() if str(said["Default"]) == ""}
    assert empty <= set(FILLED), "Add a value to FILLED."


def renamed(template: dict[str, Any]) -> None:
    template["Resources"]["KeeperRole"]["Properties"]["RoleName"] = {
        "Fn::Sub": "${AWS::StackName}-runs-the-token-keeper"
    }


def with_one_more_resource_a_connection(template: dict[str, Any]) -> None:
    loop = template["Resources"]["Fn::ForEach::Connection"][2]
    loop["More&{Name}"] = loop["Alias&{Name}"] | {"Properties": {**loop["Alias&{Name}"]["Properties"], "Name": "more"}}
    loop["Most&{Name}"] = loop["Alias&{Name}"] | {"Properties": {**loop["Alias&{Name}"]["Properties"], "Name": "most"}}


def with_a_long_policy(template: dict[str, Any]) -> None:
    policy = template["Resources"]["MintPolicy"]["Properties"]["PolicyDocument"]
    policy["Statement"].append({"Effect": "Deny", "Action": [f"ssm:Put{number:04}" for number in range(500)]})


def with_many_variables(template: dict[str, Any]) -> None:
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    variables["AGAIN"] = variables["SFMINT_CONNECTIONS"]
    variables["ONCE_MORE"] = variables["SFMINT_CONNECTIONS"]


def with_an_arn_of_one_partition(template: dict[str, Any]) -> None:
    role = template["Resources"]["RequestRole"]["Properties"]
    role["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"]


def with_a_host_of_one_partition(template: dict[str, Any]) -> None:
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    variables["WHERE"] = {"Fn::Sub": "https://sts.${AWS::Region}.amazonaws.com"}


def with_a_region(template: dict[str, Any]) -> None:
    template["Globals"]["Function"]["Environment"]["Variables"]["WHERE"] = "us-east-1"


def with_a_loop_variable_in_a_reference(template: dict[str, Any]) -> None:
    loop = template["Resources"]["Fn::ForEach::Connection"][2]
    loop["BrokerParameter&{Name}"]["Properties"]["Value"] = {"Fn::Sub": "Alias&{Name}"}


def with_a_resource_that_some_regions_lack(template: dict[str, Any]) -> None:
    template["Resources"]["Site"] = {
        "Type": "AWS::Amplify::App",
        "Properties": {"Name": "site"},
    }


COUNTED = (with_one_more_resource_a_connection, with_many_variables)  # what many connections make too large


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (renamed, "characters of RoleName"),
        (with_one_more_resource_a_connection, "resources"),
        (with_a_long_policy, "policy"),
        (with_many_variables, "variables"),
        (with_an_arn_of_one_partition, "an ARN without"),
        (with_a_host_of_one_partition, "a host without"),
        (with_a_region, "a region: us-east-1"),
        (with_a_loop_variable_in_a_reference, "a variable of a loop"),
        (with_a_resource_that_some_regions_lack, "amplify is not in us-iso-east-1"),
        (with_a_resource_that_some_regions_lack, "does not exist in 'cn-north-1'"),
    ],
)
def test_a_template_that_is_wrong_somewhere_is_found(spoil: Callable[[dict[str, Any]], None], said: str) -> None:
    template = read()
    spoil(template)
    [made] = expanded([LARGEST if spoil in COUNTED else SMALLEST], template)
    quick = [*too_large(made, {}), *bound_to_a_partition(made), *missing_services(made)]
    found = quick if any(said in fault for fault in quick) else lint_faults(made.general)
    assert any(said in fault for fault in found), found


def test_programs_that_disagree_are_found(stacks: dict[str, Expanded]) -> None:
    made = copy.deepcopy(stacks[str(SMALLEST)])
    made.by[OURS]["Resources"]["Key"]["Properties"]["EnableKeyRotation"] = False
    [first, second] = differences(made)
    assert "/Resources/Key/Properties/EnableKeyRotation: sfmint has False" in first
    assert "EnableKeyRotation" in second


NAMES = st.lists(
    st.from_regex(r"[a-z][a-z0-9-]{0,31}", fullmatch=True), max_size=4, unique_by=lambda name: name.replace("-", "")
)


@given(names=NAMES)
def test_a_loop_gives_each_name_its_own_parts_and_fills_in_nothing_else(names: list[str]) -> None:
    loop = {
        "Before": 1,
        "Fn::ForEach::Each": [
            "Name",
            {"Ref": "Names"},
            {"Part&{Name}": {"it": {"Ref": "Name"}, "text": {"Fn::Sub": "${AWS::Region}/${Name}"}, "other": "${Name}"}},
        ],
    }
    made = unrolled(loop, {"Names": names})
    assert made == {"Before": 1} | {
        f"Part{name.replace('-', '')}": {
            "it": name,
            "text": {"Fn::Sub": f"${{AWS::Region}}/{name}"},
            "other": "${Name}",
        }
        for name in names
    }


def test_three_programs_agree_on_names_of_every_shape() -> None:
    names = "a,a1-b--,z9,b-,c--d,e-1-f-2," + "g" * 32
    [made] = expanded([Variant(connections=0, store="dynamodb", given={"Connections": names})])
    assert list(differences(made)) == []
    assert {"Aliasa", "Aliasa1b", "Aliase1f2"} <= set(made.general["Resources"])


def test_names_that_make_one_logical_id_are_refused() -> None:
    loop = {"Fn::ForEach::Each": ["Name", ["a-b", "ab"], {"Part&{Name}": {}}]}
    with pytest.raises(ValueError, match=r"makes Partab twice\. Rename a connection"):
        unrolled(loop, {})


@pytest.mark.parametrize("region", REGIONS)
def test_each_region_is_one_that_cfn_lint_knows(region: str) -> None:
    assert lint_faults({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}, region) == []


def test_the_program_prints_what_parameters_make(capsys: pytest.CaptureFixture[str]) -> None:
    assert expanded_template.main(["Connections=orders", "CacheBackend=parameter-store"]) == 0
    printed = capsys.readouterr().out
    assert "Aliasorders" in printed
    assert "AWS::DynamoDB::Table" not in printed


def test_the_program_refuses_a_parameter_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert expanded_template.main(["Conections=orders"]) == 1
    assert "no parameter Conections" in capsys.readouterr().err
