"""The reasons for no token that no answer gives: sfmint finds them itself, before it asks Salesforce or after."""

from functools import partial

from sfmint.errors import (
    AssertionRejected,
    CacheUnavailable,
    InternalError,
    InvalidCredentials,
    LoginRateExceeded,
    SalesforceUnavailable,
)
from sfmint.salesforce.login_failures.reason import Backoff, Reason

_outage = partial(Reason, error=SalesforceUnavailable, backoff=Backoff.TRANSIENT)
_unshared = partial(Reason, error=CacheUnavailable)

FOUND = (
    Reason(
        code="login_budget",
        error=LoginRateExceeded,
        backoff=Backoff.HOUR,
        cause="sfmint's own budget of logins for this Salesforce user and hour is spent.",
        steps=(
            "wait for the next hour, and find out who rejects or flushes tokens",
            "if all of these logins are needed, raise the parameter LoginBudgetPerHour",
        ),
        also="nothing, for it is not asked",
    ),
    Reason(
        code="wrong_org",
        error=AssertionRejected,
        backoff=Backoff.PERMANENT,
        cause="The token that Salesforce gave is of another org than {org_id} names.",
        steps=(
            "check that {token_host} is the org that is meant: after the refresh of a sandbox its id is another",
            "if it is, set {org_id}{where} to the id that Setup shows under Company Information",
        ),
        also="a token whose id names another org than org_id in the secret, or no org; the token is dropped",
        names_ids=True,
    ),
    _outage(
        code="untrusted_tls",
        cause="The token host cannot be reached: its certificate or its TLS is not accepted.",
        steps=(
            "behind a proxy that opens TLS, {trust_proxy}",
            "check {token_host}{where}, and {signing_machine}'s clock",
        ),
        also="no answer: its certificate is of no authority that is trusted, is out of date, or is of another host",
    ),
    _outage(
        code="unreachable",
        cause="The token host cannot be reached.",
        steps=("check {token_host}{where}, and {way_out}",),
        also="no answer: the name or the connection fails",
    ),
    Reason(
        code="proxy_login",
        error=InvalidCredentials,
        backoff=Backoff.PERMANENT,
        cause="The proxy on the way to Salesforce asks for a user and a password, or for others than it was given (HTTP 407).",
        steps=("{proxy_login}",),
        also="nothing, for it is not asked: the proxy answers 407",
    ),
    _outage(
        code="no_answer",
        cause="Salesforce gave no complete answer in time.",
        steps=("call again later; if it lasts, look at status.salesforce.com",),
        also="nothing within seven seconds, or an answer that breaks off",
    ),
    _outage(
        code="dead_on_arrival",
        cause="Salesforce answered a token that was over, or just rejected, when it arrived.",
        steps=("call again later; if it lasts, {check_lifetime}",),
        also="a token with less than 30 seconds of life, or one that a caller has just reported",
    ),
    _unshared(
        code="seal_denied",
        backoff=Backoff.PERMANENT,
        cause="KMS refuses to encrypt the new token, so it cannot be shared.",
        steps=("enable the stack's KMS key and let the function's role use it, then flush the connection",),
        also="a token",
    ),
    _unshared(
        code="not_sealed",
        backoff=Backoff.TRANSIENT,
        cause="KMS did not encrypt the new token, so it cannot be shared.",
        steps=("check the stack's KMS key and that the function's role may use it",),
        also="a token",
    ),
    _unshared(
        code="too_large",
        backoff=Backoff.RATE,
        cause="The new token does not fit into a parameter of 4,096 characters, so it cannot be shared.",
        steps=("set the parameter CacheBackend to dynamodb", "or let the app issue opaque access tokens"),
        also="a token of over some 2,000 characters, where CacheBackend is parameter-store",
    ),
    _unshared(
        code="publish_denied",
        backoff=Backoff.PERMANENT,
        cause="AWS refuses to store the new token, so it cannot be shared.",
        steps=("let the function's role write the stack's table or parameters, then flush the connection",),
        also="a token",
    ),
    _unshared(
        code="not_published",
        backoff=Backoff.TRANSIENT,
        cause="The new token was not stored, so it cannot be shared.",
        steps=("call again later; if it lasts, check the stack's table or parameters, and their limits",),
        also="a token",
    ),
    Reason(
        code="fault",
        error=InternalError,
        backoff=Backoff.PERMANENT,
        cause="sfmint met a fault of its own after it had sent the login.",
        steps=("report the log line of the failed mint, which names the place",),
        also="anything that sfmint does not foresee",
    ),
)
