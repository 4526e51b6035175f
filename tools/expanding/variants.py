"""The stacks that template.yaml can make, as the checks expand them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

MOST_CONNECTIONS = 61  # what CloudFormation's 500 resources leave room for: at most 70 once, and 7 for each connection
LONGEST_NAME = 32  # of a connection, as the template's pattern says
STORES = ("dynamodb", "parameter-store")
VPC = {"SubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1", "SecurityGroupIds": "sg-0123456789abcdef0"}

# What an optional parameter holds where it is used. The tests name one that is missing here.
_KEY = "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
FILLED = {
    **VPC,
    "AdminConnections": "admin-".ljust(LONGEST_NAME, "x"),
    "AlarmTopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms",
    "BuildId": "0123456789ab",
    "CaBundleLayerArn": "arn:aws:lambda:eu-central-1:123456789012:layer:authorities:1",
    "DeletionProtection": "on",
    "DynamoDbEndpointUrl": "https://dynamodb.example.com",
    "HttpsProxy": "http://proxy.example.com:3128",
    "HttpsProxySecretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:proxy-a1b2c3",
    "KmsEndpointUrl": "https://kms.example.com",
    "LambdaEndpointUrl": "https://lambda.example.com",
    "LogsKeyArn": _KEY,
    "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/boundary",
    "ProbeConnection": "org-1-".ljust(LONGEST_NAME, "x"),
    "ReservedConcurrency": "20",
    "RolePath": "/sfmint/",
    "RotationTopicArn": "arn:aws:sns:eu-central-1:123456789012:rotations",
    "SecretsKeyArns": f"{_KEY},{_KEY[:-1]}0",
    "SigningKeyArns": f"{_KEY},{_KEY[:-1]}0",
    "SecretsManagerEndpointUrl": "https://secretsmanager.example.com",
    "SnsEndpointUrl": "https://sns.example.com",
    "SsmEndpointUrl": "https://ssm.example.com",
    "TableKeyArn": _KEY,
    "TokenHosts": "login.example.com:8443",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One stack.

    Attributes:
        connections: how many.
        store: a value of CacheBackend.
        given: all other parameters that do not have their default.
    """

    connections: int
    store: str
    given: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        network = "VPC" if "SubnetIds" in self.given else "no VPC"
        refreshed = "not refreshed" if self.given.get("RefreshRate") == "off" else "refreshed"
        filled = ", all options" if set(FILLED) <= set(self.given) else ""
        endpoints = ", ".join(("", self.given["AwsEndpoints"])) if "AwsEndpoints" in self.given else ""
        return f"{self.connections} connections, {self.store}, {network}, {refreshed}{endpoints}{filled}"

    def parameters(self, template: Mapping[str, Any]) -> dict[str, str]:
        """Return the value of each parameter of a template."""
        own = {"Connections": ",".join(names(self.connections)), "CacheBackend": self.store, **self.given}
        return {name: own.get(name, str(said["Default"])) for name, said in template["Parameters"].items()}


def names(count: int) -> list[str]:
    """Return names of connections, with dashes, and as long as they can be."""
    return [f"org-{number}-".ljust(LONGEST_NAME, "x") for number in range(1, count + 1)]


SMALLEST = Variant(connections=1, store="parameter-store", given={"RefreshRate": "off"})
LARGEST = Variant(connections=MOST_CONNECTIONS - 1, store="dynamodb", given=FILLED)  # and one of AdminConnections


def every() -> Iterator[Variant]:
    """Give 1, 3 and as many connections as fit, in both stores, with and without a VPC, refreshed and not; and each option."""
    refreshed: tuple[dict[str, str], ...] = ({}, {"RefreshRate": "off"})
    for count, store, network, refresh in product((1, 3, MOST_CONNECTIONS), STORES, ({}, VPC), refreshed):
        yield Variant(connections=count, store=store, given={**network, **refresh})
    for endpoints in ("fips", "dualstack"):
        yield Variant(connections=1, store="dynamodb", given={"AwsEndpoints": endpoints})
    yield LARGEST
