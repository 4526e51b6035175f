"""What Salesforce refuses for the sake of the session, the user, the app or the org: a new token does not help."""

from functools import partial

from sfmint_client.errors import SalesforceForbidden
from sfmint_client.rest.refusals.meaning import Meaning, codes

_forbidden = partial(Meaning, error=SalesforceForbidden)

ACCESS = (
    _forbidden(
        codes=("INVALID_SESSION_ID",),
        words=("not valid for use with",),
        cause="The session is alive, but may not use the API.",
        remedy="A new token does not help: give the app the scope api (web alone is not enough), and look at API Access"
        " Control in Setup, and at the session level that the user's profile wants.",
    ),
    _forbidden(
        codes=codes("INVALID_SESSION_ID InvalidSessionId INVALID_ACCESS_TOKEN"),
        cause="Salesforce refuses the token.",
        remedy="A fresh token is refused too, so the token is not at fault: look at the IP restrictions of the user's"
        " profile, at the session settings, at whether the user is frozen or inactive, and for whatever logs this user"
        " out.",
    ),
    _forbidden(
        statuses=(401, 403),
        words=("bad_oauth_token", "missing_oauth_token", "wrong_org"),
        cause="The identity service does not take the token.",
        remedy="The token is no longer good there: flush the connection, or probe with /services/data/ instead.",
    ),
    _forbidden(
        codes=("INVALID_OPERATION_WITH_EXPIRED_PASSWORD",),
        cause="The password of the connection's user has expired, and until it is changed Salesforce refuses the user's"
        " requests.",
        remedy="Give the user the permission API Only User or Password Never Expires, or set a new password once.",
    ),
    _forbidden(
        codes=codes("PASSWORD_LOCKOUT INVALID_USERID InvalidUser CANNOT_PASSWORD_LOCKOUT"),
        cause="The connection's user is locked, frozen or inactive.",
        remedy="Unlock, unfreeze or activate the user in Setup; the Login History says since when.",
    ),
    _forbidden(
        codes=codes("LOGIN_DURING_RESTRICTED_DOMAIN LOGIN_DURING_RESTRICTED_TIME"),
        cause="The user's profile does not allow requests from this address, or at this hour.",
        remedy="Add the addresses of the function's way out to the profile's login IP ranges, or widen its login hours.",
    ),
    _forbidden(
        codes=codes("LOGIN_CHALLENGE_ISSUED LOGIN_CHALLENGE_PENDING TXN_SECURITY_TWO_FA_REQUIRED"),
        cause="Salesforce wants a proof that the user is who they say, which no program can give.",
        remedy="Trust the addresses of the function's way out (Network Access), or exempt the user from the policy.",
    ),
    _forbidden(
        codes=codes("TXN_SECURITY_END_A_SESSION TXN_SECURITY_NO_ACCESS TXN_SECURITY_FAIL_CLOSE"),
        cause="A transaction security policy of the org refuses the request.",
        remedy="Look in Setup at the Transaction Security Policies, and exempt the connection's user.",
    ),
    _forbidden(
        codes=codes("INVALID_LOGIN LOGIN_MUST_USE_SECURITY_TOKEN INVALID_NEW_PASSWORD INVALID_OLD_PASSWORD"),
        cause="Salesforce refuses a login with user name and password, which is none of sfmint's.",
        remedy="Log in with a key: sfmint connection add.",
    ),
    _forbidden(
        codes=codes("INVALID_AUTH_HEADER NO_ACCESS_TOKEN"),
        cause="The request carries no Authorization header that Salesforce understands.",
        remedy="Look at proxies on the way that change headers; else look at the app's scopes and policies.",
    ),
    _forbidden(
        codes=("MUTUAL_AUTHENTICATION_FAILED",),
        cause="The org wants a client certificate for requests of this user.",
        remedy="Take the permission Enforce SSL/TLS Mutual Authentication from the connection's user.",
    ),
    _forbidden(
        codes=codes("CLIENT_NOT_ACCESSIBLE_FOR_USER CLIENT_REQUIRE_UPDATE_FOR_USER UNSUPPORTED_CLIENT INVALID_CLIENT"),
        cause="The org does not let this user use this kind of client.",
        remedy="Look at the app's policies and at API Access Control in Setup.",
    ),
    _forbidden(
        codes=("API_DISABLED_FOR_ORG",),
        cause="The user lacks the permission API Enabled, or the org's edition has no API.",
        remedy="Give the connection's user the permission API Enabled; the org's edition must include the API.",
    ),
    _forbidden(
        codes=codes("ORG_LOCKED TRIAL_EXPIRED ORG_IS_DOT_ORG"),
        cause="The org is locked, or its trial is over.",
        remedy="Ask Salesforce's support to unlock the org.",
    ),
    _forbidden(
        codes=("ORG_NOT_OWNED_BY_INSTANCE",),
        cause="The org lives on another server than the one that was asked.",
        remedy="Flush the connection's token: the next one names the org's host.",
    ),
    _forbidden(
        codes=codes("INVALID_SSO_GATEWAY_URL AUTH_PROVIDER_NEEDS_AUTH AUTH_PROVIDER_NOT_FOUND NO_AUTH_PROVIDER"),
        cause="The org's single sign-on or an authentication provider in it is not set up as the request needs it.",
        remedy="Look in Setup at the provider that the message names.",
    ),
    _forbidden(
        codes=codes("TERMS_OF_SERVICE_UNREAD COMMUNITY_NOT_ACCESSIBLE PORTAL_NO_ACCESS INACTIVE_PORTAL"),
        cause="The user may not use this site, or has not accepted its terms.",
        remedy="Make the user a member of the site, and have the site active.",
    ),
    _forbidden(
        codes=codes(
            "INSUFFICIENT_ACCESS_OR_READONLY INSUFFICIENT_ACCESS INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
            " INSUFFICIENT_ACCESS_TO_INSIGHTSEXTERNALDATA INSUFFICIENT_ACCESS_APEX_METADATA_DEPLOY TRANSFER_REQUIRES_READ"
            " FIELD_NOT_UPDATABLE APEX_DATA_ACCESS_RESTRICTION DELETE_NOT_ALLOWED INVALID_READ_ONLY_USER_DML"
            " OP_WITH_INVALID_USER_TYPE_EXCEPTION LIGHT_PORTAL_USER_EXCEPTION NO_ATTACHMENT_PERMISSION"
            " NO_MASS_MAIL_PERMISSION NO_PARTNER_PERMISSION CONTENT_HUB_SECURITY_EXCEPTION PA_NO_ACCESS_EXCEPTION"
            " DATA_INTEGRATION_NO_ACCESS EXTERNAL_RESOURCE_FORBIDDEN CANNOT_FREEZE_SELF CANNOT_DISABLE_LAST_ADMIN"
            " ENVIRONMENT_HUB_MEMBERSHIP_USER_NOT_ORG_ADMIN EMAIL_EXTERNAL_TRANSPORT_PERMISSION_ERROR"
            " FORBIDDEN REL_FIELD_BAD_ACCESSIBILITY ORDER_MANAGEMENT_ACTION_NOT_ALLOWED"
        ),
        cause="The connection's user may not do this to the record, or nobody may.",
        remedy="Give the connection's user the permission on the object and share the record with it; some fields"
        " nobody may write.",
    ),
    _forbidden(
        codes=codes(
            "FUNCTIONALITY_NOT_ENABLED FeatureNotEnabled REQUIRED_FEATURE_MISSING APEX_REST_SERVICES_DISABLED"
            " FEED_NOT_ENABLED_FOR_OBJECT SERVICE_DESK_NOT_ENABLED EMAIL_TO_CASE_NOT_ENABLED JIGSAW_ACTION_DISABLED"
            " DATACLOUD_API_DISABLED_EXCEPTION PACKAGE_DISABLED NO_ACTIVE_DUPLICATE_RULE NO_SOFTPHONE_LAYOUT"
            " UNKNOWN_ORG_SETTING REQUIRE_CONNECTED_APP_SCS REQUIRE_CONNECTED_APP_SESSION_SCS REQUIRE_RUNAS_USER"
            " CANNOT_ENABLE_IP_RESTRICT_REQUESTS"
        ),
        cause="A feature that the request needs is not switched on in the org, or not for this user.",
        remedy="Switch it on in Setup, or give the connection's user the permission for it.",
    ),
    _forbidden(
        codes=codes(
            "LICENSE_LIMIT_EXCEEDED PACKAGE_LICENSE_REQUIRED INVALID_PACKAGE_LICENSE LICENSING_DATA_ERROR"
            " INSTALL_KEY_INVALID INSTALL_KEY_REQUIRED COMMERCIAL_CONTROL_ERROR"
        ),
        cause="A licence is missing or used up.",
        remedy="Look in Setup, under Company Information, at the licences, and assign one to the connection's user.",
    ),
    _forbidden(
        codes=codes(
            "EXTERNAL_OBJECT_AUTHENTICATION_EXCEPTION EXTERNAL_SERVICE_AUTHENTICATION_EXCEPTION INVALID_REFRESH_TOKEN"
            " CONTENT_HUB_AUTHENTICATION_EXCEPTION NO_ACCESS_TOKEN_FROM_REFRESH NO_REFRESH_TOKEN NO_TOKEN_ENDPOINT"
            " UNKNOWN_TOKEN_ERROR INVALID_OAUTH_URL EMAIL_EXTERNAL_TRANSPORT_TOKEN_ERROR KEY_HAS_BEEN_DESTROYED"
            " SALESFORCE_INBOX_TRANSPORT_TOKEN_ERROR DATA_INTEGRATION_VENDOR_SETUP_ERROR"
        ),
        cause="The org's own login to another system does not work; this connection's does.",
        remedy="Renew in Setup the credential of the external source that the message names.",
    ),
    _forbidden(
        statuses=(401,),
        words=("session level", "high_assurance", "high assurance"),
        cause="The resource wants a session of a higher level than a login with a key gives.",
        remedy="Lower in Setup, under Session Settings, the level that the resource wants, or exempt the user's profile.",
    ),
    _forbidden(
        statuses=(401, 403),
        words=("user is inactive", "inactive user", "user is frozen", "user is locked"),
        cause="The connection's user is inactive, frozen or locked.",
        remedy="Activate, unfreeze or unlock the user in Setup; the Login History says since when.",
    ),
)
