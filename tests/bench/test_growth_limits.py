"""How far the template stretches, compared with what SAM makes of it."""

import json
import re
import subprocess
from importlib import import_module
from typing import Any

import pytest

from read_template import ReadTemplate
from sfmint_bench.growth import limits
from sfmint_local import places

# Run by the SAM CLI's own Python: reads a template without loops, prints the types of the resources that CloudFormation gets.
TRANSFORM = """
import json, sys
from samtranslator.translator.translator import Translator
from samtranslator.parser.parser import Parser
template = json.load(sys.stdin)
values = {name: parameter["Default"] for name, parameter in template["Parameters"].items()}
made = Translator({}, Parser()).translate(template, values)
print(json.dumps([resource["Type"] for resource in made["Resources"].values()]))
"""


def names(count: int, length: int = 6) -> list[str]:
    return [f"o{number:0{length - 1}}" for number in range(count)]


def made_by_sam(connections: list[str]) -> list[str]:
    read = ReadTemplate.unrolled(places.ROOT / "template.yaml", *connections)
    resources = {name: uploaded(resource) for name, resource in read.resources.items()}
    template = {"Parameters": read.parameters, "Resources": resources}
    template["Globals"] = {}
    run = subprocess.run(
        [places.LOCAL / "venvs/sam/bin/python", "-c", TRANSFORM],
        input=json.dumps(template),
        env={"AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return list(json.loads(run.stdout))


def uploaded(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a resource as `sam package` leaves it: its code in a bucket."""
    places_of_code = {name: "s3://bucket/key" for name in ("CodeUri", "ContentUri") if name in resource["Properties"]}
    return resource | {"Properties": resource["Properties"] | places_of_code}


def in_all(once_and_each: tuple[int, int], connections: int) -> int:
    once, each = once_and_each
    return once + each * connections


def test_a_stack_stays_within_its_budget_of_resources() -> None:
    one, three = (len(made_by_sam(names(count))) for count in (1, 3))
    once, each = limits.RESOURCES
    assert three - one == 2 * each
    assert one - each <= once
    assert in_all(limits.RESOURCES, limits.MOST_CONNECTIONS) <= 500


@pytest.mark.parametrize("count", [1, 3])
def test_a_stack_has_as_many_policies_and_parameters_as_sam_makes(count: int) -> None:
    made = made_by_sam(names(count))
    assert in_all(limits.POLICIES, count) == made.count("AWS::IAM::ManagedPolicy")
    assert in_all(limits.PARAMETERS, count) == made.count("AWS::SSM::Parameter")


def test_every_page_that_says_how_many_connections_a_stack_holds_says_the_same() -> None:
    pages = [places.ROOT / "README.md", *(places.ROOT / "docs").rglob("*.md"), places.ROOT / "CONTRIBUTING.md"]
    said = {
        (page.name, int(number.replace(",", "")))
        for page in pages
        for number in re.findall(r"(\d[\d,]*) (?:connections )?(?:fit|bound) ", " ".join(page.read_text().split()))
        + re.findall(r"[Aa] stack (?:holds|to) (?:about )?(\d[\d,]*)", " ".join(page.read_text().split()))
    }
    assert {number for _, number in said} == {limits.MOST_CONNECTIONS}
    assert {"README.md", "promises.md", "scaling.md"} <= {name for name, _ in said}


# What variables may hold that are not texts in the template, of a stack whose name is as long as its functions' names let it be.
STACK = 45 * "s"
AN_ARN = (
    f"arn:aws:lambda:ap-northeast-1:000000000000:function:{STACK}-token-broker"  # as long is what is not named here
)
LONGEST = {
    "SFMINT_STACK": STACK,
    "SFMINT_BUILD": 64 * "f",
    "SFMINT_CACHE_BACKEND": "dynamodb",
    "SFMINT_CONNECTIONS": "",  # counted apart
    "SFMINT_HTTPS_PROXY": "",
    "SSL_CERT_FILE": "/opt/ca-bundle.pem",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "SFMINT_KEY_ARN": "arn:aws:kms:ap-northeast-1:000000000000:key/00000000-0000-0000-0000-000000000000",
    "SFMINT_LOGIN_BUDGET_PER_HOUR": "3600",
    "SFMINT_MEMORY_TRUST_SECONDS": "30",
    "SFMINT_REFRESH_RATE": "rate(5 minutes)",
    "SFMINT_TABLE": f"{STACK}-Table-000000000000",
    "SFMINT_TOKEN_HOSTS": "",
    "SFMINT_URL_SUFFIX": "amazonaws.com.cn",
    "POWERTOOLS_LOG_LEVEL": "INFO",
}


def test_the_variables_of_a_function_are_as_long_as_the_template_may_make_them() -> None:
    template = ReadTemplate.unrolled(places.ROOT / "template.yaml", "orders")
    every = template.of_type("AWS::Serverless::Function").values()
    read = [function["Properties"]["Environment"]["Variables"] for function in every]
    assert max(sum(map(variable_bytes, variables.items())) for variables in read) == limits.VARIABLE_BYTES


def variable_bytes(variable: tuple[str, Any]) -> int:
    name, value = variable
    return len(name) + len(value if isinstance(value, str) else LONGEST.get(name, AN_ARN))


def test_a_name_is_as_long_as_the_template_lets_it_be() -> None:
    template = ReadTemplate.unrolled(places.ROOT / "template.yaml", "orders")
    assert f"{{0,{limits.LONGEST_NAME - 1}}}" in template.parameters["Connections"]["AllowedPattern"]


def test_an_allow_list_is_read_as_often_as_the_function_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(places.ROOT / "functions/salesforce_request"))
    allow_lists = import_module("salesforce_request.allow_lists")
    assert (limits.LIST_KEPT_S, limits.LIST_STALE_S) == (allow_lists.KEPT_S, allow_lists.STALE_S)
