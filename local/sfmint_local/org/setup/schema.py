"""The elements of each type: from which API version, of what kind, and what stands where a file leaves one out.

Source: Metadata API Developer Guide v67, the pages of the External Client App types, PermissionSet and ConnectedApp.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sfmint_local.org.setup.components import (
    APP,
    APP_POLICIES,
    CONNECTED_APP,
    GLOBAL_OAUTH,
    OAUTH,
    OAUTH_POLICIES,
    PERMISSION_SET,
    SETTINGS,
)

type Kind = Literal["text", "boolean", "int", "enum"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """An element that a file may have.

    Attributes:
        since: the API version that brought it; before, it is as unknown as any other.
        required: a file without it, or with it empty, is refused.
        default: what the org keeps where it is left out; None keeps nothing.
        repeats: it may stand more than once.
        enum: the enumeration's name, and its values.
    """

    kind: Kind = "text"
    since: int = 59
    required: bool = False
    default: str | None = None
    repeats: bool = False
    enum: tuple[str, frozenset[str]] = ("", frozenset())


def _text(names: str, *, since: int = 59, required: bool = False, repeats: bool = False) -> dict[str, Element]:
    return {name: Element(since=since, required=required, repeats=repeats) for name in names.split()}


def _flags(names: str, *, since: int = 59, default: str = "false") -> dict[str, Element]:
    return {name: Element(kind="boolean", since=since, default=default) for name in names.split()}


def _numbers(names: str, *, since: int = 59) -> dict[str, Element]:
    return {name: Element(kind="int", since=since) for name in names.split()}


def _enum(name: str, enum: str, values: str, *, since: int = 59, default: str | None = None) -> dict[str, Element]:
    return {name: Element(kind="enum", since=since, default=default, enum=(enum, frozenset(values.split())))}


_APP = (
    _text("contactEmail label", required=True)
    | _text("contactPhone description iconUrl infoUrl logoUrl managedType orgScopedExternalApp")
    | _enum("distributionState", "ExtlClntAppDistState", "AutoInstalled Local Managed Packaged", default="Local")
    | _flags("isProtected")
)
_GLOBAL = (
    _text("callbackUrl externalClientApplication", required=True)
    | _text("certificate", since=60)
    | _text("consumerKey consumerSecret label")
    | _text("idTokenConfig.idTokenAudience")
    | _numbers("idTokenConfig.idTokenValidityInMinutes")
    | _flags("idTokenConfig.idTokenIncludeAttributes idTokenConfig.idTokenIncludeStandardClaims")
    | _flags("isConsumerSecretOptional isIntrospectAllTokens isSecretRequiredForRefreshToken")
    | _flags("isPkceRequired shouldRotateConsumerKey shouldRotateConsumerSecret")
    | _flags("isClientCredentialsFlowEnabled isCodeCredFlowEnabled isCodeCredPostOnly isDeviceFlowEnabled", since=60)
    | _flags("isRefreshTokenRotationEnabled isSecretRequiredForTokenExchange isTokenExchangeEnabled", since=60)
    | _flags("isNamedUserJwtEnabled", since=61)
)
_OAUTH = (
    _text("externalClientApplication", required=True)
    | _text("clientAssertionCertificate commaSeparatedOauthScopes label oauthLink singleLogoutUrl")
    | _text("customAttributes.formula customAttributes.key", repeats=True)
    | _text("trustedIpRanges.description trustedIpRanges.endIpAddress trustedIpRanges.startIpAddress", repeats=True)
    | _text("assetTokenAudiences assetTokenSigningCertificate", since=61)
    | _numbers("assetTokenValidity", since=61)
    | _flags("areAttributesIncludedInAssetToken areCustomPermsIncludedInAssetToken", since=61)
    | _flags("isFirstPartyAppEnabled")
)
_OAUTH_POLICIES = (
    _text("externalClientApplication", required=True)
    | _text("commaSeparatedPermissionSet commaSeparatedProfile label singleLogoutUrl startUrl")
    | _text("customAttributes.formula customAttributes.key", repeats=True)
    | _text("clientCredentialsFlowUser", since=60)
    | _text("apexHandler commaSeparatedCustomScopes executeHandlerAs", since=61)
    | _numbers("refreshTokenValidityPeriod sessionTimeoutInMinutes")
    | _numbers("guestJwtTimeout namedUserJwtTimeout", since=61)
    | _flags("isClientCredentialsFlowEnabled isTokenExchangeFlowEnabled", since=60)
    | _flags("isGuestCodeCredFlowEnabled isNamedUserJwtEnabled", since=61)
    | _enum("ipRelaxationPolicyType", "IpRelaxationPolicyType", "Enforce Bypass Bypass_2factor Enforce_RelaxRefresh")
    | _enum(
        "permittedUsersPolicyType",
        "PermittedUsersPolicyType",
        "AdminApprovedPreAuthorized AllSelfAuthorized",
        default="AllSelfAuthorized",
    )
    | _enum("policyAction", "PolicyAction", "Block RaiseSessionLevel")
    | _enum("refreshTokenPolicyType", "RefreshTokenPolicyType", "Infinite SpecificInactivity SpecificLifetime Zero")
    | _enum("refreshTokenValidityUnit", "RefreshTokenValidityUnit", "Days Hours Months")
    | _enum("requiredSessionLevel", "SessionSecurityLevel", "HIGH_ASSURANCE LOW STANDARD")
    | _enum("guestJwtSessionTimeoutType", "JWTSessionTimeoutType", "UserSession Custom", since=65)
    | _enum("namedUserJwtSessionTimeoutType", "JWTSessionTimeoutType", "UserSession Custom", since=65)
)
_APP_POLICIES = (
    _text("externalClientApplication", required=True)
    | {"isEnabled": Element(kind="boolean", since=60, required=True)}
    | _text("label startUrl", since=60)
    | _flags("isOauthPluginEnabled", since=60, default="true")
    | _flags("isMobilePluginEnabled isPushPluginEnabled isSamlPluginEnabled", since=63, default="true")
    | _flags("isCanvasPluginEnabled isNotificationPluginEnabled", since=66, default="true")
    | _enum("startPage", "ExtlClntAppStartPage", "Custom None OAuth", since=60)
)
_PERMISSION_SET = (
    _text("label", since=31, required=True)
    | _text("description license userLicense", since=31)
    | _flags("hasActivationRequired", since=31)
    | _text("userPermissions.enabled userPermissions.name", since=31, repeats=True)
)
_CONNECTED_APP = (
    _text("contactEmail label", since=31, required=True)
    | _text("contactPhone description iconUrl infoUrl logoUrl mobileStartUrl startUrl", since=31)
    | _text("permissionSetName profileName oauthConfig.scopes", since=31, repeats=True)
    | _text("oauthConfig.callbackUrl oauthConfig.certificate oauthConfig.consumerKey", since=31)
    | _text("oauthConfig.consumerSecret oauthPolicy.ipRelaxation oauthPolicy.refreshTokenPolicy", since=31)
    | _flags("oauthConfig.isAdminApproved oauthConfig.isIntrospectAllTokens", since=31)
    | _flags("oauthConfig.isConsumerSecretOptional oauthConfig.isSecretRequiredForRefreshToken", since=31)
    | _flags("oauthConfig.isPkceRequired", since=59)
)
_SETTINGS = {
    name: Element(kind="boolean", since=59)
    for name in (
        "enableClientSecretInRestApiAccess",
        "enableConsumerSecretApiAccess",
        "enablePackageEcaOauthFromDevOrg",
    )
}

SCHEMAS: Mapping[str, Mapping[str, Element]] = {
    APP.name: _APP,
    GLOBAL_OAUTH.name: _GLOBAL,
    OAUTH.name: _OAUTH,
    OAUTH_POLICIES.name: _OAUTH_POLICIES,
    APP_POLICIES.name: _APP_POLICIES,
    PERMISSION_SET.name: _PERMISSION_SET,
    CONNECTED_APP.name: _CONNECTED_APP,
    SETTINGS.name: _SETTINGS,
}
SINCE: Mapping[str, int] = {
    kind: min(element.since for element in elements.values() if element.required or kind == SETTINGS.name)
    for kind, elements in SCHEMAS.items()
} | {APP_POLICIES.name: 60}

# The scopes' words in metadata, and those of a token where they are known.
SCOPES: Mapping[str, str] = {
    "Api": "api",
    "Web": "web",
    "Full": "full",
    "RefreshToken": "refresh_token",
    "OfflineAccess": "offline_access",
    "OpenID": "openid",
    "Basic": "id",
    "Profile": "profile",
    "Email": "email",
    "Address": "address",
    "Phone": "phone",
    "Chatter": "chatter_api",
    "CustomPermissions": "custom_permissions",
    "CustomApplications": "visualforce",
    "Content": "content",
    "Lightning": "lightning",
    "Wave": "wave_api",
    "Eclair": "eclair_api",
    "Pardot": "pardot_api",
    "Interaction": "interaction_api",
    "ForgotPassword": "forgot_password",
    "UserRegistration": "user_registration_api",
    "PwdlessLogin": "pwdless_login_api",
    "EinsteinGPT": "einstein_gpt_api",
    "SFApiPlatform": "sfap_api",
    "SCRT": "scrt_api",
    "Chatbot": "chatbot_api",
    "MCP": "mcp_api",
    "CDP": "cdp_api",
    "CDPQuery": "cdp_query_api",
    "CDPProfile": "cdp_profile_api",
    "CDPIngest": "cdp_ingest_api",
    "CDPSegment": "cdp_segment_api",
    "CDPIdentityResolution": "cdp_identityresolution_api",
    "CDPCalculatedInsight": "cdp_calculated_insight_api",
}
