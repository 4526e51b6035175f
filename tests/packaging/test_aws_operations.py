"""What the client of AWS can ask against what the roles of the functions that have it allow."""

from collections import defaultdict
from typing import Any

from aws_operations import CLIENTS, operations
from read_template import ReadTemplate

ROLES = {"BrokerRole", "KeeperRole"}
LAMBDAS_OWN = {"logs"}  # written in our name, not by our code


def granted(template: ReadTemplate) -> dict[str, dict[str, set[str]]]:
    """Return what each of the two roles may, by service."""
    found: dict[str, dict[str, set[str]]] = {role: defaultdict(set) for role in ROLES}
    for name, statement in template.statements():
        for role in ROLES & _holders(template, name):
            if statement["Effect"] == "Allow":
                actions = statement["Action"]
                for action in actions if isinstance(actions, list) else [actions]:
                    service, _, operation = action.partition(":")
                    found[role][service].add(operation)
    return found


def _holders(template: ReadTemplate, name: str) -> set[str]:
    """Return the roles that hold the policies of a resource: itself, or those that it is attached to."""
    attached: list[Any] = template.properties(name).get("Roles", [])
    return {name, *(role["Ref"] for role in attached if "Ref" in role)}


def test_the_client_asks_exactly_what_the_roles_allow_under_one_store_or_the_other(
    template: ReadTemplate, parameter_template: ReadTemplate
) -> None:
    for role in ROLES:
        assert template.properties(role)["ManagedPolicyArns"]["Fn::If"][1] == [{"Ref": "NetworkPolicy"}]  # Lambda's own
        one, other = granted(template)[role], granted(parameter_template)[role]
        both = {service: one[service] | other[service] for service in {*one, *other} - LAMBDAS_OWN}
        assert both == {service: operations(service) for service in CLIENTS}
