"""How far the template stretches, compared with what SAM makes of it."""

import json
import subprocess
from typing import Any

import pytest

from read_template import ReadTemplate
from sfmint_bench.growth.template_size import TemplateSize
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


@pytest.mark.parametrize("count", [1, 3])
def test_a_stack_has_as_many_resources_as_sam_makes(count: int) -> None:
    size, made = TemplateSize.of_template(), made_by_sam(names(count))
    assert size.resources(count) == len(made)
    assert size.policies_once + count * size.policies_each == made.count("AWS::IAM::ManagedPolicy")
    assert size.parameters_each * count + 1 == made.count("AWS::SSM::Parameter")
