"""Metadata components: what a deployment brings, and what a read returns.

Source: Metadata API Developer Guide v67, ExternalClientApplication and the types that belong to it, ConnectedApp.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

type Value = str | tuple[Value, ...] | Elements
type Elements = Mapping[str, Value]

APP = "ExternalClientApplication"
GLOBAL_OAUTH = "ExtlClntAppGlobalOauthSettings"
OAUTH = "ExtlClntAppOauthSettings"
OAUTH_POLICIES = "ExtlClntAppOauthConfigurablePolicies"
APP_POLICIES = "ExtlClntAppConfigurablePolicies"
PERMISSION_SET = "PermissionSet"
CONNECTED_APP = "ConnectedApp"
SETTINGS = "ExternalClientAppSettings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the files of a type lie.

    Attributes:
        folder: in a zip, or below `main/default` of a project.
        suffix: of the files, without the dot.
    """

    folder: str
    suffix: str


PLACES: Mapping[str, Place] = {
    APP: Place(folder="externalClientApps", suffix="eca"),
    GLOBAL_OAUTH: Place(folder="extlClntAppGlobalOauthSets", suffix="ecaGlblOauth"),
    OAUTH: Place(folder="extlClntAppOauthSettings", suffix="ecaOauth"),
    OAUTH_POLICIES: Place(folder="extlClntAppOauthPolicies", suffix="ecaOauthPlcy"),
    APP_POLICIES: Place(folder="extlClntAppPolicies", suffix="ecaPlcy"),
    PERMISSION_SET: Place(folder="permissionsets", suffix="permissionset"),
    CONNECTED_APP: Place(folder="connectedApps", suffix="connectedApp"),
    SETTINGS: Place(folder="settings", suffix="settings"),
}
OF_AN_APP = (APP, GLOBAL_OAUTH, OAUTH, OAUTH_POLICIES, APP_POLICIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component; never with a consumer secret.

    Attributes:
        type: the name of its type, which is also the root element's.
        full_name: as package.xml lists it.
        elements: the root's children by name; one that is repeated is a tuple, one with children is a mapping.
    """

    type: str
    full_name: str
    elements: Elements = field(repr=False)  # a certificate is long

    def text(self, element: str) -> str:
        """Return the text of an element that stands once and has no children; left out it is empty."""
        value = self.elements.get(element, "")
        return value if isinstance(value, str) else ""

    def is_true(self, element: str) -> bool:
        """Return whether a boolean element says so."""
        return self.text(element) == "true"

    @property
    def path(self) -> str:
        """Where its file lies in a zip."""
        place = PLACES[self.type]
        return f"{place.folder}/{self.full_name}.{place.suffix}"
