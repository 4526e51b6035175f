"""The stack acme on an AWS without it: functions of its names, and what the template says of rights, with its names filled in."""

import json
import re
from typing import Any

from read_template import ReadTemplate
from sfmint_local import places
from sfmint_local.embedded_aws import REGION, EmbeddedAws
from stack.tiny_function import TRUSTS_LAMBDA, TinyFunction

ACCOUNT = "0" * 12
FUNCTIONS = {
    "TokenBroker": "token-broker",
    "TokenKeeper": "token-keeper",
    "SalesforceRequest": "salesforce-request",
    "KeyRotation": "key-rotation",
    "Prober": "prober",
}
GROUPS = {
    "BrokerLogs": "token-broker",
    "KeeperLogs": "token-keeper",
    "RequestLogs": "salesforce-request",
    "RotationLogs": "key-rotation",
    "ProberLogs": "prober",
}
LAMBDA = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:acme-"
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/acme-"  # AWS puts :* to it, MiniStack does not
ADMIN = "admin-apps"
FILLED: dict[str, Any] = {
    **{f"{name}.Arn": f"{LAMBDA}{own}" for name, own in FUNCTIONS.items()},
    **{f"{name}.Arn": f"{LOGS}{own}" for name, own in GROUPS.items()},
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/acme/1",
    "AWS::StackName": "acme",
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
}


def deploy_functions(aws: EmbeddedAws, *aliases: str, but: str = "") -> list[TinyFunction]:
    """Deploy a small function by the name of each of the stack's but one, in a role without rights, with further aliases."""
    role = aws.iam.create_role(RoleName="tiny", AssumeRolePolicyDocument=json.dumps(TRUSTS_LAMBDA))["Role"]["Arn"]
    functions = [TinyFunction.deploy(aws, name=f"acme-{own}", role=role) for own in FUNCTIONS.values() if own != but]
    for tiny in functions:
        for alias in aliases:
            aws.functions.create_alias(FunctionName=tiny.name, Name=alias, FunctionVersion="1")
    return functions


def filled(value: Any, **more: Any) -> Any:
    """Return a part of the template as it is in the stack.

    Args:
        value: the part.
        more: what parameters hold.
    """
    known = FILLED | more
    match value:
        case {"Ref": str(name)}:
            return known[name]
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return known[f"{name}.{attribute}"]
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: known[found[1]], text)
        case dict():
            return {key: filled(part, **more) for key, part in value.items()}
        case list():
            return [filled(part, **more) for part in value]
        case _:
            return value


def statements_of(role: str, **parameters: str) -> list[dict[str, Any]]:
    """Return what a role may and may not do, of a stack with some parameters, as the template says it."""
    template = ReadTemplate.chosen(places.ROOT / "template.yaml", Connections="orders", **parameters)
    return template.statements_of(role)
