"""The objects of External Client Apps for queries. They are read here and changed by deployments alone.

Source: Object Reference, ExternalClientApplication, ExtlClntAppOauthSettings and ExtlClntAppOauthPlcyCnfg.
"""

from collections.abc import Callable, Iterable

from sfmint_local.org.identifiers import ORG_ID
from sfmint_local.org.setup.components import APP, OAUTH, OAUTH_POLICIES, Component
from sfmint_local.org.setup.schema import SCOPES
from sfmint_local.org.setup.state import Setup
from sfmint_local.org.tables import Relation, Row, Table

_APP = {"ExternalClientApplication": Relation(key="ExternalClientApplicationId", to=APP.name)}
_NAMES = {"Id": "id", "DeveloperName": "string", "MasterLabel": "string", "Language": "string", "IsDeleted": "boolean"}
_OF_APP = _NAMES | {"ExternalClientApplicationId": "id"}
# A scope of the metadata, and the ending of its field.
_SCOPES = {scope: word.upper() for scope, word in SCOPES.items()}


def app_tables(setup: Setup) -> Iterable[Table]:
    """Return the objects."""
    yield Table(
        name=APP.name,
        fields=_NAMES
        | dict.fromkeys(
            ("Description", "ContactEmail", "DistributionState", "NamespacePrefix", "OrgScopedExternalApp"), "string"
        ),
        rows=_rows(setup, APP.name, _app),
    )
    yield Table(
        name="ExtlClntAppOauthSettings",
        fields=_OF_APP | {"OauthLink": "string"} | {f"OauthScopes{scope}": "boolean" for scope in _SCOPES.values()},
        rows=_rows(setup, OAUTH.name, _oauth),
        relations=_APP,
    )
    yield Table(
        name="ExtlClntAppOauthPlcyCnfg",
        fields=_OF_APP
        | dict.fromkeys(("PermittedUsersPolicyType", "IpRelaxationPolicyType", "RefreshTokenPolicyType"), "string")
        | {"SessionTimeoutInMinutes": "number", "RequiredSessionLevel": "string"},
        rows=_rows(setup, OAUTH_POLICIES.name, _policies),
        relations=_APP,
    )


def consumer_id(setup: Setup, app: Component) -> str:
    """Return the id of an app's one consumer: what ``OauthLink`` and ``apps/oauth`` call it."""
    return setup.id_of(app).replace(APP.key_prefix, "888", 1)


def _rows(setup: Setup, kind: str, row: Callable[[Setup, Component], Row]) -> Callable[[], list[Row]]:
    return lambda: [_names(setup, part) | row(setup, part) for part in setup.components(kind)]


def _names(setup: Setup, part: Component) -> Row:
    return {
        "Id": setup.id_of(part),
        "DeveloperName": part.full_name,
        "MasterLabel": part.text("label") or part.full_name,
        "Language": "en_US",
        "IsDeleted": False,
    }


def _app(_setup: Setup, part: Component) -> Row:
    return {
        "Description": part.text("description") or None,
        "ContactEmail": part.text("contactEmail") or None,
        "DistributionState": part.text("distributionState", "Local"),
        "NamespacePrefix": None,
        "OrgScopedExternalApp": part.text("orgScopedExternalApp") or f"{ORG_ID}:{part.full_name}",
    }


def _of_app(setup: Setup, part: Component) -> Row:
    app = setup.find(APP.name, part.app)
    return {"ExternalClientApplicationId": setup.id_of(app) if app else None}


def _oauth(setup: Setup, part: Component) -> Row:
    given = {scope.strip() for scope in part.text("commaSeparatedOauthScopes").split(",")}
    return (
        _of_app(setup, part)
        | {"OauthLink": part.text("oauthLink") or None}
        | {f"OauthScopes{ending}": scope in given for scope, ending in _SCOPES.items()}
    )


def _policies(setup: Setup, part: Component) -> Row:
    minutes = part.text("sessionTimeoutInMinutes")
    return _of_app(setup, part) | {
        "PermittedUsersPolicyType": part.text("permittedUsersPolicyType", "AllSelfAuthorized"),
        "IpRelaxationPolicyType": part.text("ipRelaxationPolicyType", "Enforce"),
        "RefreshTokenPolicyType": part.text("refreshTokenPolicyType") or None,
        "SessionTimeoutInMinutes": int(minutes) if minutes.isdigit() else None,
        "RequiredSessionLevel": part.text("requiredSessionLevel") or None,
    }
