"""An External Client App for JWT bearer logins as components: made new, or what is there with the wanted elements changed.

Source: Metadata API Developer Guide v67, ExtlClntAppGlobalOauthSettings and its neighbours: an element that is left out of a
redeployment falls back to its default, and a certificate is cleared. So whatever is there is stated again.
"""

from dataclasses import dataclass, field, replace

from sfmint_setup.component import (
    APP,
    APP_POLICIES,
    GLOBAL_OAUTH,
    OAUTH,
    OAUTH_POLICIES,
    PERMISSION_SET,
    Component,
    Elements,
    Value,
)
from sfmint_setup.records import App

CALLBACK = "https://localhost/unused"  # no browser ever comes to it, but an app has to have one
SCOPES = ("Api", "RefreshToken")  # without the second the token endpoint refuses every login
_SCOPE = "orgScopedExternalApp"
TIMEOUT = "sessionTimeoutInMinutes"
# Made by the org, which may refuse it in a file; it keeps what a redeployment leaves out here.
_OF_THE_ORG = frozenset({"fullName", "consumerKey", "consumerSecret"})
_LISTS = frozenset({"commaSeparatedOauthScopes", "commaSeparatedPermissionSet"})
_SUFFIXES = {APP: "", GLOBAL_OAUTH: "_global", OAUTH: "_oauth", OAUTH_POLICIES: "_oauthPlcy", APP_POLICIES: "_plcy"}
LONGEST_LABEL = 80  # characters
_MINUTE_S = 60
SHORTEST_TIMEOUT_MIN, LONGEST_TIMEOUT_MIN = 15, 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class AppPlan:
    """What a connection needs of its app.

    Attributes:
        name: of the app; see `app_name`.
        label: as Setup shows it.
        contact_email: whom Salesforce writes to about the app.
        certificate: PEM, exactly one.
        token_lifetime_s: the session time-out.
    """

    name: str
    label: str
    contact_email: str
    certificate: str = field(repr=False)
    token_lifetime_s: int

    @property
    def permission_set(self) -> str:
        """The API name of the permission set whose holders may log in."""
        return f"{self.name}_access"

    @property
    def timeout_min(self) -> int:
        """The session time-out in minutes."""
        return timeout_min(self.token_lifetime_s)


def app_name(connection: str) -> str:
    """Return the app's name for a connection: letters, digits and single underscores, a letter first.

    Source: Metadata API Developer Guide, "Metadata" (`fullName`).
    """
    words = "_".join(word for word in connection.replace("-", "_").split("_") if word)
    return words if words[:1].isalpha() else f"c_{words}"


def timeout_min(lifetime_s: int) -> int:
    """Return the session time-out of tokens in whole minutes: never shorter than they are taken to live, where an app may have it.

    Source: Salesforce Help, "Modify Session Security Settings" (15 minutes to 24 hours).
    """
    return min(max(SHORTEST_TIMEOUT_MIN, -(-lifetime_s // _MINUTE_S)), LONGEST_TIMEOUT_MIN)


def components_of(plan: AppPlan, existing: App | None = None) -> tuple[Component, ...]:
    """Return all that has to be deployed: the app, its settings, its policies, and the permission set.

    Args:
        plan: what is wanted.
        existing: what the org has of that app: its components keep their names, and whatever the plan says nothing of.
    """
    parts = existing.components if existing is not None else {}
    made = [_component(kind, plan, parts.get(kind)) for kind in _SUFFIXES]
    if existing is not None and existing.org_id:
        # Some orgs want to know it of an app that is there already, and all refuse it of a new one.
        scope = {_SCOPE: f"{existing.org_id}:{existing.name}"}
        made = [replace(each, elements={**each.elements, **scope}) if each.type == APP else each for each in made]
    return (*made, permission_set_of(plan))


def permission_set_of(plan: AppPlan, *, label: str | None = None) -> Component:
    """Return the empty permission set that opens the app.

    Args:
        plan: of the app.
        label: None: the app's with a word more. A Connected App may name the permission set by name or by label, which
            nobody knows for certain, so for that both are the same.
    """
    elements = {
        "description": f"May log in by the app {plan.label}; made by sfmint.",
        "hasActivationRequired": "false",
        "label": label or label_of(plan, "access"),
    }
    return Component(type=PERMISSION_SET, full_name=plan.permission_set, elements=elements)


def with_certificate(component: Component, certificate: str) -> Component:
    """Return the global settings of an app with another certificate, and all else as it is.

    Args:
        component: as the org has it.
        certificate: PEM, exactly one.
    """
    return replace(component, elements={**_restated(component), "certificate": certificate})


def without_timeout(components: tuple[Component, ...]) -> tuple[Component, ...]:
    """Return the same without the session time-out: some orgs refuse it."""
    return tuple(
        replace(each, elements={name: value for name, value in each.elements.items() if name != TIMEOUT})
        for each in components
    )


def label_of(plan: AppPlan, word: str) -> str:
    """Return the label of what belongs to an app: the app's and a word, no longer than Setup takes."""
    return f"{plan.label[: LONGEST_LABEL - len(word) - 1].rstrip()} {word}"


def _component(kind: str, plan: AppPlan, there: Component | None) -> Component:
    """Return one component: what is wanted wins, then what is there, then what a new one says."""
    name = f"{plan.name}{_SUFFIXES[kind]}"
    wanted = {**_wanted(kind, plan), **({} if kind == APP else {"externalClientApplication": plan.name})}
    if there is None:
        return Component(type=kind, full_name=name, elements={**_new(kind, plan), **wanted})
    kept = _restated(there)
    joined = {name: _joined(there.text(name), wanted[name]) for name in _LISTS & wanted.keys()}
    return replace(there, elements={**_new(kind, plan), **kept, **wanted, **joined})


def _restated(component: Component) -> dict[str, Value]:
    return {name: value for name, value in component.elements.items() if name not in _OF_THE_ORG}


def _joined(there: str, wanted: str) -> str:
    """Return a list of names with commas in which those that are there stand first, and none twice."""
    names = (name.strip() for name in f"{there},{wanted}".split(","))
    return ", ".join(dict.fromkeys(name for name in names if name))


def _wanted(kind: str, plan: AppPlan) -> dict[str, str]:
    """Return what has to be so for a login, also where the app is there already."""
    of_kind: dict[str, dict[str, str]] = {
        # A rotated consumer key would break every caller.
        GLOBAL_OAUTH: {
            "certificate": plan.certificate,
            "shouldRotateConsumerKey": "false",
            "shouldRotateConsumerSecret": "false",
        },
        OAUTH: {"commaSeparatedOauthScopes": ", ".join(SCOPES)},
        OAUTH_POLICIES: {
            "commaSeparatedPermissionSet": plan.permission_set,
            "permittedUsersPolicyType": "AdminApprovedPreAuthorized",
            TIMEOUT: str(plan.timeout_min),
        },
        APP_POLICIES: {"isEnabled": "true", "isOauthPluginEnabled": "true"},
    }
    return of_kind.get(kind, {})


def _new(kind: str, plan: AppPlan) -> Elements:
    """Return what a component says beside that, where the org has said nothing yet: every boolean, for a default may change."""
    of_kind: dict[str, Elements] = {
        APP: {
            "contactEmail": plan.contact_email,
            "description": "Logs in with a key of sfmint (JWT bearer flow).",
            "distributionState": "Local",
            "isProtected": "false",
            "label": plan.label,
        },
        GLOBAL_OAUTH: {
            "callbackUrl": CALLBACK,
            "isConsumerSecretOptional": "false",
            "isIntrospectAllTokens": "false",
            "isPkceRequired": "true",
            "isSecretRequiredForRefreshToken": "true",
            "label": label_of(plan, "global"),
        },
        OAUTH: {"label": label_of(plan, "oauth")},
        OAUTH_POLICIES: {
            "ipRelaxationPolicyType": "Enforce",
            "label": label_of(plan, "policies"),
            "refreshTokenPolicyType": "Zero",
        },
        APP_POLICIES: {"label": label_of(plan, "plugin"), "startPage": "None"},
    }
    return of_kind[kind]
