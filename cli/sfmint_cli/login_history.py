"""What stands in Login History, the column Status, and in LOGIN_STATUS of event logs, of a login that failed.

Source: Object Reference, "Login Event Type: LOGIN_STATUS Values"; where the page has no words, those that people report.
"""

from sfmint_cli.known_error import Diagnosis, Known

# Statuses that mean the same as an answer of the token endpoint, by the code of its reason.
SAME_AS = {
    "user_not_admin_approved": ("failed: not approved for access", "not approved for access"),
    "inactive_user": (
        "user is inactive",
        "user is frozen",
        "password lockout",
        "login_error_user_inactive",
        "login_error_user_frozen",
        "login_error_password_lockout",
    ),
    "ip_restricted": (
        "restricted ip",
        "restricted time",
        "restricted country",
        "ip address not allowed",
        "login_error_restricted_domain",
        "login_error_restricted_time",
        "login_error_export_restricted",
        "login_oauth_invalid_ip",
    ),
    "wrong_domain": ("restricted domain", "login_error_org_domain_only", "login_error_global_block_domain"),
    "login_rate": (
        "maximum logins exceeded",
        "get access token limit exceeded",
        "login_error_rate_exceeded",
        "login_error_logins_exceeded",
        "login_oauth_exceed_get_at_lmt",
    ),
    "inactive_org": (
        "organization closed",
        "organization is inactive",
        "organization is a dot",
        "organization locked",
        "organization suspended",
        "trial expired",
        "login_error_org_closed",
        "login_error_org_inactive",
        "login_error_org_is_dot_org",
        "login_error_org_lockout",
        "login_error_org_suspended",
        "login_error_org_signing_up",
        "login_org_trial_exp",
    ),
    "assertion_expired": (
        "failed: assertion expired",
        "failed: invalid timestamp",
        "login_saml_invalid_timestamp",
        "login_oauth_invalid_timestamp",
    ),
    "assertion_replayed": (
        "failed: nonce replay detected",
        "failed: replay detected",
        "login_oauth_nonce_replay",
        "login_saml_replay_attempted",
    ),
    "wrong_audience": ("failed: audience invalid", "login_saml_invalid_audience"),
    "wrong_key": (
        "failed: signature invalid",
        "failed: assertion invalid",
        "failed: invalid signature method",
        "login_oauth_invalid_dsig",
        "login_oauth_invalid_sig_method",
        "login_saml_invalid_format",
        "login_saml_invalid_signature",
        "login_saml_mismatch_cert",
    ),
    "unknown_client": (
        "failed: consumer deleted",
        "missing consumer key parameter",
        "login_oauth_consumer_deleted",
        "login_oauth_no_consumer",
    ),
    "app_not_installed": (
        "package for this consumer is not installed in your organization",
        "installed package for this consumer is out of date",
        "login_oauth_package_missing",
        "login_oauth_package_old",
    ),
    "user_not_approved": ("failed: username or sso id invalid", "login_saml_invalid_username"),
    "authentication_failed": ("login invalid", "invalid login", "login_error_unknown_error"),
    "another_flow": (
        "failed: invalid callback url",
        "failed: invalid code challenge",
        "failed: invalid code verifier",
        "failed: invalid token",
        "failed: unexpected parameter",
        "failed: version not supported",
        "login_oauth_no_callback_url",
        "login_oauth_invalid_token",
    ),
    "salesforce_fault": (
        "organization is in maintenance",
        "unable to process your login request",
        "login_error_org_in_maintenance",
        "login_error_appexchange_down",
        "login_error_system_down",
        "login_error_store_down",
    ),
}


def _history(cause: str, *steps: str) -> Diagnosis:
    return Diagnosis(name="LoginHistory", again="no", cause=cause, steps=steps)


_KEY = "log in with a key in place of the password: sfmint keys new, upload the certificate to an app, sfmint login"
LOGIN_HISTORY = (
    Known(
        said=(
            "invalid password",
            "api security token required",
            "login_error_invalid_password",
            "login_error_sso_pwd_invalid",
            "login_error_must_use_api_token",
            "login_error_password_empty",
        ),
        means=_history(
            "A login with user name and password failed, which is none of sfmint's: it logs in with a key.",
            "find out by application and source IP, in the same line, who tries it",
            _KEY,
        ),
    ),
    Known(
        said=(
            "computer activation required",
            "computer activation pending",
            "login_challenge_issued",
            "login_challenge_pending",
            "email verification required",
            "multi-factor required",
            "multi-factor (formerly called two-factor) is required",
            "lightning login required",
            "login_twofactor_req",
            "login_lightning_login",
        ),
        means=_history(
            "Salesforce wants a person to verify a login with a password, which a login with a key does not ask for.",
            "find out by application and source IP, in the same line, who tries it",
            _KEY,
            "to keep the password, trust the address in Salesforce Setup under Network Access",
        ),
    ),
    Known(
        said=("oauth api access disabled", "failed: api disabled", "login_oauth_api_disabled"),
        means=_history(
            "The user may not use the API.",
            "give the user the permission API Enabled, and look at API Access Control in Salesforce Setup",
        ),
    ),
    Known(
        said=("failed: api-only user", "login_error_user_api_only"),
        means=_history(
            "A user who may use the API only has tried to log in in a browser.",
            "log in in a browser as another user; sfmint's logins are not concerned",
        ),
    ),
    Known(
        said=(
            "api version removed",
            "login_error_api_too_old",
            "client update required",
            "login_error_client_req_update",
        ),
        means=_history(
            "An old client asks for a version of the API that Salesforce has removed, which is none of sfmint's logins.",
            "find out by application and source IP, in the same line, which client it is, and update it",
        ),
    ),
    Known(
        said=(
            "experience cloud site offline",
            "no experience cloud site access",
            "portal disabled",
            "invalid profile association",
            "login_error_network_inactive",
            "login_error_no_network_access",
            "login_error_no_portal_access",
            "login_error_portal_inactive",
        ),
        means=_history(
            "The user may not log in to this Experience Cloud site, or the site is not active.",
            "make the user's profile or permission set a member of the site, and activate the site",
        ),
    ),
    Known(
        said=("mutual authentication failed", "login_error_mutual_authentication"),
        means=_history(
            "The org wants a client certificate of this user, which sfmint does not send.",
            "take the permission Enforce SSL/TLS Mutual Authentication from the user",
        ),
    ),
    Known(
        said=(
            "configuration error/perm disabled",
            "login_saml_invalid_config",
            "login_error_sso_svc_down",
            "login_error_sso_url_invalid",
            "your company's authentication service is down",
            "single sign-on gateway url is invalid",
        ),
        means=_history(
            "A login through single sign-on failed, which is none of sfmint's.",
            "look at the single sign-on settings of the org",
        ),
    ),
)
