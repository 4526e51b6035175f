"""A deployment's changes, put into the org: components, and the ties that policies make."""

from collections.abc import Sequence

from sfmint_local.org.setup.components import CONNECTED_APP, OAUTH_POLICIES, PERMISSION_SET, Component
from sfmint_local.org.setup.rules import listed
from sfmint_local.org.setup.state import Setup

_APPROVED = "AdminApprovedPreAuthorized"


def apply(setup: Setup, changes: Sequence[Component]) -> list[str]:
    """Put components into the org.

    Returns:
        The apps that admitted everybody before and now admit approved users only.
    """
    policies = [part for part in changes if part.type == OAUTH_POLICIES.name]
    switched = [part.app for part in policies if _is_switch(setup.find(part.type, part.full_name), part)]
    if changes:
        setup.put(changes)
    for part in policies:
        setup.tie_exactly(part.app, _permission_sets(setup, listed(part.text("commaSeparatedPermissionSet"))))
    for part in changes:
        if part.type == CONNECTED_APP.name:
            names = part.elements.get("permissionSetName", ())
            setup.tie_exactly(part.full_name, _permission_sets(setup, names))
    return switched


def _is_switch(before: Component | None, after: Component) -> bool:
    there = before is not None and before.text("permittedUsersPolicyType") != _APPROVED
    return there and after.text("permittedUsersPolicyType") == _APPROVED


def _permission_sets(setup: Setup, names: Sequence[str]) -> list[str]:
    """Return the full names of permission sets that are named by name, label or id."""
    found = []
    for part in setup.components(PERMISSION_SET.name):
        record = setup.id_of(part)
        if {part.full_name, part.text("label"), record, record[:15]} & set(names):
            found.append(part.full_name)
    return found
