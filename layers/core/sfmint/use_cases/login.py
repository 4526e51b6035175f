"""One login at Salesforce: counted, sent, and its answer judged. Who logs in, and what becomes of the token, is others' concern."""

from sfmint.lifetime import DEAD_WITHIN_S, SOFT_SPREAD
from sfmint.ports import Ports
from sfmint.row import writes
from sfmint.row.conditional_write import ConditionFailed
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import LoginCounted
from sfmint.use_cases import clock_check
from sfmint.use_cases.token_answer import token_of
from sfmint_values.secret import Secret


def spend(ports: Ports, connection: Connection, limit: int) -> None:
    """Count one login of the connection's user in this hour.

    Args:
        ports: the world.
        connection: whose user logs in.
        limit: logins that one Salesforce user may cost an hour.

    Raises:
        LoginFailed: the hour's logins are spent.
        CacheUnavailable: the store does not answer.
    """
    now = ports.clock.now()
    outcome = ports.store.write(writes.budget_key(connection, now), writes.spend_login(limit, now))
    logins = limit if isinstance(outcome, ConditionFailed) else outcome.item.get("logins")
    if isinstance(logins, int):  # else the store keeps no count
        ports.telemetry.emit(LoginCounted(connection=connection.name, logins=logins, limit=limit))
    if isinstance(outcome, ConditionFailed):
        raise LoginFailed(REASONS["login_budget"])


def log_in(ports: Ports, connection: Connection, assertion: Secret, listed: frozenset[str]) -> AccessToken:
    """Return the token that Salesforce gives for an assertion.

    Args:
        ports: the world.
        connection: whose identity is asserted.
        assertion: signed a moment ago.
        listed: hosts beside Salesforce's own at which a token may be used.

    Raises:
        LoginFailed: Salesforce gives none, or one that cannot be taken.
    """
    asked_at = ports.clock.now()
    try:
        answer = ports.endpoint.exchange(connection, assertion)
    except LoginFailed as failed:
        raise clock_check.told(ports, connection.name, failed) from None
    clock_check.compare(ports, connection.name, "Salesforce")
    soft_share = ports.chance.uniform(*SOFT_SPREAD)
    return token_of(answer, connection, assertion, asked_at=asked_at, soft_share=soft_share, listed=listed)


def is_dead(token: AccessToken, now: float) -> bool:
    """Return whether a token is over on arrival."""
    return token.hard_expiry - now <= DEAD_WITHIN_S
