"""What an org has of an app: its record, and its components with all of their elements, which SOAP alone tells.

Source: Metadata API Developer Guide, "listMetadata()", "readMetadata()"; the names of components that the org made itself
follow no rule, so they are listed.
"""

import textwrap
from collections.abc import Mapping
from dataclasses import replace
from itertools import batched

from sfmint_setup import soap, soql
from sfmint_setup.component import APP, CONNECTED_APP, GLOBAL_OAUTH, OAUTH_POLICIES, OF_AN_APP, Component
from sfmint_setup.errors import OrgRefused, RightMissing
from sfmint_setup.queries import rows, text
from sfmint_setup.records import App
from sfmint_setup.rights import TO_SEE_APPS, TO_SEE_KEYS, Task
from sfmint_setup.wire import Wire
from sfmint_values.record_id import SHORT, is_record_id

_PEM = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----")
_OWNER = "externalClientApplication"
_PERMISSION_SETS, _PERMISSION_SET_ID = "commaSeparatedPermissionSet", "0PS"


def read_app(wire: Wire, name: str, org_id: str) -> App | None:
    """Return what the org has of an app; see `sfmint_setup.port.SalesforceSetup.app`.

    Components that the administrator may not read are left out.

    Args:
        wire: to the org.
        name: of the app.
        org_id: of the org.
    """
    found = rows(
        wire, soql.select("Id, DeveloperName", APP, "DeveloperName = {} AND NamespacePrefix = null", name), TO_SEE_APPS
    )
    if not found:
        return _connected(wire, name, org_id)
    record = found[0]
    full_name = text(record, "DeveloperName") or name
    components = {kind: part for kind in OF_AN_APP if (part := _part(wire, kind, full_name)) is not None}
    if OAUTH_POLICIES in components:
        components[OAUTH_POLICIES] = _with_names(wire, components[OAUTH_POLICIES])
    settings = components.get(GLOBAL_OAUTH)
    return App(
        id=text(record, "Id"),
        name=full_name,
        kind="external",
        components=components,
        consumer_key=settings.text("consumerKey") or None if settings else None,
        certificate=settings.text("certificate") or None if settings else None,
        org_id=org_id,
    )


def consumer_key_of(wire: Wire, app: App) -> str | None:
    """Return an app's consumer key, read anew; None: the org does not show it."""
    kind = GLOBAL_OAUTH if app.kind == "external" else CONNECTED_APP
    part = _part(wire, kind, app.name)
    return None if part is None else _oauth(part).get("consumerKey") or None


def _part(wire: Wire, kind: str, app: str) -> Component | None:
    """Return an app's component of a kind; None: there is none, or the administrator may not read it."""
    task = TO_SEE_KEYS if kind == GLOBAL_OAUTH else TO_SEE_APPS
    try:
        named = [app] if kind in {APP, CONNECTED_APP} else soap.list_metadata(wire, kind, task)
        return next((part for part in _read(wire, kind, named, task) if _is_of(part, app)), None)
    except (OrgRefused, RightMissing):
        return None


def _with_names(wire: Wire, policies: Component) -> Component:
    """Return policies that list permission sets by their names; some orgs list them by their ids."""
    listed = [each.strip() for each in policies.text(_PERMISSION_SETS).split(",")]
    ids = [each for each in listed if each.startswith(_PERMISSION_SET_ID) and is_record_id(each)]
    if not ids:
        return policies
    where = " OR ".join(["Id = {}"] * len(ids))
    found = rows(wire, soql.select("Id, Name", "PermissionSet", where, *ids), TO_SEE_APPS)
    names = {text(each, "Id")[:SHORT]: text(each, "Name") for each in found}
    named = ", ".join(names.get(each[:SHORT]) or each for each in listed if each)
    return replace(policies, elements={**policies.elements, _PERMISSION_SETS: named})


def _read(wire: Wire, kind: str, names: list[str], task: Task) -> list[Component]:
    return [
        part
        for some in batched(names, soap.MOST_NAMES, strict=False)
        for part in soap.read_metadata(wire, kind, some, task)
    ]


def _is_of(part: Component, app: str) -> bool:
    owner = part.full_name if part.type in {APP, CONNECTED_APP} else part.text(_OWNER)
    return owner.lower() == app.lower()


def _connected(wire: Wire, name: str, org_id: str) -> App | None:
    part = _part(wire, CONNECTED_APP, name)
    if part is None:
        return None
    oauth = _oauth(part)
    return App(
        id="",  # nothing needs it
        name=part.full_name,
        kind="connected",
        components={CONNECTED_APP: part},
        consumer_key=oauth.get("consumerKey") or None,
        certificate=_pem(oauth.get("certificate", "")),
        org_id=org_id,
    )


def _oauth(part: Component) -> Mapping[str, str]:
    """Return what is said of OAuth, wherever the type says it."""
    inner = part.elements if part.type == GLOBAL_OAUTH else part.elements.get("oauthConfig")
    return (
        {name: value for name, value in inner.items() if isinstance(value, str)} if isinstance(inner, Mapping) else {}
    )


def _pem(certificate: str) -> str | None:
    """Return a certificate as PEM; a Connected App has it as DER in base64, on one line."""
    if not certificate or certificate.startswith(_PEM[0]):
        return certificate or None
    return "\n".join((_PEM[0], *textwrap.wrap("".join(certificate.split()), 64), _PEM[1], ""))
