"""The page on networks against the code: what each function asks of AWS, and where each partition's hosts are."""

import json
import re
from collections import defaultdict
from typing import Any

import pytest

from aws_operations import CLIENTS, operations
from read_template import ReadTemplate
from sdk_models import SDK_OPERATIONS
from sfmint.aws_access import DUAL_STACK
from sfmint_local import places
from sfmint_values.aws_endpoints import VARIABLES

PAGE = (places.ROOT / "docs/networks.md").read_text()
POLICIES: list[dict[str, Any]] = [
    json.loads(text) for text in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
]
ENDPOINTS = [policy for policy in POLICIES if "Version" in policy]
# What salesforce_request asks by botocore, the proxy's secret beside, and what consumers ask by sfmint_client.
OF_CLIENTS = {"lambda": {"InvokeFunction"}, "ssm": {"GetParameter"}, "secretsmanager": {"GetSecretValue"}}
# What prober asks by botocore, most of it to be refused: the endpoints let it through to IAM as they do the others.
OF_PROBER = {
    "dynamodb": {"GetItem"},
    "kms": {"Encrypt"},
    "lambda": {"InvokeFunction"},
    "secretsmanager": {"GetSecretValue"},
    "ssm": {"GetParameter", "GetParametersByPath"},
}
BY_SERVICES = {
    "kms:Decrypt",
    "kms:GenerateDataKey",
}  # asked in a function's name by SNS: they pass no endpoint of the network


def of_rotation() -> dict[str, set[str]]:
    """Return what key_rotation may ask, by service: a test of its own holds its role to what it does."""
    topic = "arn:aws:sns:eu-central-1:000000000000:rotations"
    key = "arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-0000-0000-000000000001"
    template = ReadTemplate.chosen(places.ROOT / "template.yaml", RotationTopicArn=topic, SigningKeyArns=key)
    found: dict[str, set[str]] = defaultdict(set)
    for statement in template.statements_of("RotationRole"):
        if statement["Effect"] == "Allow":
            for action in [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]:
                service, _, operation = action.partition(":")
                if action not in BY_SERVICES and service != "logs":
                    found[service].add(operation)
    return found


def test_the_policies_of_endpoints_allow_what_the_functions_ask_and_nothing_else() -> None:
    allowed: dict[str, set[str]] = defaultdict(set)
    for statement in (statement for policy in ENDPOINTS for statement in policy["Statement"]):
        assert statement["Condition"]["StringEquals"]["aws:PrincipalAccount"] == "ACCOUNT"
        assert "*" not in (statement["Action"], statement["Resource"])
        for action in statement["Action"]:
            service, _, operation = action.partition(":")
            allowed[service].add(operation)
    asked = {service: operations(service) for service in CLIENTS}
    for service, more in (*OF_CLIENTS.items(), *of_rotation().items(), *OF_PROBER.items()):
        asked[service] = asked.get(service, set()) | more
    assert allowed == asked


def test_the_artefact_holds_what_botocore_makes_its_clients_from_and_no_more() -> None:
    asked: dict[str, set[str]] = defaultdict(set)  # tests/functions/test_network.py finds out what is asked
    for service, more in (*OF_CLIENTS.items(), *of_rotation().items(), *OF_PROBER.items()):
        asked[service] |= {"Invoke" if operation == "InvokeFunction" else operation for operation in more}
    assert asked == SDK_OPERATIONS


def test_the_table_of_what_must_be_reached_names_each_service_for_each_function() -> None:
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| .*? \| .*? \| `com\.amazonaws\.REGION\.(\w+)`", PAGE, re.MULTILINE)
    named = {(function, service) for functions, service in rows for function in re.findall(r"\w+", functions)}
    expected = {(function, service) for function in ("token_broker", "token_keeper") for service in CLIENTS}
    expected |= {("salesforce_request", service) for service in OF_CLIENTS}
    expected |= {("prober", service) for service in OF_PROBER}
    assert named == expected | {("key_rotation", service) for service in of_rotation()}


def test_the_table_of_partitions_has_the_hosts_that_are_asked() -> None:
    rows = re.findall(r"^\| `(aws[a-z-]*)` \| `([\w.-]+)` \| (.*?) \|", PAGE, re.MULTILINE)
    assert {suffix for _, suffix, _ in rows} == set(DUAL_STACK)
    for partition, suffix, dual_stack in rows:
        assert dual_stack.startswith("not available") or dual_stack == f"`{DUAL_STACK[suffix]}`", partition


@pytest.mark.parametrize("service", [service for service in VARIABLES if service])
def test_each_variable_for_a_place_of_ones_own_is_named(service: str) -> None:
    assert f"`{VARIABLES[service]}`" in PAGE
