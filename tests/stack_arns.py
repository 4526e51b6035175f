"""The ARNs that the resources of an expanded template get."""

import re
from collections.abc import Mapping
from typing import Any

from expanding.expand import LONGEST

ACCOUNT, REGION, PARTITION, STACK = (
    LONGEST[f"AWS::{name}"] for name in ("AccountId", "Region", "Partition", "StackName")
)
MADE_UP = "-0A1B2C3D4E5F"  # how CloudFormation ends a name that it makes up
KEY_ID = "01234567-89ab-cdef-0123-456789abcdef"

# The part of the ARN after the account: a property's name stands in braces.
_SHAPES = {
    "AWS::CloudWatch::Alarm": "cloudwatch:alarm:{AlarmName}",
    "AWS::CloudWatch::Dashboard": "cloudwatch:dashboard/{DashboardName}",
    "AWS::DynamoDB::Table": "dynamodb:table/{TableName}",
    "AWS::IAM::ManagedPolicy": "iam:policy/{ManagedPolicyName}",
    "AWS::IAM::Role": "iam:role/{RoleName}",
    "AWS::KMS::Alias": "kms:{AliasName}",
    "AWS::KMS::Key": f"kms:key/{KEY_ID}",
    "AWS::Lambda::Alias": "lambda:function:{FunctionName}:{Name}",
    "AWS::Lambda::EventInvokeConfig": "lambda:function:{FunctionName}:{Qualifier}",
    "AWS::Lambda::Function": "lambda:function:{FunctionName}",
    "AWS::Lambda::LayerVersion": "lambda:layer:{LayerName}",
    "AWS::Lambda::Permission": "lambda:function:{FunctionName}:live",
    "AWS::Lambda::Version": "lambda:function:{FunctionName}:1",
    "AWS::Logs::LogGroup": "logs:log-group:{LogGroupName}",
    "AWS::SSM::Parameter": "ssm:parameter{Name}",
    "AWS::Scheduler::Schedule": f"scheduler:schedule/{STACK}/{{Name}}",
    "AWS::Scheduler::ScheduleGroup": "scheduler:schedule-group/{Name}",
}

_OF_NO_REGION = ("AWS::IAM::", "AWS::CloudWatch::Dashboard")


class _Properties(dict[str, str]):
    """Properties of a resource, and the names that CloudFormation makes up."""

    def __init__(self, logical_id: str, known: Mapping[str, str]) -> None:
        super().__init__(known)
        self._made_up = f"{STACK}-{logical_id}{MADE_UP}"

    def __missing__(self, key: str) -> str:
        return self._made_up


def arn_of(name: str, resources: Mapping[str, Any]) -> str:
    """Return the ARN of a resource, named by its logical id."""
    resource = resources[name]
    assert resource["Type"] in _SHAPES, f"Say how the ARN of {resource['Type']} is made, and cover it in docs/policies."
    service, _, shape = _SHAPES[resource["Type"]].partition(":")
    known = {key: _text(value, resources) for key, value in resource["Properties"].items()}
    region = "" if resource["Type"].startswith(_OF_NO_REGION) else REGION
    where = f"arn:{PARTITION}:{service}:{region}:{ACCOUNT}"
    return f"{where}:{shape.format_map(_Properties(name, known))}"


def filled_in(value: Any, resources: Mapping[str, Any]) -> Any:
    """Return a part of the template with the ARNs of its resources in the places where CloudFormation fills them in."""
    match value:
        case {"Fn::GetAtt": [str(name), "Arn"]}:
            arn = arn_of(name, resources)
            return f"{arn}:*" if resources[name]["Type"] == "AWS::Logs::LogGroup" else arn
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{(\w+)\.Arn\}", lambda place: arn_of(place[1], resources), text)
        case {"Ref": "AWS::StackId"}:
            return f"arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/{KEY_ID}"
        case {"Ref": str(name)} if name in resources:
            return arn_of(name, resources).rpartition("/")[2]
        case dict():
            return {key: filled_in(part, resources) for key, part in value.items()}
        case list():
            return [filled_in(part, resources) for part in value]
        case _:
            return value


def _text(value: Any, resources: Mapping[str, Any]) -> str:
    match value:
        case {"Ref": str(name)} if name in resources:
            return _text(resources[name]["Properties"].get("FunctionName", name), resources)
        case _:
            return str(value)
