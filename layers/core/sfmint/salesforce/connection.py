"""One Salesforce identity: what a connection's secret says."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, Literal

from sfmint.errors import ConnectionNotFound
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.vocabulary import Field
from sfmint_values.foreign import Foreign
from sfmint_values.secret import Secret, is_fingerprint

DEFAULT_LIFETIME_S = 900
SHORTEST_LIFETIME_S = 60
LONGEST_LIFETIME_S = 43_200
MOST_TAINTED_KEYS = 100
type Stage = Literal["SFMINT_TRY", "AWSPENDING", "AWSCURRENT"]  # the label of a version of the secret
TRY_STAGE: Stage = "SFMINT_TRY"  # of the version that is tried before it becomes AWSCURRENT
STAGES: tuple[Stage, ...] = (TRY_STAGE, "AWSPENDING", "AWSCURRENT")  # of the versions that can be tried
_LONGEST_NUMBER = 20  # characters of a number that is stored as a text


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One Salesforce identity.

    Attributes:
        name: the connection's name, also its Lambda alias.
        consumer_key: `iss` of the assertion.
        username: `sub`, the exact user name (not the e-mail address).
        audience: `aud`, an origin or the URL of an Experience Cloud site.
        token_host: the origin or site whose `/services/oauth2/token` is asked.
        private_key: PEM as it was stored; None where KMS signs.
        signing_key: ARN of the KMS key that signs; None where the private key does.
        passphrase: of the private key, if it is encrypted.
        certificate: PEM, if it was stored; where KMS signs it always is.
        lifetime_s: how long an access token is good for, in seconds, 60 to 43,200.
        tainted_keys: ids of keys that may never log in, 100 at most.
        org_id: of the only org whose tokens are taken, 15 or 18 characters; empty: any.
        hosts: `host` or `host:port` that the token may be sent to beside its instance.
    """

    name: str
    consumer_key: str
    username: str
    audience: str
    token_host: str
    private_key: Secret | None = None
    signing_key: str | None = None
    passphrase: Secret | None = None
    certificate: str | None = None
    lifetime_s: int = DEFAULT_LIFETIME_S
    tainted_keys: frozenset[str] = frozenset()
    org_id: str = ""
    hosts: tuple[str, ...] = ()

    @property
    def token_origin(self) -> str:
        """The origin that is asked for a token."""
        return "/".join(self.token_host.split("/")[:3])

    @property
    def token_path(self) -> str:
        """The path of the site that is asked; empty for an org."""
        return self.token_host.removeprefix(self.token_origin)

    def pem(self) -> Secret:
        """Return the private key.

        Raises:
            CredentialFault: there is none, because KMS signs.
        """
        if self.private_key is None:
            raise CredentialFault(Fault.MISSING_FIELDS, names=Field.PRIVATE_KEY)
        return self.private_key

    @property
    def config_hash(self) -> str:
        """The first 16 hex digits of SHA-256 over everything that decides a login, the key left out."""
        said = f"{self.consumer_key}\n{self.username}\n{self.audience}\n{self.token_host}"
        if self.org_id:
            said += f"\n{self.org_id}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]


class Lack(Enum):
    """Why there are no credentials: what is missing, what is the matter with the secret, and the command that mends it."""

    NOTHING = (
        "no credentials",
        "does not exist or is empty",
        "Store them: sfmint connection add {name} --stack {stack}.",
    )
    DELETED = (
        "no credentials",
        "is scheduled for deletion",
        "Take it back and store them anew: sfmint connection add {name} --stack {stack} --restore.",
    )
    NOT_STAGED = (
        "nothing to try",
        f"holds no version that is staged {TRY_STAGE}",
        "Stage and try credentials with sfmint connection add {name} --stack {stack}.",
    )
    NOT_PENDING = (
        "nothing to try",
        "holds no version that is staged AWSPENDING",
        "Begin a rotation with sfmint rotate start {name} --stack {stack}.",
    )

    @classmethod
    def of(cls, stage: Stage) -> "Lack":
        """Return what it means that no version, or an empty one, has a label."""
        return {TRY_STAGE: cls.NOT_STAGED, "AWSPENDING": cls.NOT_PENDING}.get(stage, cls.NOTHING)


def no_credentials(name: str, stack: str, lack: Lack = Lack.NOTHING) -> ConnectionNotFound:
    """Return the error for a connection whose secret holds nothing, with the command that mends it."""
    missing, state, remedy = lack.value
    return ConnectionNotFound(
        f"Connection {name!r} has {missing}: the secret 'sfmint/{stack}/{name}' {state}.",
        remedy=remedy.format(name=name, stack=stack),
    )


def parse_connection(name: str, text: Foreign, listed: frozenset[str]) -> Connection:
    """Return the connection that a secret's JSON text describes.

    Args:
        name: the connection's name.
        text: the secret's text, which never appears in an error.
        listed: hosts beside Salesforce's own that may be asked (parameter TokenHosts).

    Raises:
        CredentialFault: not JSON, a field missing, unknown, of the wrong type or out of range. The fields that only a rotation
            reads (`rotation_fields`) may hold anything: they can keep nobody from logging in.
    """
    # Who serves from the cache reads no secret.
    from sfmint.salesforce.secret_fields import kms_key, login_fields
    from sfmint_values.login_urls import audience_url, further_hosts, token_url

    fields = login_fields(text)
    private_key, passphrase = fields.get(Field.PRIVATE_KEY), fields.get(Field.PRIVATE_KEY_PASSPHRASE)
    return Connection(
        name=name,
        consumer_key=fields[Field.CONSUMER_KEY].strip(),
        username=fields[Field.USERNAME].strip(),
        audience=_url(fields, Field.AUDIENCE, Field.TOKEN_HOST, audience_url),
        token_host=_url(fields, Field.TOKEN_HOST, Field.AUDIENCE, partial(token_url, listed=listed)),
        private_key=None if private_key is None else Secret(private_key),
        signing_key=kms_key(fields, Field.SIGNER),
        passphrase=None if passphrase is None else Secret(passphrase),
        certificate=fields.get(Field.CERTIFICATE),
        lifetime_s=_lifetime(fields.get(Field.TOKEN_LIFETIME, DEFAULT_LIFETIME_S)),
        tainted_keys=tainted_keys(fields.get(Field.TAINTED_KEYS, [])),
        org_id=_org_id(fields.get(Field.ORG_ID)),
        hosts=_checked(Field.HOSTS, lambda: further_hosts(fields.get(Field.HOSTS, []), listed)),
    )


def _url(fields: dict[str, Any], field: Field, other: Field, check: Callable[[str], str]) -> str:
    """Check the field or, in its absence, the other one: either alone stands for both."""
    field = field if field in fields else other
    if field not in fields:
        raise CredentialFault(Fault.NO_HOST)
    return _checked(field, lambda: check(fields[field].strip()))


def _checked[Value](field: Field, check: Callable[[], Value]) -> Value:
    try:
        return check()
    except ValueError as error:
        raise CredentialFault(Fault.NO_ORIGIN, field, clause=str(error)) from None


def _org_id(value: str | None) -> str:
    from sfmint_values.record_id import is_org_id

    text = (value or "").strip()
    if text and not is_org_id(text):
        raise CredentialFault(Fault.NO_ORG_ID, Field.ORG_ID)
    return text


def _lifetime(value: object) -> int:
    """Check a number of seconds; the console's form of names and values stores it as a text."""
    if isinstance(value, str) and value.isascii() and value.strip().isdigit() and len(value) < _LONGEST_NUMBER:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and SHORTEST_LIFETIME_S <= value <= LONGEST_LIFETIME_S:
        return value
    raise CredentialFault(Fault.OUT_OF_RANGE, Field.TOKEN_LIFETIME, least=SHORTEST_LIFETIME_S, most=LONGEST_LIFETIME_S)


def tainted_keys(value: object) -> frozenset[str]:
    """Return the key ids of a secret's `tainted_keys`: a list of texts, or one text that holds several.

    Raises:
        CredentialFault: it is neither, one is no key id, or there are too many.
    """
    from sfmint_values.text_list import texts_of

    with suppress(ValueError):
        key_ids = frozenset(text.lower() for text in texts_of(value))
        if all(map(is_fingerprint, key_ids)) and len(key_ids) <= MOST_TAINTED_KEYS:
            return key_ids
    raise CredentialFault(Fault.NO_KEY_IDS, Field.TAINTED_KEYS, most=MOST_TAINTED_KEYS)
