"""Licences that a permission set may be bound to, by the name in its file.

Source: Metadata API Developer Guide, PermissionSet (`license`); Object Reference, PermissionSetAssignment (User Licenses);
Salesforce Help, article 001453686 (the Salesforce API Integration licence).
"""

from sfmint_local.org.setup.components import Component
from sfmint_local.org.values import PROFILES

USER_LICENCES = tuple(dict.fromkeys(PROFILES.values()))
# Permission set licences: developer name and label.
SET_LICENCES = {"SalesforceAPIIntegrationPsl": "Salesforce API Integration"}


def set_licence(part: Component) -> str | None:
    """Return the developer name of the permission set licence that a permission set is bound to."""
    named = part.text("license")
    return next((name for name, label in SET_LICENCES.items() if named in {name, label}), None)


def user_licence(part: Component) -> str | None:
    """Return the user licence that a permission set is bound to: only users with it can have the set."""
    named = part.text("license")
    return named if named in USER_LICENCES else None
