"""What a user may read of a component, and under which names the types are listed.

Source: Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings; Salesforce Help, "View External Client App
Consumer Secrets in Metadata". Some orgs mask the secret, or show no key: settings say so.
"""

from collections.abc import Mapping
from dataclasses import replace

from sfmint_local.org.setup import rights
from sfmint_local.org.setup.components import (
    APP,
    APP_POLICIES,
    GLOBAL_OAUTH,
    OAUTH,
    OAUTH_POLICIES,
    SETTINGS,
    Component,
    Elements,
)
from sfmint_local.org.setup.schema import SCHEMAS
from sfmint_local.org.setup.state import Setup
from sfmint_local.org.values import Settings

SETTINGS_MEMBER = "ExternalClientApp"
METADATA_RIGHTS = frozenset({rights.MODIFY_METADATA, rights.MODIFY_ALL_DATA})
LACKS_METADATA_RIGHTS = "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions"

SEES_APPS = frozenset({rights.APP_VIEWER, rights.APP_ADMIN, rights.APP_DEVELOPER})
_NEEDED: Mapping[str, frozenset[str]] = {
    kind.name: SEES_APPS for kind in (APP, GLOBAL_OAUTH, OAUTH, OAUTH_POLICIES, APP_POLICIES)
}
_UNSET = dict.fromkeys(SCHEMAS[SETTINGS.name], "false")
_KEY = "consumerKey"
_SECRET = "consumerSecret"  # noqa: S105 - an element's name


def readable(setup: Setup, kind: str) -> list[Component]:
    """Return the components of a type. Settings are there in every org; nobody has to deploy them first."""
    found = setup.components(kind)
    if kind != SETTINGS.name:
        return found
    there: Elements = found[0].elements if found else {}
    return [Component(type=kind, full_name=SETTINGS_MEMBER, elements={**_UNSET, **there})]


def may_read(kind: str, held: frozenset[str]) -> bool:
    """Tell whether somebody with these rights sees components of a type."""
    return kind not in _NEEDED or bool(_NEEDED[kind] & held)


def shown(component: Component, held: frozenset[str], settings: Settings) -> Component:
    """Return a component without what somebody with these rights does not see of it."""
    if component.type != GLOBAL_OAUTH.name:
        return component
    hidden = set()
    if rights.VIEW_CLIENT_SECRET not in held or not settings.shows_consumer_key:
        hidden |= {_KEY, _SECRET}
    if settings.masks_consumer_secret:
        hidden.add(_SECRET)
    elements = {name: value for name, value in component.elements.items() if name not in hidden}
    return replace(component, elements=elements)


def type_of(xml_name: str) -> str:
    """Return the type that package.xml and lists call so. Settings are the one that has another name there."""
    return SETTINGS.name if xml_name == "Settings" else xml_name


def xml_name(kind: str) -> str:
    """Return what package.xml and lists call a type."""
    return "Settings" if kind == SETTINGS.name else kind
