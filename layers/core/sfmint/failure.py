"""Why Salesforce gave no token, in words, and how long to leave it alone: the one table that everything shares.

Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow" and "Error Codes"; each row was seen in a public report.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from sfmint.errors import AssertionRejected, CacheUnavailable, LoginRateExceeded, SalesforceUnavailable, SfmintError


class Backoff(Enum):
    """How long a failure is remembered: first wait in seconds, longest wait, steps before the wait doubles."""

    PERMANENT = (60.0, 900.0, 0)
    PROPAGATING = (60.0, 900.0, 10)  # maybe a change of the app under way, which takes two to ten minutes
    RATE = (600.0, 3600.0, 0)
    TRANSIENT = (2.0, 60.0, 0)
    HOUR = (3600.0, 3600.0, 0)  # to the end of the clock's hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One way in which a mint fails.

    Attributes:
        code: its name on the cache row, in logs and in `status`.
        error: the class that callers meet.
        backoff: how long it is remembered.
        cause: one sentence.
        remedy: one sentence.
        answers: (`error`, part of `error_description`) pairs of Salesforce that mean it, in lower case; an empty
            part matches every description.
    """

    code: str
    error: type[SfmintError]
    backoff: Backoff
    cause: str
    remedy: str
    answers: tuple[tuple[str, str], ...] = ()

    def to_error(self) -> SfmintError:
        """Return the error that callers meet."""
        if self.error is CacheUnavailable:
            return CacheUnavailable(self.cause, remedy=self.remedy, denied=self.backoff is Backoff.PERMANENT)
        return self.error(self.cause, remedy=self.remedy)


class MintFailed(Exception):  # noqa: N818 - what happened
    """No token came of an attempt.

    Args:
        reason: why.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


_REASONS = (
    Reason(
        code="user_not_approved",
        error=AssertionRejected,
        backoff=Backoff.PROPAGATING,
        cause="Salesforce says that the user has not approved this app.",
        remedy="Pre-authorise the user: set the app's policy to admin-approved users and assign its permission set or"
        " profile to the username of the secret, then wait ten minutes; also check that audience and token_host belong"
        " to the user's org and that the app has the refresh_token scope.",
        answers=(("invalid_grant", "user hasn't approved this consumer"),),
    ),
    Reason(
        code="user_not_admin_approved",
        error=AssertionRejected,
        backoff=Backoff.PROPAGATING,
        cause="Salesforce says that an administrator has not approved the user for this app.",
        remedy="Assign the permission set or profile that carries the app to the username of the secret, then wait ten"
        " minutes.",
        answers=(("invalid_app_access", ""), ("oauth_app_access_denied", "")),
    ),
    Reason(
        code="wrong_audience",
        error=AssertionRejected,
        backoff=Backoff.PERMANENT,
        cause="Salesforce refuses the assertion's audience.",
        remedy="Set audience in the secret: the org's My Domain for an External Client App, https://login.salesforce.com"
        " (sandbox: https://test.salesforce.com) for a Connected App.",
        answers=(("invalid_grant", "audience is invalid"), ("invalid_grant", "audience validation failed")),
    ),
    Reason(
        code="wrong_key",
        error=AssertionRejected,
        backoff=Backoff.PERMANENT,
        cause="Salesforce cannot verify the assertion's signature.",
        remedy="Upload the certificate of the private key in the secret to the app that consumer_key names; also check"
        " that this app lives in the org of token_host.",
        answers=(("invalid_grant", "invalid assertion"),),
    ),
    Reason(
        code="assertion_expired",
        error=AssertionRejected,
        backoff=Backoff.PERMANENT,
        cause="Salesforce takes the assertion for expired, so the two clocks disagree by minutes.",
        remedy="Check the clock of the machine that signs; inside Lambda tell AWS Support.",
        answers=(("invalid_grant", "expired authorization code"),),
    ),
    Reason(
        code="ip_restricted",
        error=AssertionRejected,
        backoff=Backoff.PERMANENT,
        cause="Salesforce refuses the login for its IP address or its hour.",
        remedy="Allow the egress address of the Lambda functions in the profile's IP ranges and the app's IP policy, and"
        " look at the profile's login hours.",
        answers=(("invalid_grant", "ip restricted"), ("invalid_grant", "invalid login hours")),
    ),
    Reason(
        code="inactive_user",
        error=AssertionRejected,
        backoff=Backoff.PERMANENT,
        cause="Salesforce says that the user or the org is inactive or locked.",
        remedy="Activate or unlock the username of the secret in Salesforce Setup, under Users.",
        answers=(
            ("invalid_grant", "inactive user"),
            ("invalid_grant", "user is locked"),
            ("inactive_user", ""),
            ("inactive_org", ""),
        ),
    ),
    Reason(
        code="login_rate",
        error=LoginRateExceeded,
        backoff=Backoff.RATE,
        cause="Salesforce refuses further logins of this user for now: 3,600 attempts an hour are allowed.",
        remedy="Wait up to an hour, and find out in Login History who else logs in as this user.",
        answers=(("invalid_grant", "login rate exceeded"), ("rate_limit_exceeded", "")),
    ),
    Reason(
        code="wrong_domain",
        error=AssertionRejected,
        backoff=Backoff.PERMANENT,
        cause="Salesforce does not take this login at this host.",
        remedy="Set token_host in the secret to the org's My Domain.",
        answers=(("invalid_grant", "request not supported on this domain"),),
    ),
    Reason(
        code="unknown_client",
        error=AssertionRejected,
        backoff=Backoff.PROPAGATING,
        cause="Salesforce does not know the consumer key.",
        remedy="Compare consumer_key with the app's, check that token_host is the app's own org, and wait ten minutes if"
        " the app is new.",
        answers=(("invalid_client_id", ""), ("invalid_client", "")),
    ),
    Reason(
        code="app_not_found",
        error=AssertionRejected,
        backoff=Backoff.PROPAGATING,
        cause="Salesforce says that the External Client App is not installed in this org, or is blocked.",
        remedy="Set token_host and audience to the org's My Domain; after a sandbox refresh deploy the app again and"
        " store its new consumer key.",
        answers=(("app_not_found", ""), ("oauth_ec_app_not_found", ""), ("oauth_app_blocked", "")),
    ),
    Reason(
        code="not_a_token_endpoint",
        error=AssertionRejected,
        backoff=Backoff.PERMANENT,
        cause="The host of token_host does not take the JWT bearer grant.",
        remedy="Set token_host in the secret to the org's My Domain; if it is, report a fault of sfmint.",
        answers=(("unsupported_grant_type", ""), ("invalid_request", "")),
    ),
    Reason(
        code="salesforce_fault",
        error=SalesforceUnavailable,
        backoff=Backoff.TRANSIENT,
        cause="Salesforce reports a fault of its own.",
        remedy="Call again later; if it lasts, look at status.salesforce.com.",
        answers=(("unknown_error", ""), ("server_error", ""), ("temporarily_unavailable", "")),
    ),
    Reason(
        code="refused",
        error=AssertionRejected,
        backoff=Backoff.PERMANENT,
        cause="Salesforce refuses the login with an error that sfmint does not know.",
        remedy="Look it up in the user's Login History in Salesforce Setup.",
    ),
    Reason(
        code="too_many_requests",
        error=LoginRateExceeded,
        backoff=Backoff.RATE,
        cause="Salesforce answers 429, too many requests.",
        remedy="Wait, and find out in Login History who else logs in as this user.",
    ),
    Reason(
        code="unreachable",
        error=SalesforceUnavailable,
        backoff=Backoff.TRANSIENT,
        cause="The token host cannot be reached: name, connection or TLS failed.",
        remedy="Check token_host in the secret, and in a VPC the way out to the internet (NAT or HttpsProxy).",
    ),
    Reason(
        code="no_answer",
        error=SalesforceUnavailable,
        backoff=Backoff.TRANSIENT,
        cause="Salesforce gave no complete answer in time.",
        remedy="Call again later; if it lasts, look at status.salesforce.com.",
    ),
    Reason(
        code="malformed_answer",
        error=SalesforceUnavailable,
        backoff=Backoff.TRANSIENT,
        cause="The token host gave an answer that is no token answer, such as a redirect or a page.",
        remedy="Check that token_host in the secret is the org's My Domain; otherwise call again later.",
    ),
    Reason(
        code="dead_on_arrival",
        error=SalesforceUnavailable,
        backoff=Backoff.TRANSIENT,
        cause="Salesforce answered a token that was over, or just rejected, when it arrived.",
        remedy="Call again later; if it lasts, compare token_lifetime in the secret with the app's session time-out.",
    ),
    Reason(
        code="login_budget",
        error=LoginRateExceeded,
        backoff=Backoff.HOUR,
        cause="sfmint's own budget of logins for this Salesforce user and hour is spent.",
        remedy="Wait for the next hour, and find out who rejects or flushes tokens; the budget is the parameter"
        " LoginBudgetPerHour.",
    ),
    Reason(
        code="seal_denied",
        error=CacheUnavailable,
        backoff=Backoff.PERMANENT,
        cause="KMS refuses to encrypt the new token, so it cannot be shared.",
        remedy="Enable the stack's KMS key and let the function's role use it, then flush the connection.",
    ),
    Reason(
        code="not_sealed",
        error=CacheUnavailable,
        backoff=Backoff.TRANSIENT,
        cause="KMS did not encrypt the new token, so it cannot be shared.",
        remedy="Check the stack's KMS key and that the function's role may use it.",
    ),
)

REASONS: Mapping[str, Reason] = {reason.code: reason for reason in _REASONS}


def classify(status: int, error: str, description: str) -> Reason:
    """Return the reason that an error answer of the token endpoint means.

    Args:
        status: the HTTP status.
        error: the answer's `error`, empty if there was none.
        description: the answer's `error_description`.

    Source: RFC 6749 section 5.2.
    """
    if status >= 500:  # noqa: PLR2004 - RFC 9110 section 15.6
        return REASONS["salesforce_fault"]
    if status == 429:  # noqa: PLR2004 - RFC 6585 section 4
        return REASONS["too_many_requests"]
    error, description = error.lower(), description.lower()
    for reason in _REASONS:
        if any(error == known and part in description for known, part in reason.answers):
            return reason
    if error and 400 <= status < 500:  # noqa: PLR2004
        return REASONS["refused"]
    return REASONS["malformed_answer"]


def remembered_until(reason: Reason, count: int, now: float, jitter: float) -> float:
    """Return until when a failure is remembered, epoch seconds.

    Args:
        reason: why the mint failed.
        count: the how-manieth failure in a row of this configuration and key, from 1.
        now: epoch seconds.
        jitter: drawn from 1 to 1.5; it spreads transient waits only.
    """
    first, longest, steps = reason.backoff.value
    if reason.backoff is Backoff.HOUR:
        return (now // first + 1) * first
    spread = jitter if reason.backoff is Backoff.TRANSIENT else 1.0
    return now + min(longest, first * spread * 2.0 ** min(max(0, count - 1 - steps), 10))
