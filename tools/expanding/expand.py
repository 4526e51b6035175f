"""Expands a template by three programs: our own unrolling, the SAM CLI's and cfn-lint's, each before SAM's translator."""

import copy
import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cfnlint.decode  # type: ignore[import-untyped]
from cfnlint.template import Template  # type: ignore[import-untyped]

from expanding.resolve import Resolver
from expanding.unroll import unrolled
from expanding.variants import Variant

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATE = ROOT / "template.yaml"
SAM_PYTHON = ROOT / ".local/venvs/sam/bin/python"
OURS, CFN_LINT = "sfmint", "cfn-lint"

# The longest names that a stack may have: every limit has to hold for them.
LONGEST = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-1",
    "AWS::StackName": "s" * 45,
    "AWS::URLSuffix": "amazonaws.com",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A template that CloudFormation could make as it stands.

    Attributes:
        variant: of the stack.
        general: where only account, region, partition and stack name are left to fill in.
        by: the same with LONGEST filled in, by the name of the program that has unrolled it.
    """

    variant: Variant
    general: dict[str, Any]
    by: Mapping[str, dict[str, Any]]

    @property
    def concrete(self) -> dict[str, Any]:
        """The template with LONGEST filled in."""
        return self.by[OURS]

    def filled_in(self, **pseudo: str) -> dict[str, Any]:
        """Return the template with other names than LONGEST: ``Region="cn-north-1"`` and so on."""
        return filled_in(self.general, LONGEST | {f"AWS::{name}": value for name, value in pseudo.items()})


def read(path: Path = TEMPLATE) -> dict[str, Any]:
    """Return a template as it is written."""
    template, faults = cfnlint.decode.decode(str(path))
    if faults:
        raise ValueError(f"{path} is no template: {faults[0].message}. Correct it.")
    plain: dict[str, Any] = json.loads(json.dumps(template))
    return plain


def expanded(variants: Iterable[Variant], template: Mapping[str, Any] | None = None) -> list[Expanded]:
    """Return what some variants of a template expand to; the template is ours by default."""
    variants, template = list(variants), template or read()
    asked = [json.dumps(_question(variant, template)) for variant in variants]
    done = subprocess.run(
        [SAM_PYTHON, Path(__file__).with_name("translate.py")],
        input="\n".join(asked),
        capture_output=True,
        text=True,
        env={"AWS_DEFAULT_REGION": LONGEST["AWS::Region"]},  # the translator insists on one, and asks nobody there
        check=False,
    )
    if done.returncode != 0:
        raise ValueError(f"SAM's translator refuses the template: {done.stderr.strip().splitlines()[-1]}. Correct it.")
    answers = map(json.loads, done.stdout.splitlines())
    return [
        Expanded(
            variant=variant,
            general=answer[OURS],
            by={name: _settled(each, variant, template) for name, each in answer.items()},
        )
        for variant, answer in zip(variants, answers, strict=True)
    ]


def filled_in(template: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Return a template with some pseudo parameters filled in."""
    return Resolver(values, template.get("Conditions", {})).template(template)


def _question(variant: Variant, template: Mapping[str, Any]) -> dict[str, Any]:
    parameters = variant.parameters(template)
    values = values_of(variant, template)
    lists = {name: value for name, value in values.items() if isinstance(value, list)}
    loops_by = {OURS: unrolled(template, lists), CFN_LINT: _by_cfn_lint(template, parameters)}
    return {
        "template": template,
        "parameters": parameters,
        "pseudo": LONGEST,
        "unrolled": {
            name: Resolver(values, each["Conditions"]).template(each)  # what the translator cannot decide
            for name, each in loops_by.items()
        },
    }


def values_of(variant: Variant, template: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Return the value of each parameter, where it is a list as a list."""
    lists = {name for name, said in template["Parameters"].items() if said["Type"] == "CommaDelimitedList"}
    return {name: _items(value) if name in lists else value for name, value in variant.parameters(template).items()}


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",")] if text else []


def _by_cfn_lint(template: Mapping[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
    asked = copy.deepcopy(dict(template))
    for name, value in parameters.items():
        asked["Parameters"][name]["Default"] = value
    made = Template(str(TEMPLATE), asked, [LONGEST["AWS::Region"]])
    if faults := made.transform():
        raise ValueError(f"cfn-lint cannot unroll the template: {faults[0].message}. Correct it.")
    plain: dict[str, Any] = json.loads(json.dumps(made.template))
    del plain["Globals"]  # it has merged them already
    return plain


def _settled(template: Mapping[str, Any], variant: Variant, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return a translated template whose conditions are decided: the SAM CLI leaves them to CloudFormation."""
    values = {**values_of(variant, source), **LONGEST}
    return Resolver(values, template.get("Conditions", {})).template(template)
