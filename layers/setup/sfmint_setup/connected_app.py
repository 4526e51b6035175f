"""A Connected App of an old org, changed: making new ones has ended with Spring '26, editing has not.

Source: Metadata API Developer Guide v67, ConnectedApp.
"""

from collections.abc import Mapping
from dataclasses import replace

from sfmint_setup.app_files import CALLBACK, SCOPES, AppPlan, permission_set_of
from sfmint_setup.component import CONNECTED_APP, Component, Value

_OF_THE_ORG = frozenset({"consumerKey", "consumerSecret"})
_PEM_LINES = "-----"


def changed(component: Component, plan: AppPlan) -> tuple[Component, ...]:
    """Return a Connected App as a connection needs it, with all else as it is, and the permission set that opens it.

    Args:
        component: as the org has it.
        plan: what is wanted.
    """
    renewed = with_other_certificate(component, plan.certificate)
    oauth: dict[str, Value] = {**_inner(renewed, "oauthConfig"), "isAdminApproved": "true"}
    oauth["scopes"] = tuple(dict.fromkeys((*_listed(oauth.get("scopes")), *SCOPES)))
    sets = tuple(dict.fromkeys((*_listed(component.elements.get("permissionSetName")), plan.permission_set)))
    elements = {**component.elements, "oauthConfig": oauth, "permissionSetName": sets}
    return replace(component, elements=elements), permission_set_of(plan, label=plan.permission_set)


def with_other_certificate(component: Component, certificate: str) -> Component:
    """Return a Connected App with another certificate, and all else as it is.

    Args:
        component: as the org has it.
        certificate: PEM, exactly one.
    """
    kept = {name: value for name, value in _inner(component, "oauthConfig").items() if name not in _OF_THE_ORG}
    oauth: dict[str, Value] = {**kept, "certificate": one_line(certificate)}
    return replace(component, elements={**component.elements, "oauthConfig": oauth})


def bare(plan: AppPlan) -> Component:
    """Return a Connected App that says what a login needs and nothing else; deployed, it replaces what the org has."""
    return Component(
        type=CONNECTED_APP,
        full_name=plan.name,
        elements={
            "contactEmail": plan.contact_email,
            "label": plan.label,
            "oauthConfig": {"callbackUrl": CALLBACK},
            "oauthPolicy": {"ipRelaxation": "ENFORCE", "refreshTokenPolicy": "zero"},
        },
    )


def one_line(certificate: str) -> str:
    """Return a certificate as a Connected App wants it: DER in base64, on one line."""
    return "".join(line.strip() for line in certificate.splitlines() if not line.startswith(_PEM_LINES))


def _inner(component: Component, name: str) -> Mapping[str, Value]:
    value = component.elements.get(name)
    return value if isinstance(value, Mapping) else {}


def _listed(value: Value | None) -> tuple[str, ...]:
    values = value if isinstance(value, tuple) else (value,)
    return tuple(each for each in values if isinstance(each, str) and each)
