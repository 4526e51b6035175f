"""What a deployment of a component is refused for, when its file is well formed.

Each rule looks at a component and at the org as it is by then, and returns the problem, if it sees one.

Source: Metadata API Developer Guide, External Client Apps; deployments that people have recorded.
"""

import re
from collections.abc import Callable, Mapping

from sfmint_local.org.certificate import verification_key
from sfmint_local.org.identifiers import ORG_ID
from sfmint_local.org.setup.components import (
    APP,
    APP_POLICIES,
    CONNECTED_APP,
    GLOBAL_OAUTH,
    OAUTH,
    OAUTH_POLICIES,
    PERMISSION_SET,
    Component,
)
from sfmint_local.org.setup.connected_app import certificate_pem
from sfmint_local.org.setup.draft import Draft
from sfmint_local.org.setup.licences import set_licence
from sfmint_local.org.setup.schema import SCOPES
from sfmint_local.org.values import PROFILES

type Rule = Callable[[Component, Draft], str | None]

_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9]){0,79}", re.ASCII)
_LONGEST_NAME = 80
_PLUGIN = "Invalid plugin settings"
_SESSION_MINUTES = range(15, 24 * 60 + 1)
_JWT_MINUTES = frozenset({1, 5, 10, 15, 30, 60, 90, 120, 240, 480, 720})
_CREDENTIAL = re.compile(r"[A-Za-z0-9._]{8,256}", re.ASCII)
_ONE_PEM = re.compile(r"\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*")


def problem_of(component: Component, draft: Draft) -> str | None:
    """Return the first problem that the org sees with a component; None: it takes it."""
    rules = (_name_is_one, *_RULES.get(component.type, ()))
    return next((problem for rule in rules if (problem := rule(component, draft))), None)


def listed(text: str) -> list[str]:
    """Split a comma-separated list."""
    return [part for piece in text.split(",") if (part := piece.strip())]


def _name_is_one(part: Component, _draft: Draft) -> str | None:
    if _NAME.fullmatch(part.full_name) and len(part.full_name) <= _LONGEST_NAME:
        return None
    return (
        "The name can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, "
        "not include spaces, not end with an underscore, and not contain two consecutive underscores."
    )


def _app_is_there(part: Component, draft: Draft) -> str | None:
    if draft.find(APP.name, part.app):
        return None
    return f"no ExternalClientApplication named {part.app[:_LONGEST_NAME]} found"


def _is_the_only_one(part: Component, draft: Draft) -> str | None:
    there = draft.find(part.type, part.full_name)
    if there and there.app != part.app:
        return "The external client app of a component can't be changed."
    other = next((one for one in draft.all(part.type) if one.app == part.app and one.full_name != part.full_name), None)
    if other is None:
        return None
    return f"duplicate value found: ExternalClientApplicationId duplicates value on {other.full_name}"


def _no_connected_app_has_the_name(part: Component, draft: Draft) -> str | None:
    if draft.find(CONNECTED_APP.name, part.full_name):
        return f"duplicate value found: DeveloperName duplicates value on {part.full_name}"
    return None


def _is_of_this_org(part: Component, draft: Draft) -> str | None:
    said = part.text("orgScopedExternalApp")
    if draft.find(APP.name, part.full_name) is None:
        return "orgScopedExternalApp can't be specified for a new external client app." if said else None
    if not said:
        missing = "orgScopedExternalApp is required for an external client app that exists."
        return missing if draft.differences.wants_org_scope else None
    own = {f"{ORG_ID}:{part.full_name}", f"{ORG_ID[:15]}:{part.full_name}"}
    return None if said in own else "orgScopedExternalApp names another org or another external client app."


def _oauth_settings_are_there(part: Component, draft: Draft) -> str | None:
    if draft.of_app(OAUTH.name, part.app):
        return None
    return f"The external client app {part.app} doesn't have a valid OAuth settings configuration."


def _certificate_is_taken(part: Component, _draft: Draft) -> str | None:
    pem = part.text("certificate")
    return _certificate_problem(pem) if pem else None


def _certificate_problem(pem: str) -> str | None:
    if len(pem.encode()) < 4096 and not _ONE_PEM.fullmatch(pem):
        return "The certificate must be exactly one certificate in PEM form, with its header and footer."
    try:
        verification_key(pem)
    except ValueError as error:
        return str(error)
    return None


def _credentials_are_taken(part: Component, draft: Draft) -> str | None:
    there = draft.find(part.type, part.full_name)
    group = "oauthConfig." if part.type == CONNECTED_APP.name else ""
    for name in ("consumerKey", "consumerSecret"):
        said = part.text(group + name)
        if not said or (there and there.text(group + name) == said):
            continue
        if there or not draft.differences.takes_consumer_key:
            return "The consumer key and secret can't be specified. Salesforce generates them."
        if not _CREDENTIAL.fullmatch(said):
            return "The consumer key and secret must have 8 to 256 letters, digits, dots and underscores."
        if name == "consumerKey" and said in draft.consumer_keys():
            return "duplicate value found: ConsumerKey duplicates value on another app"
    return None


def _scopes_are_known(part: Component, _draft: Draft) -> str | None:
    scopes = listed(part.text("commaSeparatedOauthScopes"))
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        return f"There's a problem with your scope(s): {', '.join(unknown)[:_LONGEST_NAME]}"
    if not set(scopes) - {"RefreshToken", "OfflineAccess"}:
        return f"There's a problem with your scope(s): {', '.join(scopes) or 'none'}"
    return None


def _link_is_of_this_org(part: Component, draft: Draft) -> str | None:
    said, there = part.text("oauthLink"), draft.find(part.type, part.full_name)
    if not said or (there and there.text("oauthLink") == said):
        return None
    return "oauthLink belongs to another org or another external client app."


def _timeout_is_taken(part: Component, draft: Draft) -> str | None:
    said = part.text("sessionTimeoutInMinutes")
    if said and not (draft.differences.takes_session_timeout and int(said) in _SESSION_MINUTES):
        return _PLUGIN
    return None


def _jwt_settings_fit(part: Component, draft: Draft) -> str | None:
    timeout, kind = part.text("namedUserJwtTimeout"), part.text("namedUserJwtSessionTimeoutType")
    settings = draft.of_app(GLOBAL_OAUTH.name, part.app)
    said = timeout or kind or part.is_true("isNamedUserJwtEnabled")
    if said and not (settings and settings.is_true("isNamedUserJwtEnabled")):
        return _PLUGIN
    if timeout and (int(timeout) not in _JWT_MINUTES or kind == "UserSession"):
        return _PLUGIN
    return _PLUGIN if kind == "Custom" and not timeout else None


def _permission_sets_can_carry_it(part: Component, draft: Draft) -> str | None:
    for name in listed(part.text("commaSeparatedPermissionSet")):
        found = draft.named_by(PERMISSION_SET.name, name)
        if found is None:
            return f"no PermissionSet named {name[:_LONGEST_NAME]} found"
        if set_licence(found):
            return (
                f"The permission set {found.full_name} can't be used: its license doesn't allow external client apps."
            )
    return None


def _profiles_are_there(part: Component, _draft: Draft) -> str | None:
    unknown = [name for name in listed(part.text("commaSeparatedProfile")) if name not in PROFILES]
    return f"no Profile named {unknown[0][:_LONGEST_NAME]} found" if unknown else None


def _is_an_edit(part: Component, draft: Draft) -> str | None:
    if draft.find(CONNECTED_APP.name, part.full_name):
        return None
    if draft.find(APP.name, part.full_name):
        return f"duplicate value found: DeveloperName duplicates value on {part.full_name}"
    if draft.differences.creates_connected_apps:
        return None
    return "You can't create a connected app. To enable connected app creation, contact Salesforce Customer Support."


def _connected_certificate_is_taken(part: Component, _draft: Draft) -> str | None:
    text = part.text("oauthConfig.certificate")
    if not text:
        return None
    if "-----" in text:
        return "The certificate must be base64 without header and footer."
    return _certificate_problem(certificate_pem(text))


def _connected_scopes_are_known(part: Component, _draft: Draft) -> str | None:
    scopes = part.elements.get("oauthConfig.scopes", ())
    unknown = [scope for scope in scopes if scope not in SCOPES]
    return f"There's a problem with your scope(s): {', '.join(unknown)[:_LONGEST_NAME]}" if unknown else None


_RULES: Mapping[str, tuple[Rule, ...]] = {
    APP.name: (_no_connected_app_has_the_name, _is_of_this_org),
    GLOBAL_OAUTH.name: (
        _app_is_there,
        _is_the_only_one,
        _oauth_settings_are_there,
        _certificate_is_taken,
        _credentials_are_taken,
    ),
    OAUTH.name: (_app_is_there, _is_the_only_one, _scopes_are_known, _link_is_of_this_org),
    OAUTH_POLICIES.name: (
        _app_is_there,
        _is_the_only_one,
        _oauth_settings_are_there,
        _permission_sets_can_carry_it,
        _profiles_are_there,
        _timeout_is_taken,
        _jwt_settings_fit,
    ),
    APP_POLICIES.name: (_app_is_there, _is_the_only_one),
    CONNECTED_APP.name: (
        _is_an_edit,
        _connected_certificate_is_taken,
        _credentials_are_taken,
        _connected_scopes_are_known,
    ),
}
