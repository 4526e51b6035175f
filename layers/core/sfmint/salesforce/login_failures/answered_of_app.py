"""The reasons that lie in the app: its approval, scopes, policies and place. A change of an app takes ten minutes to arrive."""

from functools import partial

from sfmint.errors import AssertionRejected
from sfmint.salesforce.login_failures.reason import Backoff, Reason
from sfmint.salesforce.login_failures.sources import BROWSER, CODES, FLOW, LIST, STANDARD

_refusal = partial(Reason, error=AssertionRejected, backoff=Backoff.PERMANENT)
_propagating = partial(Reason, error=AssertionRejected, backoff=Backoff.PROPAGATING)
_WAIT = "wait ten minutes after any change of the app"

OF_APP = (
    _propagating(
        code="not_preauthorized",
        cause="Salesforce says that the app lacks the refresh_token scope, is not installed in this org, or is not"
        " pre-authorised for the user; it does not say which.",
        steps=(
            "give the app the scope refresh_token beside api; Setup calls it Perform requests at any time",
            "pre-authorise the user: let admins approve the app's users, and assign its permission set or profile",
            "install the app in the org of {token_host}, in Salesforce Setup under Connected Apps OAuth Usage",
            _WAIT,
        ),
        answers=(
            ("invalid_request", "refresh_token scope is required"),
            ("invalid_request", "should be installed and preauthorized"),
            ("invalid_grant", "refresh_token scope is required"),
        ),
        source=f"{FLOW}; leandrob/node-salesforce-jwt#3, JitendraZaa/OAuthFlows#1",
    ),
    _propagating(
        code="user_not_approved",
        cause="Salesforce says that the user has not approved this app, which it also says of a user that it does not"
        " know.",
        steps=(
            "pre-authorise the user: let admins approve the app's users, and assign its permission set or profile",
            "compare {username} with the user's exact Username in Setup, which is not the e-mail address",
            "check that {token_host} and {audience} are those of the user's org",
            "give the app the refresh_token scope",
            _WAIT,
        ),
        answers=(("invalid_grant", "user hasn't approved this consumer"),),
        source=f"{FLOW}; restforce/restforce#674",
    ),
    _propagating(
        code="user_not_admin_approved",
        cause="Salesforce says that an administrator has not approved the user for this app.",
        steps=(
            "assign the permission set or profile that carries the app to the user that {username}{where} names",
            "wait ten minutes, a change of the app takes that long to arrive",
        ),
        answers=(("invalid_app_access", ""), ("access_denied", ""), ("oauth_app_access_denied", "")),
        source=f"{CODES}; {LIST}",
    ),
    _propagating(
        code="unknown_client",
        cause="Salesforce does not know the consumer key.",
        steps=(
            "compare {consumer_key}{where} with the app's",
            "check that {token_host} is the org in which the app lives",
            "wait ten minutes if the app is new",
        ),
        answers=(("invalid_client_id", ""), ("invalid_client", ""), ("invalid_client_credentials", "")),
        source=f"{CODES}; {LIST}",
    ),
    _propagating(
        code="app_not_found",
        cause="Salesforce says that the External Client App is not installed in this org.",
        steps=(
            "set {token_host} and {audience}{where} to the My Domain of the app's org",
            "after a sandbox refresh deploy the app again and {store} its new {consumer_key}",
            "wait ten minutes if the app is new",
        ),
        answers=(("app_not_found", ""), ("oauth_ec_app_not_found", ""), ("invalid_distribution_state", "")),
        source=f"{LIST}; n8n-io/n8n#28990, forcedotcom/cli#3482",
    ),
    _propagating(
        code="app_not_installed",
        cause="Salesforce could not install the app in this org for the login.",
        steps=(
            "install the app in Salesforce Setup, under Connected Apps OAuth Usage or External Client App Manager",
            "make an app in the org of {token_host}, in place of one of another org",
            _WAIT,
        ),
        answers=(("installation_error", ""), ("oauth_approval_error_generic", "")),
        source=f"{LIST}; {BROWSER}",
    ),
    _refusal(
        code="app_blocked",
        cause="Salesforce says that the app is blocked in this org.",
        steps=(
            "unblock or install the app in Setup, under Connected Apps OAuth Usage or External Client App Manager",
            "check that {token_host} is the org in which the app lives",
        ),
        answers=(
            ("app_blocked", ""),
            ("oauth_app_blocked", ""),
            ("fail_close_app_blocked", ""),
            ("client_blocked", ""),
        ),
        source=f"{LIST}; {BROWSER}",
    ),
    _propagating(
        code="app_without_policies",
        cause="Salesforce finds no OAuth policies of the app in this org.",
        steps=(
            "open the app's policies in External Client App Manager, enable its OAuth plugin and save them",
            "after a sandbox refresh deploy the app with its policies again",
            _WAIT,
        ),
        answers=(("oauth_policy_not_found", ""), ("ecapp_policy_not_found", "")),
        source=LIST,
    ),
    _propagating(
        code="flow_disabled",
        cause="Salesforce says that this app may not log in with a signed assertion.",
        steps=(
            "enable the JWT bearer flow in the app's OAuth settings, and upload the certificate of {private_key} there",
            "look in Salesforce Setup, under OAuth and OpenID Connect Settings, for flows that are turned off",
            _WAIT,
        ),
        answers=(("oauth_flow_disabled", ""), ("unauthorized_client", "")),
        source=f"{LIST}; {STANDARD}",
    ),
    _propagating(
        code="wrong_scope",
        cause="Salesforce says that the app's scopes do not do for a login.",
        steps=("give the app the scopes api and refresh_token, which Setup calls Perform requests at any time", _WAIT),
        answers=(("invalid_scope", ""),),
        quoted=True,
        source=f"{LIST}; {STANDARD}",
    ),
    _propagating(
        code="session_level",
        cause="The app or the org demands a session of high assurance, which a login with a key does not have.",
        steps=(
            "do not require high assurance in the app's policies, nor in the profile of the user that {username} names",
            _WAIT,
        ),
        answers=(("invalid_session_level", ""),),
        source=LIST,
    ),
    _propagating(
        code="proof_demanded",
        cause="The app demands a proof of possession (DPoP) or of the device, which belongs to other clients.",
        steps=("turn that demand off in the app's OAuth settings, or use an app of its own for sfmint", _WAIT),
        answers=(
            ("invalid_dpop_proof", ""),
            ("use_dpop_nonce", ""),
            ("app_attest_failed", ""),
            ("app_attest_failed_retry", ""),
            ("client_blocked_retry", ""),
        ),
        source=LIST,
    ),
    _refusal(
        code="another_flow",
        cause="Salesforce answers as if another OAuth flow had been asked for.",
        steps=(
            "set {token_host}{where} to the org's My Domain",
            "look for a proxy that changes requests",
            "if neither helps, report a fault of sfmint",
        ),
        answers=tuple(
            (error, "")
            for error in (
                "authorization_pending",
                "exceeded_registration_limit",
                "failed_registration",
                "immediate_unsuccessful",
                "invalid_assertion_type",
                "invalid_basic_auth_header",
                "invalid_expid",
                "invalid_otp",
                "invalid_token",
                "otp_error",
                "redirect_uri_mismatch",
                "redirect_uri_missing",
                "registration_error",
                "unsupported_expid",
                "unsupported_response_type",
                "unsupported_token_type",
            )
        ),
        quoted=True,
        source=LIST,
    ),
)
