"""Does Salesforce let the user in from here, at this host and with this audience?"""

from collections.abc import Iterator
from dataclasses import replace

from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import LoginFailed
from sfmint_cli.doctor.case import Case, PendingLogin
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.doctor.words import FROM_HERE, of_login
from sfmint_cli.login_attempt import Trial
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed
from sfmint_cli.signing import Signing
from sfmint_cli.storing_command import storing
from sfmint_cli.way_out import proxy_for
from sfmint_values.hosts import SUFFIXES

_PRODUCTION, _TEST = "https://login.salesforce.com", "https://test.salesforce.com"
_OF_TEST = (".sandbox.my.salesforce.com", ".scratch.my.salesforce.com", ".sandbox.my.site.com")
_WRONG_KEY = "wrong_key"
# What Salesforce answers to a login at a wrong host or for a wrong audience, among other causes.
_OF_PLACE = frozenset(
    {"app_not_found", "not_a_token_endpoint", "unknown_client", "user_not_approved", "wrong_audience", "wrong_domain"}
)


def login(case: Case) -> Finding:
    """Log in once with the secret's key, as the broker does."""
    try:
        case.token = _log_in(case, case.connection, case.key)
    except LoginFailed as failed:
        return _refused(case, failed) if case.pending is None else _in_rotation(case, case.pending, failed)
    return Finding.ok(f"{_let_in(case)}.")


def _let_in(case: Case) -> str:
    org = f", org {case.token.org_id}" if case.token.org_id else ""
    return f"Salesforce lets {case.connection.username} in{org}"


def _refused(case: Case, failed: LoginFailed) -> Finding:
    case.refused = failed
    return of_login(failed)


def _in_rotation(case: Case, pending: PendingLogin, failed: LoginFailed) -> Finding:
    """Log in as the broker does while a rotation is pending: with the key that it has made ready."""
    try:
        case.token = _log_in(case, pending.connection, pending.key)
    except LoginFailed:
        told = _refused(case, failed)
        if failed.reason.code != _WRONG_KEY:
            return told
        return Finding.fault(
            f"Salesforce refuses the current key and the new one, {pending.key.key_id}, as an org may for some minutes"
            f" while a rotation changes the app: {told.cause}",
            f"Upload nothing now. See what the rotation waits for: {sfmint('rotate', 'status', case.name)}",
        )
    return Finding.ok(f"{_let_in(case)}, with the new key {pending.key.key_id} of the rotation that is pending.")


def place(case: Case) -> Finding:
    """Try other hosts and audiences, if the login has failed in a way that one of them explains."""
    if case.is_let_in:
        return Finding.ok("token_host and audience are those of the user's org.")
    if case.refused is None:
        return Finding.not_checked("It depends on a login, and none has ended.")
    if case.refused.reason.code not in _OF_PLACE:
        return Finding.not_checked("What Salesforce answers has another cause than host and audience.")
    others = list(_others(case.connection))
    if not others:
        return Finding.not_checked("A site of Experience Cloud is asked at its own URL only, so no other was tried.")
    unclear = None
    for other in others:
        found = _tried(case, other)
        if found is not None and found.is_wrong:
            return found
        unclear = unclear or found
    if unclear is not None:
        return unclear
    pairs = "1 other pair" if len(others) == 1 else f"{len(others)} other pairs"
    return Finding.ok(f"They are not the cause: {pairs} of token_host and audience failed too.")


def _tried(case: Case, other: Connection) -> Finding | None:
    """Return what a login with another pair tells; None: it is not what the org wants either."""
    pair = f"token_host {other.token_host} and audience {other.audience}"
    try:
        _log_in(case, other, case.key)
    except Failed as failed:  # ten logins were tried
        return Finding.not_checked(failed.cause, failed.remedy)
    except LoginFailed as failed:
        if failed.reason.code in _OF_PLACE:
            return None
        told = of_login(failed)
        return Finding.not_checked(f"With {pair} it failed for another reason: {told.cause}", told.remedy)
    return Finding.fault(
        f"The same user and key log in with {pair}.",
        f"Store the connection with these: {storing(case.name, other)}",
    )


def scopes(case: Case) -> Finding:
    """Look at the scopes of the token."""
    given = case.token.scope.split()
    if not {"api", "full"} & set(given):
        return Finding.fault(
            f"The app's scopes ({', '.join(given)}) do not allow REST requests.",
            "Give the app the scope api; Setup calls it Manage user data via APIs.",
        )
    if "refresh_token" not in given and "offline_access" not in given:
        return Finding.warning(
            "The app lacks the scope refresh_token, without which Salesforce refuses many a pre-authorised user.",
            "Give the app the scope refresh_token; Setup calls it Perform requests at any time.",
        )
    return Finding.ok(f"The token has {', '.join(given)}.")


def lifetime(case: Case) -> Finding:
    """Compare token_lifetime with the end of the token, where that can be seen."""
    ends_at, granted = case.token.ends_at(), case.connection.lifetime_s
    if ends_at == float("inf"):
        return Finding.not_checked(
            f"token_lifetime is {granted} s; how long an opaque token lives is said by the app's policies alone.",
            "With an administrator's session, App against secret compares them.",
        )
    lives = max(60, 60 * round((ends_at - case.token.issued_at) / 60))  # Salesforce sets it in minutes
    if lives < granted:
        return Finding.warning(
            f"token_lifetime is {granted} s, and the token, a JWT, ends after {lives} s.",
            "Let the app's tokens live longer, or store what they live:"
            f" {storing(case.name, case.connection, token_lifetime_s=lives)}",
        )
    return Finding.ok(f"token_lifetime is {granted} s, and the token, a JWT, lives for {lives} s.")


def _log_in(case: Case, connection: Connection, key: Signing) -> AccessToken:
    case.logins.count(case.connection.token_host, connection.username)
    trial = Trial(
        connection=connection,
        key=key,
        listed=case.stack.token_hosts,
        ca_bundle=case.ca_bundle,
        proxy=proxy_for(connection.token_origin),
        vocabulary=FROM_HERE,
    )
    return trial.log_in()


def _others(connection: Connection) -> Iterator[Connection]:
    """Yield the connection with the other pairs of host and audience that its org may want; three at most.

    Source: shared experience of the Salesforce CLI, forcedotcom/sfdx-core src/org/authInfo.ts, which tries such pairs too.
    """
    host, present = connection.token_host, (connection.token_host, connection.audience)
    if connection.token_path:
        return
    general = _TEST if host == _TEST or host.endswith(_OF_TEST) else _PRODUCTION
    other = _PRODUCTION if general == _TEST else _TEST
    pairs = [(host, host), (host, general)]
    if host in (_PRODUCTION, _TEST):
        pairs = [(host, host), (other, other)]
    elif host.endswith(SUFFIXES):
        pairs.append((general, general))
    for token_host, audience in pairs:
        if (token_host, audience) != present:
            yield replace(connection, token_host=token_host, audience=audience)
