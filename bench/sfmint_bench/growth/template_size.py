"""How large the template's stack is with so many connections: its resources, and its functions' variables."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cfnlint.decode  # type: ignore[import-untyped]

from sfmint_local import places

MOST_RESOURCES = 500  # AWS CloudFormation User Guide, "Understand CloudFormation quotas"
MOST_VARIABLE_BYTES = 4096  # AWS Lambda Developer Guide, "Lambda quotas": all of a function's environment variables
LONGEST_NAME = 32  # of a connection: the template's AllowedPattern

_LOOP = "Fn::ForEach::"
# What variables may hold that are not texts in the template, of a stack whose name is as long as its functions' names let it be.
_STACK = 45 * "s"
_LONGEST = {
    "SFMINT_STACK": _STACK,
    "SFMINT_BROKER_ARN": f"arn:aws:lambda:ap-northeast-1:000000000000:function:{_STACK}-token-broker",
    "SFMINT_BUILD": 64 * "f",
    "SFMINT_CACHE_BACKEND": "dynamodb",
    "SFMINT_CONNECTIONS": "",  # counted apart
    "SFMINT_HTTPS_PROXY": "",
    "SFMINT_KEY_ARN": "arn:aws:kms:ap-northeast-1:000000000000:key/00000000-0000-0000-0000-000000000000",
    "SFMINT_LOGIN_BUDGET_PER_HOUR": "3600",
    "SFMINT_MEMORY_TRUST_SECONDS": "30",
    "SFMINT_REFRESH_RATE": "rate(5 minutes)",
    "SFMINT_TABLE": f"{_STACK}-Table-000000000000",
    "SFMINT_TOKEN_HOSTS": "",
    "SFMINT_URL_SUFFIX": "amazonaws.com.cn",
    "POWERTOOLS_LOG_LEVEL": "INFO",
}
_AN_ARN = _LONGEST["SFMINT_BROKER_ARN"]  # as long is whatever is not named here


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSize:
    """What grows with the list of connections.

    Attributes:
        once: resources that a stack has once, those of conditions too: CloudFormation counts what is declared.
        each: resources of each connection.
        policies_once: managed policies among the former.
        policies_each: among the latter.
        parameters_each: parameters of Parameter Store among the latter.
        variable_bytes: of the function that has most, without the connections' names, and with no proxy or token hosts.
    """

    once: int
    each: int
    policies_once: int
    policies_each: int
    parameters_each: int
    variable_bytes: int

    @classmethod
    def of_template(cls, path: Path = places.ROOT / "template.yaml") -> "TemplateSize":
        """Returns it for a template.

        Raises:
            ValueError: CloudFormation could not read the template.
        """
        template, faults = cfnlint.decode.decode(str(path))
        if faults:
            raise ValueError(f"{path.name} cannot be read: {faults[0]}")
        resources = template["Resources"]
        once = [resource for name, resource in resources.items() if not name.startswith(_LOOP)]
        each = [resource for name, loop in resources.items() if name.startswith(_LOOP) for resource in loop[2].values()]
        return cls(
            once=sum(map(_made_of, once)),
            each=sum(map(_made_of, each)),
            policies_once=_count(once, "AWS::IAM::ManagedPolicy"),
            policies_each=_count(each, "AWS::IAM::ManagedPolicy"),
            parameters_each=_count(each, "AWS::SSM::Parameter"),
            variable_bytes=max(_variable_bytes(template, resource) for resource in once),
        )

    def resources(self, connections: int) -> int:
        """Returns the resources of a stack with so many connections."""
        return self.once + self.each * connections

    @property
    def most_connections(self) -> int:
        """The most connections that a stack can have."""
        return (MOST_RESOURCES - self.once) // self.each

    @property
    def most_names(self) -> int:
        """The most connections, all with the longest name, that the variables could list."""
        return (MOST_VARIABLE_BYTES - self.variable_bytes + 1) // (LONGEST_NAME + 1)


def _made_of(resource: Any) -> int:
    """Returns how many resources SAM makes of one: of a function that publishes an alias, three, and its asynchronous rules."""
    if resource["Type"] != "AWS::Serverless::Function":
        return 1
    properties = resource["Properties"]
    return 1 + 2 * ("AutoPublishAlias" in properties) + ("EventInvokeConfig" in properties)


def _count(resources: list[Any], kind: str) -> int:
    return sum(resource["Type"] == kind for resource in resources)


def _variable_bytes(template: Any, resource: Any) -> int:
    if resource["Type"] != "AWS::Serverless::Function":
        return 0
    everywhere = template["Globals"]["Function"]["Environment"]["Variables"]
    own = resource["Properties"]["Environment"]["Variables"]
    variables = {**everywhere, **own}
    return sum(len(name) + len(_longest(name, value)) for name, value in variables.items())


def _longest(name: str, value: Any) -> str:
    return value if isinstance(value, str) else _LONGEST.get(name, _AN_ARN)
