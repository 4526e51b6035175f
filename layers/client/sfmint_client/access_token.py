"""An access token with all that came with it, and who provides one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, Self

from sfmint_values.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """An access token and the answer it came in.

    Attributes:
        connection: whose token it is.
        fingerprint: 16 hex digits, by which logs and `rejected` speak of the token.
        instance_url: the org's origin at which the token is good; other origins are in `hosts`.
        org_id: the org's id, empty if Salesforce did not say.
        user_id: the user's id, likewise.
        issued_at: when Salesforce issued it.
        expires_at: when the broker ceases to serve it.
        expires_in: life left when the broker answered, in seconds.
        min_ttl_applied: the least life asked for, in seconds, clamped to half of the token's life.
        source: `memory`, `cache` or `minted`.
        hosts: further hosts of Salesforce's that take the same token, `host` or `host:port`, as the connection lists them.
        api_instance_url: where Salesforce's own hosts, such as api.salesforce.com, find the org; empty if it did not say.
        token_format: `jwt` or `opaque`, likewise.
        sfdc_community_url: the Experience Cloud site's URL, for a user of one; likewise.
        sfdc_community_id: its id, likewise.
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
    hosts: tuple[str, ...] = ()
    api_instance_url: str = ""
    token_format: str = ""
    sfdc_community_url: str = ""
    sfdc_community_id: str = ""

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> Self:
        """Return the token of the broker's answer to `get_token`; fields that are not known here are left out.

        Raises:
            ValueError: a field is missing, of another type, or out of range. The message quotes nothing.
        """
        try:
            texts = {name: _text(answer[name]) for name in _TEXTS}
            return cls(
                **texts,
                issued_at=_instant(answer["issued_at"]),
                expires_at=_instant(answer["expires_at"]),
                expires_in=_seconds(answer["expires_in"]),
                min_ttl_applied=_seconds(answer["min_ttl_applied"]),
                hidden=Secret(_text(answer["access_token"])),
                hosts=_texts(answer.get("hosts", [])),
                **{name: _text(answer[name]) for name in _OPTIONAL if answer.get(name)},
            )
        except (KeyError, TypeError, ValueError):
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


_OPTIONAL = ("api_instance_url", "token_format", "sfdc_community_url", "sfdc_community_id")
_TEXTS = ("connection", "fingerprint", "instance_url", "token_type", "scope", "id", "org_id", "user_id", "source")
_LONGEST_TEXT = 65_536  # of an answer of Salesforce's more is not read
_LONGEST_LIFE_S = 86_400  # a session of Salesforce's lasts a day at most
_YEARS = range(2000, 2100)


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(_text, value))
    raise TypeError


def _text(value: object) -> str:
    """Return a text that fits a header and a line: of ASCII that can be printed."""
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT and value.isascii() and value.isprintable():
        return value
    raise TypeError


def _seconds(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LONGEST_LIFE_S:
        return value
    raise TypeError


def _instant(value: object) -> datetime:
    """Return a date in UTC, of a year that can be reckoned with."""
    instant = datetime.fromisoformat(_text(value))
    if instant.utcoffset() == timedelta(0) and instant.year in _YEARS:
        return instant
    raise ValueError
