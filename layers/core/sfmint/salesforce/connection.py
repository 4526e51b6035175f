"""One Salesforce identity: what a connection's secret says."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from sfmint.errors import ConnectionNotFound, InvalidCredentials
from sfmint.json_object import parse_object
from sfmint_values.foreign import Foreign
from sfmint_values.hosts import origin_of, token_origin
from sfmint_values.secret import Secret

DEFAULT_LIFETIME_S = 900
SHORTEST_LIFETIME_S = 60
LONGEST_LIFETIME_S = 43_200

_REQUIRED = ("consumer_key", "username", "private_key")
_OPTIONAL = ("audience", "token_host", "private_key_passphrase", "certificate", "token_lifetime")
_ONE_LINE = frozenset({"consumer_key", "username", "audience", "token_host"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One Salesforce identity.

    Attributes:
        name: the connection's name, also its Lambda alias.
        consumer_key: `iss` of the assertion.
        username: `sub`, the exact user name (not the e-mail address).
        audience: `aud`, an origin.
        token_host: the origin whose `/services/oauth2/token` is asked.
        private_key: PEM as it was stored.
        passphrase: of the private key, if it is encrypted.
        certificate: PEM, if it was stored.
        lifetime_s: how long an access token is good for, in seconds, 60 to 43,200.
    """

    name: str
    consumer_key: str
    username: str
    audience: str
    token_host: str
    private_key: Secret
    passphrase: Secret | None = None
    certificate: str | None = None
    lifetime_s: int = DEFAULT_LIFETIME_S

    @property
    def config_hash(self) -> str:
        """The first 16 hex digits of SHA-256 over everything that an assertion says, the key left out."""
        said = f"{self.consumer_key}\n{self.username}\n{self.audience}\n{self.token_host}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]


class Lack(Enum):
    """Why there are no credentials: what is the matter with the secret, and the command that mends it."""

    NOTHING = ("does not exist or is empty", "Store them: sfmint connection add {name} --stack {stack}.")
    DELETED = (
        "is scheduled for deletion",
        "Take it back and store them anew: sfmint connection add {name} --stack {stack} --restore.",
    )


def no_credentials(name: str, stack: str, lack: Lack = Lack.NOTHING) -> ConnectionNotFound:
    """Return the error for a connection whose secret holds nothing, with the command that mends it."""
    state, remedy = lack.value
    return ConnectionNotFound(
        f"Connection {name!r} has no credentials: the secret 'sfmint/{stack}/{name}' {state}.",
        remedy=remedy.format(name=name, stack=stack),
    )


def parse_connection(name: str, text: Foreign, listed: frozenset[str]) -> Connection:
    """Return the connection that a secret's JSON text describes.

    Args:
        name: the connection's name.
        text: the secret's text, which never appears in an error.
        listed: hosts beside Salesforce's own that may be asked (parameter TokenHosts).

    Raises:
        InvalidCredentials: not JSON, a field missing, unknown, of the wrong type or out of range.
    """
    fields = _fields(name, text)
    passphrase = fields.get("private_key_passphrase")
    return Connection(
        name=name,
        consumer_key=fields["consumer_key"].strip(),
        username=fields["username"].strip(),
        audience=_origin(name, fields, "audience", "token_host", origin_of),
        token_host=_origin(name, fields, "token_host", "audience", partial(token_origin, listed=listed)),
        private_key=Secret(fields["private_key"]),
        passphrase=None if passphrase is None else Secret(passphrase),
        certificate=fields.get("certificate"),
        lifetime_s=_lifetime(name, fields.get("token_lifetime", DEFAULT_LIFETIME_S)),
    )


def _fields(name: str, text: str) -> dict[str, Any]:
    try:
        fields = parse_object(text)
    except ValueError as error:
        raise _unusable(name, f"is {error}", "Store one JSON object with the fields that the README lists.") from None
    known = {*_REQUIRED, *_OPTIONAL}
    if unknown := sorted(set(fields) - known):
        raise _unusable(name, f"has unknown fields: {_listed(unknown)}", f"Known are {_listed(sorted(known))}.")
    if missing := [field for field in _REQUIRED if field not in fields]:
        raise _unusable(name, f"lacks {_listed(missing)}", "Add what is missing.")
    for field in sorted(set(fields) - {"token_lifetime"}):
        if not isinstance(fields[field], str) or not fields[field].strip():
            raise _unusable(name, f"has a field {field} that is no text or empty", "Store it as JSON text.")
        if field in _ONE_LINE and not fields[field].strip().isprintable():
            raise _unusable(name, f"has a field {field} with characters that cannot be printed", "Paste it again.")
    return fields


def _listed(names: list[str]) -> str:
    # A stray field's name may be a pasted key: only what looks like a name is said.
    return ", ".join(name if name.isidentifier() and len(name) <= 40 else "(not a name)" for name in names)  # noqa: PLR2004


def _origin(name: str, fields: dict[str, Any], field: str, other: str, check: Callable[[str], str]) -> str:
    """Check the field or, in its absence, the other one: either alone stands for both."""
    field = field if field in fields else other
    if field not in fields:
        raise _unusable(
            name,
            "names neither token_host nor audience",
            "Give your My Domain as token_host, such as https://acme.my.salesforce.com.",
        )
    try:
        return check(fields[field].strip())
    except ValueError as error:
        raise _unusable(name, f"has a {field} that {error}", f"Correct {field}.") from None


def _lifetime(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and SHORTEST_LIFETIME_S <= value <= LONGEST_LIFETIME_S:
        return value
    raise _unusable(
        name,
        f"has a token_lifetime that is no whole number of seconds from {SHORTEST_LIFETIME_S} to {LONGEST_LIFETIME_S}",
        "Give the session time-out of the Salesforce app in seconds.",
    )


def _unusable(name: str, fault: str, remedy: str) -> InvalidCredentials:
    return InvalidCredentials(f"The secret of connection {name!r} {fault}.", remedy=remedy)
