"""The fields of a secret as its text has them: which it needs and which it knows, before any is read as what it means."""

from collections.abc import Mapping
from typing import Any

from sfmint.json_object import parse_object
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.secret_text import fields_of
from sfmint.salesforce.vocabulary import Field
from sfmint_values.foreign import Foreign
from sfmint_values.kms_key_arn import SHAPE, is_key_arn

_OF_ALL = (Field.CONSUMER_KEY, Field.USERNAME)
_WITH_PEM = (*_OF_ALL, Field.PRIVATE_KEY)
_WITH_KMS = (*_OF_ALL, Field.CERTIFICATE)  # which has the public key: KMS need not be asked for it
_TEXTS = (
    *(Field.CONSUMER_KEY, Field.USERNAME, Field.AUDIENCE, Field.TOKEN_HOST, Field.PRIVATE_KEY),
    *(Field.PRIVATE_KEY_PASSPHRASE, Field.CERTIFICATE, Field.ORG_ID),
)
_ONE_LINE = frozenset({Field.CONSUMER_KEY, Field.USERNAME, Field.AUDIENCE, Field.TOKEN_HOST, Field.OTHER_CONSUMER_KEY})
_MOST_NAMES = 10  # that an error lists
_LONGEST_NAME = 40
_KMS = "kms"  # the one kind of signer that is none in the secret


def login_fields(text: Foreign) -> dict[str, Any]:
    """Return the fields of a secret that say something; those that decide a login and are texts have been looked at.

    Raises:
        CredentialFault: no JSON, a field is missing or unknown, or one of these texts is none or is empty.
    """
    fields = known_fields(text)
    if missing := [field for field in _needed(fields) if field not in fields]:
        raise CredentialFault(Fault.MISSING_FIELDS, names=", ".join(missing))
    if Field.SIGNER in fields and Field.PRIVATE_KEY in fields:
        raise CredentialFault(Fault.TWO_SIGNERS)
    for field in _TEXTS:
        if field in fields:
            require_text(fields, field)
    return fields


def known_fields(text: Foreign) -> dict[str, Any]:
    """Return the fields of a secret; of those that may be left out, only what says something.

    Raises:
        CredentialFault: no JSON, or a field is unknown.
    """
    said = fields_of(text)
    if unknown := sorted(set(said) - set(Field)):
        raise CredentialFault(Fault.UNKNOWN_FIELDS, names=_listed(unknown), known=", ".join(sorted(Field)))
    needed = _needed(said)
    return {name: value for name, value in said.items() if name in needed or not _says_nothing(name, value)}


def _needed(said: Mapping[str, Any]) -> tuple[Field, ...]:
    return _WITH_PEM if _says_nothing(Field.SIGNER, said.get(Field.SIGNER)) else _WITH_KMS


def require_text(fields: Mapping[str, Any], field: Field) -> None:
    """Require that a field is a text that says something, and in one line if it is a name.

    Raises:
        CredentialFault: it is none.
    """
    if not isinstance(fields[field], str) or _says_nothing(field, fields[field]):
        raise CredentialFault(Fault.NO_TEXT, field)
    if field in _ONE_LINE and not fields[field].strip().isprintable():
        raise CredentialFault(Fault.UNPRINTABLE, field)


def kms_key(fields: Mapping[str, Any], field: Field) -> str | None:
    """Return the ARN of the KMS key that a field names; None where the field is not there.

    Args:
        fields: of the secret.
        field: holds an object, `{"kms": ARN}`, or the same as a text of JSON.

    Raises:
        CredentialFault: it is another object, or its `kms` is no ARN of a key.
    """
    value = fields.get(field)
    if value is None:
        return None
    try:
        said = parse_object(value) if isinstance(value, str) else value
    except ValueError:
        said = None
    if isinstance(said, dict) and said.keys() == {_KMS}:
        arn = said[_KMS]
        if isinstance(arn, str) and is_key_arn(arn.strip()):
            return arn.strip()
    raise CredentialFault(Fault.NO_KMS_KEY, field, shape=SHAPE)


def _says_nothing(name: str, value: object) -> bool:
    """Return whether a field says nothing: forms and templates write every one, whether it is given or not."""
    if not isinstance(value, str):
        return value is None
    # A passphrase may consist of blanks, though not of line ends, which a file adds.
    return not (value.strip("\r\n") if name == Field.PRIVATE_KEY_PASSPHRASE else value.strip())


def _listed(names: list[str]) -> str:
    # A stray field's name may be a pasted key: only what looks like a name is said.
    said = [
        name if name.isidentifier() and len(name) <= _LONGEST_NAME else "(not a name)" for name in names[:_MOST_NAMES]
    ]
    return ", ".join(said) + (f" and {len(names) - len(said)} more" if len(names) > len(said) else "")
