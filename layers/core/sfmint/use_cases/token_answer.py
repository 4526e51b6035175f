"""The token of an answer to an exchange, which is the connection's own and tells no secret, or why there is none."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.answer_fields import MalformedAnswer
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed, wrong_org
from sfmint_values.secret import Secret


def token_of(
    answer: Mapping[str, Any],
    connection: Connection,
    assertion: Secret,
    *,
    asked_at: float,
    soft_share: float,
    listed: frozenset[str],
) -> AccessToken:
    """Return the token of an answer to an exchange; see `AccessToken.from_answer`.

    Raises:
        LoginFailed: the answer is malformed, is another org's than the connection names, or repeats the assertion or the token where all may see it.
    """
    try:
        answered = AccessToken.from_answer(
            answer,
            connection=connection.name,
            asked_at=asked_at,
            lifetime_s=connection.lifetime_s,
            soft_share=soft_share,
            listed=listed,
        )
    except MalformedAnswer as malformed:
        raise LoginFailed(REASONS["malformed_answer"], detail=str(malformed)) from None
    token = replace(answered, hosts=connection.hosts)
    if not token.is_of(connection.org_id):
        raise wrong_org(token.org_id, connection.org_id)
    if token.repeats((assertion, token.access_token), hosts=(connection.token_host, connection.audience)):
        raise LoginFailed(REASONS["malformed_answer"], detail="it repeats a secret in another field")
    return token
