"""What the org keeps of a component that it takes: its elements, the defaults, and what the org itself adds.

Source: Metadata API Developer Guide, External Client Apps. A file replaces a component whole, so what it leaves out, a
certificate too, is gone; only settings of the org are changed one by one.
"""

from dataclasses import replace

from sfmint_local.org.identifiers import ORG_ID, new_consumer_key, word
from sfmint_local.org.setup.components import (
    APP,
    APP_POLICIES,
    CONNECTED_APP,
    GLOBAL_OAUTH,
    OAUTH,
    OAUTH_POLICIES,
    SETTINGS,
    Component,
    Elements,
)
from sfmint_local.org.setup.draft import Draft
from sfmint_local.org.setup.schema import SCHEMAS


def kept(component: Component, draft: Draft) -> Component:
    """Return a component as a read will show it."""
    there = draft.find(component.type, component.full_name)
    if component.type == SETTINGS.name:
        return replace(component, elements={**(there.elements if there else {}), **component.elements})
    elements = {name: value for name, value in component.elements.items() if value}
    return replace(component, elements={**_defaults(component.type), **elements, **_added(component, there)})


def default_policies(draft: Draft, deployed: list[Component]) -> list[Component]:
    """Return the policies that the org makes for OAuth settings that were deployed and have none."""
    made = []
    for settings in deployed:
        if settings.type == OAUTH.name and draft.differences.makes_default_policies:
            app = settings.app
            if draft.of_app(OAUTH_POLICIES.name, app) is None:
                made.append(_default(OAUTH_POLICIES.name, settings.full_name, app))
            if draft.of_app(APP_POLICIES.name, app) is None:
                made.append(_default(APP_POLICIES.name, app, app))
    return made


def _default(kind: str, owner: str, app: str) -> Component:
    name = f"{owner}_defaultPolicy"
    elements = {"externalClientApplication": app, "label": name}
    if kind == APP_POLICIES.name:
        elements["isEnabled"] = "true"
    return Component(type=kind, full_name=name, elements=_defaults(kind) | elements)


def _defaults(kind: str) -> dict[str, str]:
    return {
        name: element.default
        for name, element in SCHEMAS[kind].items()
        if element.default is not None and "." not in name
    }


def _added(component: Component, there: Component | None) -> Elements:
    if component.type == APP.name:
        return {"orgScopedExternalApp": f"{ORG_ID}:{component.full_name}"}
    if component.type == OAUTH.name:
        return {"oauthLink": there.text("oauthLink") if there else f"{ORG_ID}:{word(12)}"}
    if component.type == GLOBAL_OAUTH.name:
        turned_off = {"shouldRotateConsumerKey": "false", "shouldRotateConsumerSecret": "false"}
        key = _credential(component, there, "consumerKey", "shouldRotateConsumerKey")
        secret = _credential(component, there, "consumerSecret", "shouldRotateConsumerSecret")
        return {"consumerKey": key, "consumerSecret": secret, "isPkceRequired": "true"} | turned_off
    if component.type == CONNECTED_APP.name:
        name = "oauthConfig.consumerKey"
        return {name: component.text(name) or (there.text(name) if there else new_consumer_key())}
    return {}


def _credential(component: Component, there: Component | None, name: str, rotates: str) -> str:
    """Return the consumer key or secret: supplied, as it was, or drawn."""
    drawn = new_consumer_key() if name == "consumerKey" else word(48)
    if component.is_true(rotates):
        return drawn
    return component.text(name) or (there.text(name) if there else drawn)
