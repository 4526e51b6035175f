"""What Salesforce answers: one access token with all that belongs to it, kept and handed on as a whole."""

import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from sfmint.json_object import unpacked
from sfmint.lifetime import LATEST, Lifetime, is_instant
from sfmint.salesforce import answer_fields
from sfmint.salesforce.answer_fields import RECORD_ID, SCOPE, SITE, TOKEN, WORD, known_words
from sfmint_values.foreign import ForeignBytes
from sfmint_values.hosts import is_further_host, token_origin
from sfmint_values.secret import Secret, fingerprint_of

LARGEST_ANSWER = 1 << 20  # bytes of a stored answer before they were compressed; Salesforce's own has 64 KiB at most
REUSED_AFTER_S = 60.0  # Salesforce's issue time lies further back: a session that it hands out again

_TIMES = frozenset({"issued_at", "soft_expiry", "hard_expiry"})
# What an answer and a secret may leave out, and a copy that was sealed by an earlier version.
_LEFT_OUT: dict[str, Any] = {
    **dict.fromkeys(("api_instance_url", "token_format", "sfdc_community_url", "sfdc_community_id"), ""),
    "hosts": [],
}
_OURS = frozenset({"connection", "fingerprint", "org_id", "user_id"})  # not Salesforce's words, or a part of the id


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """An access token and the answer it came in.

    Attributes:
        access_token: opaque, or itself a JWT.
        instance_url: the origin at which the token is good.
        fingerprint: first 16 hex digits of SHA-256 of the access token.
        issued_at: epoch seconds, the earlier of our clock before the POST and Salesforce's.
        soft_expiry: epoch seconds; from here on it is refreshed while it is still served.
        hard_expiry: epoch seconds; past it, it is never served.
        api_instance_url: where a JWT-based token takes the APIs that are not the org's own; empty: not said.
        token_format: `opaque` or `jwt`; empty: not said.
        sfdc_community_url: of the Experience Cloud site that the user is of; empty: none.
        sfdc_community_id: its id; empty: none.
        hosts: `host` or `host:port` that the token may be sent to beside its instance, as the secret says.
    """

    connection: str
    access_token: Secret
    token_type: str
    instance_url: str
    scope: str
    id: str
    org_id: str
    user_id: str
    fingerprint: str
    issued_at: float
    soft_expiry: float
    hard_expiry: float
    api_instance_url: str = ""
    token_format: str = ""
    sfdc_community_url: str = ""
    sfdc_community_id: str = ""
    hosts: tuple[str, ...] = ()

    @classmethod
    def from_answer(
        cls,
        answer: Mapping[str, Any],
        *,
        connection: str,
        asked_at: float,
        lifetime_s: float,
        soft_share: float,
        listed: frozenset[str],
    ) -> Self:
        """Return the token of a token answer.

        Args:
            answer: the JSON object of a 200 answer (RFC 6749 section 5.1); it has no `expires_in` after a JWT bearer grant.
            connection: the connection's name.
            asked_at: our clock before the POST, epoch seconds.
            lifetime_s: the connection's token lifetime; a JWT's own `exp` wins where it is sooner.
            soft_share: where in the life the soft expiry lies, drawn from `SOFT_SPREAD`.
            listed: hosts beside Salesforce's own at which a token may be used.

        Raises:
            MalformedAnswer: a field is missing, of the wrong type or not allowed.
        """
        token = answer_fields.required(answer, "access_token", TOKEN)
        identity_url, org_id, user_id = answer_fields.identity(answer, listed)
        lifetime = _lifetime(answer, token, asked_at, lifetime_s, soft_share)
        return cls(
            connection=connection,
            access_token=Secret(token),
            token_type=answer_fields.bearer(answer),
            instance_url=answer_fields.origin(answer, "instance_url", listed),
            id=identity_url,
            org_id=org_id,
            user_id=user_id,
            fingerprint=fingerprint_of(token),
            issued_at=lifetime.issued_at,
            soft_expiry=lifetime.soft,
            hard_expiry=lifetime.hard,
            **_optional(answer, listed),
        )

    @classmethod
    def from_bytes(cls, data: ForeignBytes) -> Self:
        """Return the token that `to_bytes` wrote.

        Raises:
            ValueError: the bytes are not such a token, or its fingerprint does not fit.
        """
        try:
            fields = _LEFT_OUT | json.loads(unpacked(data, LARGEST_ANSWER))
        except (RecursionError, TypeError, ValueError):
            fields = {}
        if fields.keys() != set(cls.__slots__):
            raise ValueError("not a stored access token")
        if not all(is_instant(fields[name]) for name in _TIMES) or not _are_texts(fields):
            raise ValueError("a field is of a wrong type")
        token = cls(**fields | {"access_token": Secret(fields["access_token"]), "hosts": tuple(fields["hosts"])})
        if token.fingerprint != fingerprint_of(token.access_token.reveal()):
            raise ValueError("the fingerprint is of another token")
        return token

    def to_bytes(self) -> bytes:
        """Return the whole answer, compressed, to be sealed: the token stands in it in clear."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return zlib.compress(json.dumps({**fields, "access_token": self.access_token.reveal()}).encode())

    def answer(self, *, now: float, min_ttl: float) -> dict[str, Any]:
        """Return what a caller gets, the token in clear.

        Args:
            now: epoch seconds, for `expires_in`.
            min_ttl: the least life that was asked for, in seconds, as it was applied.
        """
        return {
            "access_token": self.access_token.reveal(),
            **self.metadata(now=now),
            "min_ttl_applied": int(min_ttl),
        }

    def metadata(self, *, now: float) -> dict[str, Any]:
        """Return all that may be shown of the token: everything but itself."""
        return {
            "token_type": self.token_type,
            "instance_url": self.instance_url,
            "scope": self.scope,
            "id": self.id,
            "org_id": self.org_id,
            "user_id": self.user_id,
            "connection": self.connection,
            "fingerprint": self.fingerprint,
            "issued_at": iso8601(self.issued_at),
            "expires_at": iso8601(self.hard_expiry),
            "expires_in": max(0, int(self.hard_expiry - now)),
            **{name: list(value) if name == "hosts" else value for name in _LEFT_OUT if (value := getattr(self, name))},
        }

    @property
    def lifetime(self) -> Lifetime:
        """When it was issued, when it is to be refreshed, when it is over."""
        return Lifetime(self.issued_at, self.soft_expiry, self.hard_expiry)

    def living(self, lifetime: Lifetime) -> Self:
        """Return the same token with other times."""
        return replace(self, issued_at=lifetime.issued_at, soft_expiry=lifetime.soft, hard_expiry=lifetime.hard)

    def is_for(self, listed: frozenset[str]) -> bool:
        """Return whether the token's instance is a host of Salesforce's, or a listed one, and so are the further hosts."""
        try:
            is_known = token_origin(self.instance_url, listed) == self.instance_url
            return is_known and all(is_further_host(host, listed) for host in self.hosts)
        except ValueError:
            return False

    def is_of(self, org_id: str) -> bool:
        """Return whether it is a token of an org; no id is as good as any, and an answer that names no org is of none."""
        from sfmint_values.record_id import is_same  # who gets a token that exists needs none of it

        return not org_id or is_same(self.org_id, org_id)

    def repeats(self, sent: Collection[Secret], *, hosts: Collection[str]) -> bool:
        """Return whether what may be shown of the token spells a secret.

        Args:
            sent: the secrets.
            hosts: URLs that the answer is expected to name.
        """
        from sfmint_values.sent_secrets import repeats  # who gets a token that exists needs none of it

        shown = [
            value for name in self.__slots__ if name not in _OURS and isinstance(value := getattr(self, name), str)
        ]
        return repeats(" ".join(shown), sent, known=known_words(hosts))

    def ends_at(self) -> float:
        """Return when a token that is itself a JWT says that it ends, epoch seconds; else infinity."""
        return answer_fields.jwt_expiry(self.access_token.reveal())


def _are_texts(fields: Mapping[str, Any]) -> bool:
    """Return whether all but the times are texts that everybody can encode and print, or the list of hosts."""
    texts = {name: value for name, value in fields.items() if name not in _TIMES}
    hosts = texts.pop("hosts")
    try:
        text = "".join((*texts.values(), *hosts))
    except TypeError:
        return False
    return isinstance(hosts, list) and text.isascii() and text.isprintable()


def _optional(answer: Mapping[str, Any], listed: frozenset[str]) -> dict[str, Any]:
    """Return the texts that an answer may leave out, empty where it does."""
    return {
        "scope": answer_fields.optional(answer, "scope", SCOPE),
        "api_instance_url": answer_fields.optional_origin(answer, "api_instance_url", listed),
        "token_format": answer_fields.optional(answer, "token_format", WORD),
        "sfdc_community_url": answer_fields.optional(answer, "sfdc_community_url", SITE),
        "sfdc_community_id": answer_fields.optional(answer, "sfdc_community_id", RECORD_ID),
    }


def iso8601(instant: float) -> str:
    """Return epoch seconds as ISO 8601 in UTC, whole seconds; what lies outside the calendar becomes its nearest end."""
    within = min(max(0.0, instant), LATEST)
    return datetime.fromtimestamp(int(within), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lifetime(answer: Mapping[str, Any], token: str, asked_at: float, lifetime_s: float, soft_share: float) -> Lifetime:
    ends_at = answer_fields.jwt_expiry(token)
    theirs = answer_fields.issued_at(answer)
    issued_at = asked_at if theirs is None else min(asked_at, theirs)
    if issued_at < asked_at - REUSED_AFTER_S:
        return Lifetime.handed_out_again(asked_at, 0.0, ends_at)
    return Lifetime.granted(issued_at, max(0.0, min(lifetime_s, ends_at - issued_at)), soft_share)
