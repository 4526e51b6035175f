"""An access token with all that came with it, and who provides one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self

from sfmint_values.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """An access token and the answer it came in.

    Attributes:
        connection: whose token it is.
        fingerprint: 16 hex digits, by which logs and `rejected` speak of the token.
        instance_url: the only origin at which the token is good.
        org_id: the org's id, empty if Salesforce did not say.
        user_id: the user's id, likewise.
        issued_at: when Salesforce issued it.
        expires_at: when the broker ceases to serve it.
        expires_in: life left when the broker answered, in seconds.
        min_ttl_applied: the least life asked for, in seconds, clamped to half of the token's life.
        source: `memory`, `cache` or `minted`.
    """

    connection: str
    fingerprint: str
    instance_url: str
    token_type: str
    scope: str
    id: str
    org_id: str
    user_id: str
    issued_at: datetime
    expires_at: datetime
    expires_in: int
    min_ttl_applied: int
    source: str
    hidden: Secret

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> Self:
        """Return the token of the broker's answer to `get_token`; fields that are not known here are left out.

        Raises:
            ValueError: a field is missing, or of another type. The message quotes nothing.
        """
        try:
            texts = {name: _text(answer[name]) for name in _TEXTS}
            return cls(
                **texts,
                issued_at=datetime.fromisoformat(_text(answer["issued_at"])),
                expires_at=datetime.fromisoformat(_text(answer["expires_at"])),
                expires_in=int(answer["expires_in"]),
                min_ttl_applied=int(answer["min_ttl_applied"]),
                hidden=Secret(_text(answer["access_token"])),
            )
        except (KeyError, TypeError, ValueError, OverflowError):
            raise ValueError("not an answer to get_token") from None

    @property
    def access_token(self) -> str:
        """The token itself."""
        return self.hidden.reveal()

    @property
    def authorization(self) -> str:
        """The value of the Authorization header (RFC 6750 section 2.1)."""
        return f"Bearer {self.hidden.reveal()}"


class TokenProvider(Protocol):
    """Whatever hands out tokens: a `TokenClient`, or a fake of your own."""

    def get_token(self, *, min_ttl: int | None = None, rejected: str | None = None) -> AccessToken:
        """Return a token; see `TokenClient.get_token`."""
        ...


_TEXTS = ("connection", "fingerprint", "instance_url", "token_type", "scope", "id", "org_id", "user_id", "source")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError
