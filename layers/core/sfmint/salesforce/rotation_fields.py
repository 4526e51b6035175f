"""What a secret says to a rotation of its key. No login depends on it, so the broker does not read it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.secret_fields import kms_key, known_fields, require_text
from sfmint.salesforce.vocabulary import Field
from sfmint_values.connection_name import RULE, is_connection_name
from sfmint_values.foreign import Foreign

# Source: Metadata API Developer Guide, "Metadata" (fullName); an app's name has 80 characters at most.
_APP = re.compile("[A-Za-z](?:_?[A-Za-z0-9]){0,79}")
_LONGEST_APP = 80
_TEXTS = (Field.ADMIN_CONNECTION, Field.APP, Field.OTHER_APP, Field.OTHER_CONSUMER_KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationFields:
    """What a secret says to a rotation; None: the secret does not say it.

    Attributes:
        admin_connection: name of the connection whose user may change the app; with it a rotation needs nobody.
        app: the app's API name; None: it is called after the connection.
        other_app: API name of a second app of the same user, with which this one takes turns.
        other_consumer_key: its consumer key; given if and only if `other_app` is.
        other_signing_key: ARN of the KMS key with which the present one takes turns.
    """

    admin_connection: str | None = None
    app: str | None = None
    other_app: str | None = None
    other_consumer_key: str | None = None
    other_signing_key: str | None = None


def parse_rotation(name: str, text: Foreign) -> RotationFields:
    """Return what a secret's JSON text says to a rotation.

    Args:
        name: the connection's name.
        text: the secret's text, which never appears in an error.

    Raises:
        CredentialFault: not JSON, a field is unknown, or one of these cannot be meant.
    """
    fields = known_fields(text)
    texts = {field: _text(fields, field) for field in _TEXTS}
    _require_another_admin(name, texts[Field.ADMIN_CONNECTION])
    _require_another_app(texts, fields.get(Field.CONSUMER_KEY))
    return RotationFields(
        admin_connection=texts[Field.ADMIN_CONNECTION],
        app=texts[Field.APP],
        other_app=texts[Field.OTHER_APP],
        other_consumer_key=texts[Field.OTHER_CONSUMER_KEY],
        other_signing_key=_other_signing_key(fields),
    )


def _text(fields: Mapping[str, Any], field: Field) -> str | None:
    if field not in fields:
        return None
    require_text(fields, field)
    text: str = fields[field].strip()
    return text


def _require_another_admin(name: str, admin: str | None) -> None:
    if admin is None:
        return
    if not is_connection_name(admin):
        raise CredentialFault(Fault.NO_CONNECTION_NAME, Field.ADMIN_CONNECTION, rule=RULE)
    if admin == name:
        raise CredentialFault(Fault.ITS_OWN_ADMIN, Field.ADMIN_CONNECTION)


def _require_another_app(texts: Mapping[Field, str | None], consumer_key: object) -> None:
    for field in (Field.APP, Field.OTHER_APP):
        if (app := texts[field]) is not None and not _is_app_name(app):
            raise CredentialFault(Fault.NO_APP_NAME, field)
    other_app, other_key = texts[Field.OTHER_APP], texts[Field.OTHER_CONSUMER_KEY]
    if (other_app is None) != (other_key is None):
        raise CredentialFault(Fault.HALF_OF_AN_APP)
    if other_app is not None and other_app == texts[Field.APP]:
        raise CredentialFault(Fault.IN_USE, Field.OTHER_APP)
    if other_key is not None and isinstance(consumer_key, str) and other_key == consumer_key.strip():
        raise CredentialFault(Fault.IN_USE, Field.OTHER_CONSUMER_KEY)


def _is_app_name(text: Foreign) -> bool:
    return len(text) <= _LONGEST_APP and _APP.fullmatch(text) is not None


def _other_signing_key(fields: Mapping[str, Any]) -> str | None:
    other = kms_key(fields, Field.OTHER_SIGNER)
    if other is None:
        return None
    if Field.SIGNER not in fields:
        raise CredentialFault(Fault.NO_TURNS, Field.OTHER_SIGNER)
    if other == kms_key(fields, Field.SIGNER):
        raise CredentialFault(Fault.IN_USE, Field.OTHER_SIGNER)
    return other
