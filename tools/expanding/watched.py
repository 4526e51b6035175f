"""The alarms and the dashboard of a stack, as CloudFormation fills them in: without SAM's translator, for it changes neither."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from expanding.expand import read, values_of
from expanding.resolve import Resolver
from expanding.variants import Variant

STACK = "sfmint"
_PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What watches a stack.

    Attributes:
        alarms: the properties of each, by its logical id.
        dashboard: the properties of the dashboard.
    """

    alarms: Mapping[str, dict[str, Any]]
    dashboard: Mapping[str, Any]


def watched(stack: str = STACK, /, **given: str) -> Watched:
    """Return what watches a stack with one connection.

    Args:
        stack: its name.
        given: parameters that do not have their default.
    """
    template = read()
    values = {
        **values_of(Variant(connections=1, store="dynamodb", given=given), template),
        **_PSEUDO,
        "AWS::StackName": stack,
    }
    resources = {
        name: resource for name, resource in template["Resources"].items() if not name.startswith("Fn::ForEach")
    }
    named = {
        name: resource["Properties"]["FunctionName"]["Fn::Sub"].replace("${AWS::StackName}", stack)
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    of_cloudwatch = {name: each for name, each in resources.items() if each["Type"].startswith("AWS::CloudWatch::")}
    made = Resolver({**values, **named}, template["Conditions"]).template({"Resources": of_cloudwatch})["Resources"]
    [dashboard] = (each["Properties"] for each in made.values() if each["Type"] == "AWS::CloudWatch::Dashboard")
    alarms = {name: each["Properties"] for name, each in made.items() if each["Type"] == "AWS::CloudWatch::Alarm"}
    return Watched(alarms=alarms, dashboard=dashboard)
