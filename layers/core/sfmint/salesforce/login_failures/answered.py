"""The reasons that Salesforce's answer gives for no token; the first row that fits counts."""

from functools import partial

from sfmint.errors import AssertionRejected, LoginRateExceeded, SalesforceUnavailable
from sfmint.salesforce.login_failures.answered_of_app import OF_APP
from sfmint.salesforce.login_failures.reason import Backoff, Reason
from sfmint.salesforce.login_failures.sources import CODES, FLOW, LIST, STANDARD

_refusal = partial(Reason, error=AssertionRejected, backoff=Backoff.PERMANENT)
_propagating = partial(Reason, error=AssertionRejected, backoff=Backoff.PROPAGATING)
_limit = partial(Reason, error=LoginRateExceeded, backoff=Backoff.RATE)
_outage = partial(Reason, error=SalesforceUnavailable, backoff=Backoff.TRANSIENT)
_HISTORY = "look the login up in Salesforce Setup, in the user's Login History"

_OF_ASSERTION = (
    _propagating(
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
        source=f"{FLOW}; forcedotcom/sfdx-travisci#135, forcedotcom/cli#217",
    ),
    _refusal(
        code="assertion_expired",
        cause="Salesforce says that the assertion has expired.",
        steps=(
            "set the clock of {signing_machine}",
            "if the clocks agree, look for what delays the request by minutes, such as a proxy",
        ),
        answers=(("invalid_grant", "expired authorization code"),),
        source=f"{FLOW}; simple-salesforce/simple-salesforce#491",
    ),
    _outage(
        code="assertion_replayed",
        cause="Salesforce has seen this assertion before; sfmint makes each one anew.",
        steps=("look for a proxy that sends requests twice; otherwise call again later",),
        answers=(("bad_jti_claim", ""),),
        source=LIST,
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
        source=f"{CODES}; forcedotcom/cli#3325",
    ),
)
_OF_USER = (
    _refusal(
        code="ip_restricted",
        cause="Salesforce refuses the login because of its IP address or its hour.",
        steps=(
            "allow {outgoing_address} in the profile's IP ranges and the app's IP policy",
            "look at the profile's login hours",
        ),
        answers=(("invalid_grant", "ip restricted"), ("invalid_grant", "invalid login hours")),
        source=CODES,
    ),
    _refusal(
        code="inactive_user",
        cause="Salesforce says that the user is inactive or locked.",
        steps=("activate or unlock the user that {username}{where} names, in Salesforce Setup under Users",),
        answers=(("invalid_grant", "inactive user"), ("invalid_grant", "user is locked"), ("inactive_user", "")),
        source=CODES,
    ),
    _refusal(
        code="inactive_org",
        cause="Salesforce says that the org is inactive.",
        steps=(
            "check that {token_host} is an org that is still in use, for trials, sandboxes and scratch orgs end",
            "ask Salesforce to activate the org again",
        ),
        answers=(("inactive_org", ""), ("invalid_grant", "inactive organization")),
        source=CODES,
    ),
    _limit(
        code="login_rate",
        cause="Salesforce refuses further logins of this user for now: 3,600 attempts an hour are allowed.",
        steps=("wait up to an hour, and find out in Login History who else logs in as this user",),
        answers=(
            ("invalid_grant", "login rate exceeded"),
            ("invalid_grant", "rate limit exceeded"),
            ("rate_limit_exceeded", ""),
        ),
        source=f"{CODES}; n8n-io/n8n#32325",
    ),
    _refusal(
        code="authentication_failed",
        cause="Salesforce says that the user could not be logged in, and does not say why; of a login with a password,"
        " which is none of sfmint's, it says the same.",
        steps=(
            _HISTORY,
            "check that the user that {username}{where} names is active, and that {token_host} is the user's org",
            "if that was a login with a password, log in with a key in its place: sfmint keys new, then sfmint login",
        ),
        answers=(("invalid_grant", "authentication failure"), ("login_error", "")),
        quoted=True,
        source=f"{CODES}; {LIST}; jsforce/jsforce#1785",
    ),
)
_OF_HOST = (
    _refusal(
        code="wrong_domain",
        cause="Salesforce does not accept this login at this host.",
        steps=("set {token_host}{where} to the org's My Domain",),
        answers=(
            ("invalid_grant", "request not supported on this domain"),
            ("invalid_request", "request not supported on this domain"),
        ),
        source="pozil/pub-sub-api-node-client#58",
    ),
    _refusal(
        code="not_a_token_endpoint",
        cause="The host of {token_host} does not accept JWT bearer logins.",
        steps=("set {token_host}{where} to the org's My Domain", "if it is that already, report a fault of sfmint"),
        answers=(
            ("unsupported_grant_type", ""),
            ("invalid_request", "grant type"),
            ("invalid_request", "grant_type"),
        ),
        source=f"{LIST}; {STANDARD}",
    ),
)
_OTHERS = (
    _refusal(
        code="refused",
        cause="Salesforce refuses the login with an error that sfmint does not know.",
        steps=(_HISTORY,),
        also="any other error with a status from 400 to 499",
        quoted=True,
        source=STANDARD,
    ),
    _refusal(
        code="refused_without_a_word",
        cause="The token host refuses the request without one of Salesforce's errors.",
        steps=(
            "check that {token_host}{where} is the org's My Domain",
            "look for a proxy or firewall that answers in its place",
        ),
        also="a status from 400 to 499 without an error, and no page",
        source=STANDARD,
    ),
    _limit(
        code="too_many_requests",
        cause="Salesforce answers 429, too many requests.",
        steps=("wait, and find out in Login History who else logs in as this user",),
        also="429",
        source="RFC 6585 section 4",
    ),
    _outage(
        code="salesforce_fault",
        cause="Salesforce reports a fault of its own.",
        steps=("call again later; if it lasts, look at status.salesforce.com",),
        answers=(
            ("unknown_error", ""),
            ("server_error", ""),
            ("service_unavailable", ""),
            ("slow_down", ""),
            ("system_down", ""),
            ("temporarily_unavailable", ""),
        ),
        also="500 and above, or 408",
        source=f"{LIST}; RFC 9110 sections 15.5.9 and 15.6",
    ),
    _outage(
        code="malformed_answer",
        cause="The token host gave an answer that is no token answer.",
        steps=("check that {token_host}{where} is the org's My Domain; otherwise call again later",),
        also="a redirect, a page, or 200 without a whole token answer",
        source="RFC 6749 section 5.1",
    ),
)
ANSWERED = (*_OF_ASSERTION, *OF_APP, *_OF_USER, *_OF_HOST, *_OTHERS)
