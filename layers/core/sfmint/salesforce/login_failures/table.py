"""Why Salesforce gave no token, and what to do about it: the one table that everything shares.

Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow" and "Error Codes"; each answer was seen in a public report.
"""

from collections.abc import Mapping
from functools import partial
from html import unescape

from sfmint.errors import AssertionRejected, CacheUnavailable, LoginRateExceeded, SalesforceUnavailable, SfmintError
from sfmint.salesforce.login_failures.reason import Backoff, Reason
from sfmint_values.foreign import Foreign

_LONGEST_DETAIL = 250  # characters: a quotation of at most 200, and our words around it


class LoginFailed(Exception):  # noqa: N818 - what happened
    """No token came of an attempt.

    Args:
        reason: why.
        detail: what is known of this one case, in our words or quoted; callers read it.
        said: Salesforce's own words, quoted; the log has them.
        retry_after_s: for how many seconds the answer asks for a pause.
    """

    def __init__(self, reason: Reason, *, detail: str = "", said: str = "", retry_after_s: float = 0.0) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.detail = detail
        self.said = said
        self.retry_after_s = retry_after_s

    def to_error(self) -> SfmintError:
        """Return the error that callers meet."""
        return self.reason.to_error(self.detail)


_refusal = partial(Reason, error=AssertionRejected, backoff=Backoff.PERMANENT)
_propagating = partial(Reason, error=AssertionRejected, backoff=Backoff.PROPAGATING)
_outage = partial(Reason, error=SalesforceUnavailable, backoff=Backoff.TRANSIENT)

_REASONS = (
    _refusal(
        code="wrong_key",
        cause="Salesforce cannot verify the assertion's signature: another key than the app's certificate, another"
        " algorithm than RS256, a malformed assertion or an app of another org; it does not say which.",
        steps=(
            "upload the certificate of the private key in the secret to the app, which holds one certificate only",
            "compare consumer_key, for it may name another app",
            "check that token_host is the org in which this app lives",
            "after an upload wait ten minutes",
        ),
        answers=(("invalid_grant", "invalid assertion"),),
    ),
    _refusal(
        code="assertion_expired",
        cause="Salesforce takes the assertion for expired.",
        steps=(
            "set the clock of the machine that signs (inside Lambda it is AWS's: open a case with AWS Support)",
            "where the clocks agree, look for what holds the request back for minutes, such as a proxy",
        ),
        answers=(("invalid_grant", "expired authorization code"),),
    ),
    _propagating(
        code="user_not_approved",
        cause="Salesforce says that the user has not approved this app, which it also says of a user that it does not"
        " know.",
        steps=(
            "pre-authorise the user: let admins approve the app's users, and assign its permission set or profile",
            "compare username with the user's exact Username in Setup, which is not the e-mail address",
            "check that token_host and audience are those of the user's org",
            "give the app the refresh_token scope",
            "wait ten minutes after any change of the app",
        ),
        answers=(("invalid_grant", "user hasn't approved this consumer"),),
    ),
    _propagating(
        code="user_not_admin_approved",
        cause="Salesforce says that an administrator has not approved the user for this app.",
        steps=(
            "assign the permission set or profile that carries the app to the username of the secret",
            "wait ten minutes, for a change of the app takes that long to arrive",
        ),
        answers=(("invalid_app_access", ""), ("oauth_app_access_denied", "")),
    ),
    _refusal(
        code="wrong_audience",
        cause="Salesforce refuses the assertion's audience.",
        steps=(
            "set audience in the secret to the org's My Domain for an External Client App",
            "for a Connected App set it to https://login.salesforce.com (sandbox: https://test.salesforce.com)",
            "check that token_host is of the same org",
        ),
        answers=(("invalid_grant", "audience is invalid"), ("invalid_grant", "audience validation failed")),
    ),
    _propagating(
        code="unknown_client",
        cause="Salesforce does not know the consumer key.",
        steps=(
            "compare consumer_key in the secret with the app's",
            "check that token_host is the org in which the app lives",
            "wait ten minutes if the app is new",
        ),
        answers=(("invalid_client_id", ""), ("invalid_client", "")),
    ),
    _propagating(
        code="app_not_found",
        cause="Salesforce says that the External Client App is not installed in this org.",
        steps=(
            "set token_host and audience in the secret to the My Domain of the app's org",
            "after a sandbox refresh deploy the app again and store its new consumer key",
            "wait ten minutes if the app is new",
        ),
        answers=(("app_not_found", ""), ("oauth_ec_app_not_found", "")),
    ),
    _refusal(
        code="app_blocked",
        cause="Salesforce says that the app is blocked in this org.",
        steps=(
            "unblock or install the app in Setup, under Connected Apps OAuth Usage or External Client App Manager",
            "check that token_host is the org in which the app lives",
        ),
        answers=(("oauth_app_blocked", ""),),
    ),
    _refusal(
        code="ip_restricted",
        cause="Salesforce refuses the login for its IP address or its hour.",
        steps=(
            "allow the egress address of the Lambda functions in the profile's IP ranges and the app's IP policy",
            "look at the profile's login hours",
        ),
        answers=(("invalid_grant", "ip restricted"), ("invalid_grant", "invalid login hours")),
    ),
    _refusal(
        code="inactive_user",
        cause="Salesforce says that the user is inactive or locked.",
        steps=("activate or unlock the username of the secret in Salesforce Setup, under Users",),
        answers=(("invalid_grant", "inactive user"), ("invalid_grant", "user is locked"), ("inactive_user", "")),
    ),
    _refusal(
        code="inactive_org",
        cause="Salesforce says that the org is inactive.",
        steps=(
            "check that token_host is an org that is still in use, for trials, sandboxes and scratch orgs end",
            "have the org activated again by Salesforce",
        ),
        answers=(("inactive_org", ""),),
    ),
    _refusal(
        code="wrong_domain",
        cause="Salesforce does not take this login at this host.",
        steps=("set token_host in the secret to the org's My Domain",),
        answers=(
            ("invalid_grant", "request not supported on this domain"),
            ("invalid_request", "request not supported on this domain"),
        ),
    ),
    _refusal(
        code="not_a_token_endpoint",
        cause="The host of token_host does not take the JWT bearer grant.",
        steps=("set token_host in the secret to the org's My Domain", "if it is, report a fault of sfmint"),
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
            "check that token_host in the secret is the org's My Domain",
            "look for a proxy or firewall that answers in its place",
        ),
        also="a status from 400 to 499 without an error, and no page",
    ),
    Reason(
        code="login_rate",
        error=LoginRateExceeded,
        backoff=Backoff.RATE,
        cause="Salesforce refuses further logins of this user for now: 3,600 attempts an hour are allowed.",
        steps=("wait up to an hour, and find out in Login History who else logs in as this user",),
        answers=(("invalid_grant", "login rate exceeded"), ("rate_limit_exceeded", "")),
    ),
    Reason(
        code="too_many_requests",
        error=LoginRateExceeded,
        backoff=Backoff.RATE,
        cause="Salesforce answers 429, too many requests.",
        steps=("wait, and find out in Login History who else logs in as this user",),
        also="429",
    ),
    Reason(
        code="login_budget",
        error=LoginRateExceeded,
        backoff=Backoff.HOUR,
        cause="sfmint's own budget of logins for this Salesforce user and hour is spent.",
        steps=(
            "wait for the next hour, and find out who rejects or flushes tokens",
            "if all of that is meant, raise the parameter LoginBudgetPerHour",
        ),
        also="nothing, for it is not asked",
    ),
    _outage(
        code="salesforce_fault",
        cause="Salesforce reports a fault of its own.",
        steps=("call again later; if it lasts, look at status.salesforce.com",),
        answers=(("unknown_error", ""), ("server_error", ""), ("temporarily_unavailable", "")),
        also="500 and above, or 408",
    ),
    _outage(
        code="unreachable",
        cause="The token host cannot be reached.",
        steps=(
            "check token_host in the secret, and in a VPC the way out to the internet (NAT or HttpsProxy)",
            "behind a proxy that opens TLS, give the functions its authority (SSL_CERT_FILE)",
        ),
        also="no answer, for its name, the connection or TLS fails",
    ),
    _outage(
        code="no_answer",
        cause="Salesforce gave no complete answer in time.",
        steps=("call again later; if it lasts, look at status.salesforce.com",),
        also="nothing within seven seconds, or an answer that breaks off",
    ),
    _outage(
        code="malformed_answer",
        cause="The token host gave an answer that is no token answer.",
        steps=("check that token_host in the secret is the org's My Domain; otherwise call again later",),
        also="a redirect, a page, or 200 without a whole token answer",
    ),
    _outage(
        code="dead_on_arrival",
        cause="Salesforce answered a token that was over, or just rejected, when it arrived.",
        steps=("call again later; if it lasts, compare token_lifetime in the secret with the app's session time-out",),
        also="a token with less than 30 seconds of life, or one that a caller has just reported",
    ),
    Reason(
        code="seal_denied",
        error=CacheUnavailable,
        backoff=Backoff.PERMANENT,
        cause="KMS refuses to encrypt the new token, so it cannot be shared.",
        steps=("enable the stack's KMS key and let the function's role use it, then flush the connection",),
        also="a token",
    ),
    Reason(
        code="not_sealed",
        error=CacheUnavailable,
        backoff=Backoff.TRANSIENT,
        cause="KMS did not encrypt the new token, so it cannot be shared.",
        steps=("check the stack's KMS key and that the function's role may use it",),
        also="a token",
    ),
    Reason(
        code="too_large",
        error=CacheUnavailable,
        backoff=Backoff.RATE,
        cause="The new token does not fit into a parameter of 4,096 characters, so it cannot be shared.",
        steps=("set the parameter CacheBackend to dynamodb", "or let the app issue opaque access tokens"),
        also="a token of over some 2,000 characters, where CacheBackend is parameter-store",
    ),
)

REASONS: Mapping[str, Reason] = {reason.code: reason for reason in _REASONS}
_CLASSES = {reason.error.__name__: reason.error for reason in _REASONS}


def classify(status: int, error: Foreign, description: Foreign, *, page: bool = False) -> Reason:
    """Return the reason that an answer of the token endpoint means, which is no token answer.

    Args:
        status: the HTTP status.
        error: the answer's `error`, empty if there was none.
        description: the answer's `error_description`.
        page: the answer is HTML: nothing of Salesforce's token endpoint.

    Source: RFC 6749 section 5.2; RFC 9110 sections 15.5.9 and 15.6; RFC 6585 section 4.
    """
    if status >= 500 or status == 408:  # noqa: PLR2004 - a fault, or a time-out, of the server
        return REASONS["salesforce_fault"]
    if status == 429:  # noqa: PLR2004
        return REASONS["too_many_requests"]
    error, description = error.strip().lower(), _plain(description)
    for reason in _REASONS:
        if any(error == known and part in description for known, part in reason.answers):
            return reason
    if page or not 400 <= status < 500:  # noqa: PLR2004
        return REASONS["malformed_answer"]
    return REASONS["refused" if error else "refused_without_a_word"]


def _plain(description: Foreign) -> str:
    """Return a description as the table has it: an apostrophe may come curly, or escaped as for a page."""
    return unescape(description).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower()


def recall(error: str, code: str, detail: Foreign) -> SfmintError:
    """Return the error of a failure that a row remembers, in the words of the first time.

    Args:
        error: the class name that the row has.
        code: the reason's; one of a later version counts as its class.
        detail: what was known of the case.
    """
    reason = REASONS.get(code)
    if reason is not None and reason.error.__name__ == error:
        from sfmint_values.redaction import redacted  # who gets a token needs none of it

        return reason.to_error(redacted(detail, _LONGEST_DETAIL))
    kind = _CLASSES.get(error, SalesforceUnavailable)
    return kind("The last login failed.", remedy="Look at the connection's status, or flush it and call again.")
