"""What the client of AWS can ask against what the roles of the functions that have it allow."""

from collections import defaultdict

import pytest

from aws_operations import CLIENTS, operations
from read_template import ReadTemplate
from sfmint_local import places

ROLES = ("BrokerRole", "KeeperRole")
A_KEY = "arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-0000-0000-000000000001"
LAMBDAS_OWN = {"logs"}  # written in our name, not by our code


def granted(template: ReadTemplate, role: str) -> dict[str, set[str]]:
    """Return what a role may, by service."""
    found: dict[str, set[str]] = defaultdict(set)
    for statement in template.statements_of(role):
        if statement["Effect"] == "Allow":
            actions = statement["Action"]
            for action in actions if isinstance(actions, list) else [actions]:
                service, _, operation = action.partition(":")
                found[service].add(operation)
    return found


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("backend", ["dynamodb", "parameter-store"])
def test_the_client_asks_exactly_what_the_roles_allow(backend: str, role: str) -> None:
    template = ReadTemplate.chosen(places.ROOT / "template.yaml", CacheBackend=backend, SigningKeyArns=A_KEY)
    may = granted(template, role)
    assert {service: may[service] for service in set(may) - LAMBDAS_OWN} == {
        service: operations(service) for service in CLIENTS
    }
