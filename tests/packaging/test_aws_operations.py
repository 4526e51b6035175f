"""What the client of AWS can ask against what the roles of the functions that have it allow."""

from collections import defaultdict

import pytest

from aws_operations import CLIENTS, operations
from read_template import ReadTemplate

ROLES = ("BrokerRole", "KeeperRole")
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
def test_the_client_asks_exactly_what_the_roles_allow(
    template: ReadTemplate, parameter_template: ReadTemplate, role: str
) -> None:
    for each in (template, parameter_template):
        may = granted(each, role)
        assert {service: may[service] for service in set(may) - LAMBDAS_OWN} == {
            service: operations(service) for service in CLIENTS
        }
