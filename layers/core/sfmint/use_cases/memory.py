"""The tokens that one execution environment holds, each trusted for a while after the row has confirmed it."""

from dataclasses import dataclass

from sfmint.lifetime import TokenState
from sfmint.row.decisions import Want
from sfmint.salesforce.access_token import AccessToken


@dataclass(frozen=True, slots=True)
class Remembered:
    """A token in memory, and when the row last confirmed it (epoch seconds)."""

    token: AccessToken
    confirmed_at: float


class Memory:
    """Tokens by connection: aliases of one version share an execution environment.

    Args:
        trust_s: for how long a token is trusted after the row confirmed it, in seconds.
    """

    def __init__(self, trust_s: float) -> None:
        self._trust_s = trust_s
        self._held: dict[str, Remembered] = {}

    def held(self, name: str) -> Remembered | None:
        """Return what is held of a connection, trusted or not."""
        return self._held.get(name)

    def trusted(self, name: str, want: Want, now: float) -> AccessToken | None:
        """Return the connection's token while it is trusted and nothing asks for another."""
        held = self._held.get(name)
        if held is None or want.rejected is not None or not 0 <= now - held.confirmed_at < self._trust_s:
            return None
        return held.token if at_rest(held.token, want, now) else None

    def confirm(self, token: AccessToken, at: float) -> None:
        """Hold a token that the row confirmed at this instant, in epoch seconds."""
        self._held[token.connection] = Remembered(token, at)

    def forget(self, name: str) -> None:
        """Drop what is held of a connection: whatever fails next, it is not served again."""
        self._held.pop(name, None)


def at_rest(token: AccessToken, want: Want, now: float) -> bool:
    """Return whether the token is good and nothing asks for its refresh."""
    lifetime = token.lifetime
    return lifetime.state(now) is TokenState.FRESH and not lifetime.due(now, min_ttl=want.min_ttl)
