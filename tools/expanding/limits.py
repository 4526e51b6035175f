"""What AWS limits, and what an expanded template needs of it.

Sources: AWS CloudFormation User Guide, "Understand CloudFormation quotas"; IAM User Guide, "IAM and AWS STS quotas"; AWS
Lambda Developer Guide, "Lambda quotas"; the API references of Lambda, Systems Manager, EventBridge Scheduler, CloudWatch
Logs and KMS.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from expanding.expand import Expanded

# Of one template.
MOST_RESOURCES = 500
MOST_PARAMETERS = 200
MOST_OUTPUTS = 200
LARGEST_TEMPLATE = 1_000_000  # bytes
LONGEST_LOGICAL_ID = 255

# Characters of a property.
LENGTHS = {
    ("AWS::CloudWatch::Alarm", "AlarmName"): 255,
    ("AWS::CloudWatch::Alarm", "AlarmDescription"): 1024,
    ("AWS::CloudWatch::Dashboard", "DashboardName"): 255,
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"): 128,
    ("AWS::IAM::ManagedPolicy", "Description"): 1000,
    ("AWS::IAM::ManagedPolicy", "Path"): 512,
    ("AWS::IAM::Role", "RoleName"): 64,
    ("AWS::IAM::Role", "Description"): 1000,
    ("AWS::IAM::Role", "Path"): 512,
    ("AWS::KMS::Alias", "AliasName"): 256,
    ("AWS::KMS::Key", "Description"): 8192,
    ("AWS::Lambda::Alias", "Name"): 128,
    ("AWS::Lambda::Alias", "Description"): 256,
    ("AWS::Lambda::Function", "FunctionName"): 64,
    ("AWS::Lambda::Function", "Description"): 256,
    ("AWS::Lambda::LayerVersion", "LayerName"): 140,
    ("AWS::Lambda::LayerVersion", "Description"): 256,
    ("AWS::Logs::LogGroup", "LogGroupName"): 512,
    ("AWS::SSM::Parameter", "Name"): 1011,
    ("AWS::SSM::Parameter", "Value"): 4096,
    ("AWS::SSM::Parameter", "Description"): 1024,
    ("AWS::Scheduler::Schedule", "Name"): 64,
    ("AWS::Scheduler::ScheduleGroup", "Name"): 64,
}
LARGEST_MANAGED_POLICY = 6144  # characters without blanks
LARGEST_INLINE_POLICIES = 10_240  # of one role, together
LARGEST_TRUST_POLICY = 2048
LARGEST_KEY_POLICY = 32_768
MOST_POLICIES = 10  # managed, on one role
LARGEST_ENVIRONMENT = 4096  # bytes of a function's variables
MOST_LAYERS = 5

_UNKNOWN = "x" * 128  # an attribute of a resource: no ARN or name that AWS makes for the stack is longer
_ATTRIBUTE = re.compile(r"\$\{[^}]+\}")


def too_large(expanded: Expanded, parameters: Mapping[str, Any]) -> Iterator[str]:
    """Give what exceeds a limit of AWS, with the names that are the longest."""
    template = _sized(expanded.concrete)
    counts = {
        "resources": (len(template["Resources"]), MOST_RESOURCES),
        "outputs": (len(template["Outputs"]), MOST_OUTPUTS),
        "parameters": (len(parameters), MOST_PARAMETERS),
        "bytes": (len(json.dumps(expanded.general).encode()), LARGEST_TEMPLATE),
    }
    found = {f"the template: {what}": count for what, count in counts.items()}
    for name, resource in template["Resources"].items():
        needs = {"characters of its logical id": (len(name), LONGEST_LOGICAL_ID), **_needs(resource, name, template)}
        found |= {f"{name}: {what}": need for what, need in needs.items()}
    for what, (needed, limit) in found.items():
        if needed > limit:
            yield f"{expanded.variant}: {what}: {needed:,} of {limit:,}"


def _needs(resource: Mapping[str, Any], name: str, template: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    kind, properties = resource["Type"], resource.get("Properties", {})
    needs = {
        f"characters of {key}": (len(str(properties[key])), limit)
        for (of, key), limit in LENGTHS.items()
        if of == kind and key in properties
    }
    match kind:
        case "AWS::IAM::ManagedPolicy":
            needs["policy"] = (_size(properties["PolicyDocument"]), LARGEST_MANAGED_POLICY)
        case "AWS::KMS::Key":
            needs["policy"] = (_size(properties["KeyPolicy"]), LARGEST_KEY_POLICY)
        case "AWS::IAM::Role":
            inline = sum(_size(policy["PolicyDocument"]) for policy in properties.get("Policies", []))
            needs["inline policies"] = (inline, LARGEST_INLINE_POLICIES)
            needs["trust policy"] = (_size(properties["AssumeRolePolicyDocument"]), LARGEST_TRUST_POLICY)
            needs["managed policies"] = (_attached(name, properties, template), MOST_POLICIES)
        case "AWS::Lambda::Function":
            variables = properties.get("Environment", {}).get("Variables", {})
            needs["variables"] = (sum(len(f"{key}{value}") for key, value in variables.items()), LARGEST_ENVIRONMENT)
            needs["layers"] = (len(properties.get("Layers", [])), MOST_LAYERS)
        case _:
            pass
    return needs


def _attached(role: str, properties: Mapping[str, Any], template: Mapping[str, Any]) -> int:
    by_themselves = sum(
        {"Ref": role} in resource["Properties"].get("Roles", [])
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::IAM::ManagedPolicy"
    )
    return len(properties.get("ManagedPolicyArns", [])) + by_themselves


def _size(policy: Any) -> int:
    return len(json.dumps(_sized(policy), separators=(",", ":")))


def _sized(value: Any) -> Any:
    """Return a part where every attribute that CloudFormation fills in later is as long as it can be."""
    match value:
        case {"Ref": str()} | {"Fn::GetAtt": _}:
            return _UNKNOWN
        case {"Fn::Sub": str(text)}:
            return _ATTRIBUTE.sub(_UNKNOWN, text)
        case dict():
            return {key: _sized(part) if key != "Roles" else part for key, part in value.items()}
        case list():
            return [_sized(part) for part in value]
        case _:
            return value
