"""Metadata components: what a deployment brings and a read returns.

Source: Metadata API Developer Guide v67, ExternalClientApplication and the types that belong to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

type Elements = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentType:
    """A type of the Metadata API.

    Attributes:
        name: the type's, which is also the root element's.
        folder: in a zip.
        suffix: of its files, without the dot.
        key_prefix: the first three characters of its records' ids.
    """

    name: str
    folder: str
    suffix: str
    key_prefix: str


APP = ComponentType(name="ExternalClientApplication", folder="externalClientApps", suffix="eca", key_prefix="0xI")
GLOBAL_OAUTH = ComponentType(
    name="ExtlClntAppGlobalOauthSettings",
    folder="extlClntAppGlobalOauthSets",
    suffix="ecaGlblOauth",
    key_prefix="0xG",
)
OAUTH = ComponentType(
    name="ExtlClntAppOauthSettings", folder="extlClntAppOauthSettings", suffix="ecaOauth", key_prefix="0xO"
)
OAUTH_POLICIES = ComponentType(
    name="ExtlClntAppOauthConfigurablePolicies",
    folder="extlClntAppOauthPolicies",
    suffix="ecaOauthPlcy",
    key_prefix="0xP",
)
APP_POLICIES = ComponentType(
    name="ExtlClntAppConfigurablePolicies", folder="extlClntAppPolicies", suffix="ecaPlcy", key_prefix="0xC"
)
PERMISSION_SET = ComponentType(name="PermissionSet", folder="permissionsets", suffix="permissionset", key_prefix="0PS")
CONNECTED_APP = ComponentType(name="ConnectedApp", folder="connectedApps", suffix="connectedApp", key_prefix="0H4")
SETTINGS = ComponentType(name="ExternalClientAppSettings", folder="settings", suffix="settings", key_prefix="")

TYPES = {
    kind.name: kind
    for kind in (
        APP,
        GLOBAL_OAUTH,
        OAUTH,
        OAUTH_POLICIES,
        APP_POLICIES,
        PERMISSION_SET,
        CONNECTED_APP,
        SETTINGS,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component.

    Attributes:
        type: the name of its type.
        full_name: as package.xml lists it.
        elements: the root's children by name, text as it stands; a repeated element is a tuple.
    """

    type: str
    full_name: str
    elements: Elements

    def text(self, element: str, default: str = "") -> str:
        """Return the text of an element that stands once."""
        value = self.elements.get(element, default)
        return value if isinstance(value, str) else value[-1]

    def with_element(self, element: str, text: str) -> "Component":
        """Return the component with another text in an element; an empty one takes the element away."""
        others = {name: value for name, value in self.elements.items() if name != element}
        return replace(self, elements=others | ({element: text} if text else {}))

    def is_true(self, element: str) -> bool:
        """Return whether a boolean element says true; left out it is false."""
        return self.text(element) == "true"

    @property
    def app(self) -> str:
        """The app that it belongs to: itself, or the one that it names."""
        return self.full_name if self.type == APP.name else self.text("externalClientApplication")


def component_from_json(body: object) -> Component:
    """Read a component as ``dataclasses.asdict`` and JSON have written it.

    Raises:
        ValueError: it is none.
    """
    match body:
        case {"type": str(kind), "full_name": str(full_name), "elements": dict(elements)} if kind in TYPES:
            read = {name: tuple(text) if isinstance(text, list) else text for name, text in elements.items()}
            return Component(type=kind, full_name=full_name, elements=read)
    raise ValueError(f"Give type, full_name and elements. Types are {', '.join(TYPES)}.")
