"""The reasons that Salesforce's answer gives for no token.

Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow" and "Error Codes"; each answer was seen in a public report.
"""

from functools import partial

from sfmint.errors import AssertionRejected, LoginRateExceeded, SalesforceUnavailable
from sfmint.salesforce.login_failures.reason import Backoff, Reason

_refusal = partial(Reason, error=AssertionRejected, backoff=Backoff.PERMANENT)
_propagating = partial(Reason, error=AssertionRejected, backoff=Backoff.PROPAGATING)
_limit = partial(Reason, error=LoginRateExceeded, backoff=Backoff.RATE)
_outage = partial(Reason, error=SalesforceUnavailable, backoff=Backoff.TRANSIENT)

ANSWERED = (
    _refusal(
        code="wrong_key",
        cause="Salesforce cannot verify the assertion's signature: another key than the app's certificate, another"
        " algorithm than RS256, a malformed assertion or an app of another org; it does not say which.",
        steps=(
            "upload the certificate of {private_key}{where} to the app, which holds one certificate only",
            "compare {consumer_key}, for it may be another app's",
            "check that {token_host} is the org in which this app lives",
            "after an upload wait ten minutes",
        ),
        answers=(("invalid_grant", "invalid assertion"),),
    ),
    _refusal(
        code="assertion_expired",
        cause="Salesforce says that the assertion has expired.",
        steps=(
            "set the clock of {signing_machine}",
            "if the clocks agree, look for what delays the request by minutes, such as a proxy",
        ),
        answers=(("invalid_grant", "expired authorization code"),),
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
            "wait ten minutes after any change of the app",
        ),
        answers=(("invalid_grant", "user hasn't approved this consumer"),),
    ),
    _propagating(
        code="user_not_admin_approved",
        cause="Salesforce says that an administrator has not approved the user for this app.",
        steps=(
            "assign the permission set or profile that carries the app to the user that {username}{where} names",
            "wait ten minutes, a change of the app takes that long to arrive",
        ),
        answers=(("invalid_app_access", ""), ("oauth_app_access_denied", "")),
    ),
    _refusal(
        code="wrong_audience",
        cause="Salesforce refuses the assertion's audience.",
        steps=(
            "set {audience}{where} to the org's My Domain for an External Client App",
            "for a Connected App set it to https://login.salesforce.com (sandbox: https://test.salesforce.com)",
            "check that {token_host} is of the same org",
        ),
        answers=(("invalid_grant", "audience is invalid"), ("invalid_grant", "audience validation failed")),
    ),
    _propagating(
        code="unknown_client",
        cause="Salesforce does not know the consumer key.",
        steps=(
            "compare {consumer_key}{where} with the app's",
            "check that {token_host} is the org in which the app lives",
            "wait ten minutes if the app is new",
        ),
        answers=(("invalid_client_id", ""), ("invalid_client", "")),
    ),
    _propagating(
        code="app_not_found",
        cause="Salesforce says that the External Client App is not installed in this org.",
        steps=(
            "set {token_host} and {audience}{where} to the My Domain of the app's org",
            "after a sandbox refresh deploy the app again and {store} its new {consumer_key}",
            "wait ten minutes if the app is new",
        ),
        answers=(("app_not_found", ""), ("oauth_ec_app_not_found", "")),
    ),
    _refusal(
        code="app_blocked",
        cause="Salesforce says that the app is blocked in this org.",
        steps=(
            "unblock or install the app in Setup, under Connected Apps OAuth Usage or External Client App Manager",
            "check that {token_host} is the org in which the app lives",
        ),
        answers=(("oauth_app_blocked", ""),),
    ),
    _refusal(
        code="ip_restricted",
        cause="Salesforce refuses the login because of its IP address or its hour.",
        steps=(
            "allow {outgoing_address} in the profile's IP ranges and the app's IP policy",
            "look at the profile's login hours",
        ),
        answers=(("invalid_grant", "ip restricted"), ("invalid_grant", "invalid login hours")),
    ),
    _refusal(
        code="inactive_user",
        cause="Salesforce says that the user is inactive or locked.",
        steps=("activate or unlock the user that {username}{where} names, in Salesforce Setup under Users",),
        answers=(("invalid_grant", "inactive user"), ("invalid_grant", "user is locked"), ("inactive_user", "")),
    ),
    _refusal(
        code="inactive_org",
        cause="Salesforce says that the org is inactive.",
        steps=(
            "check that {token_host} is an org that is still in use, for trials, sandboxes and scratch orgs end",
            "ask Salesforce to activate the org again",
        ),
        answers=(("inactive_org", ""),),
    ),
    _refusal(
        code="wrong_domain",
        cause="Salesforce does not accept this login at this host.",
        steps=("set {token_host}{where} to the org's My Domain",),
        answers=(
            ("invalid_grant", "request not supported on this domain"),
            ("invalid_request", "request not supported on this domain"),
        ),
    ),
    _refusal(
        code="not_a_token_endpoint",
        cause="The host of {token_host} does not accept JWT bearer logins.",
        steps=("set {token_host}{where} to the org's My Domain", "if it is that already, report a fault of sfmint"),
        answers=(("unsupported_grant_type", ""), ("invalid_request", "")),
    ),
    _refusal(
        code="refused",
        cause="Salesforce refuses the login with an error that sfmint does not know.",
        steps=("look the login up in Salesforce Setup, in the user's Login History",),
        also="any other error with a status from 400 to 499",
    ),
    _refusal(
        code="refused_without_a_word",
        cause="The token host refuses the request without one of Salesforce's errors.",
        steps=(
            "check that {token_host}{where} is the org's My Domain",
            "look for a proxy or firewall that answers in its place",
        ),
        also="a status from 400 to 499 without an error, and no page",
    ),
    _limit(
        code="login_rate",
        cause="Salesforce refuses further logins of this user for now: 3,600 attempts an hour are allowed.",
        steps=("wait up to an hour, and find out in Login History who else logs in as this user",),
        answers=(("invalid_grant", "login rate exceeded"), ("rate_limit_exceeded", "")),
    ),
    _limit(
        code="too_many_requests",
        cause="Salesforce answers 429, too many requests.",
        steps=("wait, and find out in Login History who else logs in as this user",),
        also="429",
    ),
    _outage(
        code="salesforce_fault",
        cause="Salesforce reports a fault of its own.",
        steps=("call again later; if it lasts, look at status.salesforce.com",),
        answers=(("unknown_error", ""), ("server_error", ""), ("temporarily_unavailable", "")),
        also="500 and above, or 408",
    ),
    _outage(
        code="malformed_answer",
        cause="The token host gave an answer that is no token answer.",
        steps=("check that {token_host}{where} is the org's My Domain; otherwise call again later",),
        also="a redirect, a page, or 200 without a whole token answer",
    ),
)
