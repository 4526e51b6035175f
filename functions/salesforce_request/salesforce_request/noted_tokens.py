"""A connection's tokens, noted as they are handed out, so that the log knows what it must not show."""

from collections import deque

from sfmint_client.access_token import AccessToken, TokenProvider
from sfmint_values.secret import Secret

_KEPT = 2  # the one in use, and the one that it has replaced


class NotedTokens:
    """Hands out the tokens of another provider.

    Args:
        tokens: the provider.
    """

    def __init__(self, tokens: TokenProvider) -> None:
        self._tokens = tokens
        self._noted: deque[Secret] = deque(maxlen=_KEPT)

    def get_token(self, *, min_ttl: int | None = None, rejected: str | None = None) -> AccessToken:
        """Return a token; see `TokenClient.get_token`."""
        token = self._tokens.get_token(min_ttl=min_ttl, rejected=rejected)
        if token.hidden not in self._noted:
            self._noted.append(token.hidden)
        return token

    def secrets(self) -> tuple[Secret, ...]:
        """Return the last tokens that were handed out."""
        return tuple(self._noted)
