"""What new credentials keep of what the secret that they replace says to a rotation."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.secret_fields import kms_key
from sfmint.salesforce.vocabulary import Field

type Fields = Mapping[str, Any]


def kept_for_rotation(fields: Fields, former: Fields) -> dict[str, Any]:
    """Return the fields that a rotation reads, as far as they are still true.

    What names the apps is kept while the app is one of the two, and the other key of KMS while KMS signs. If the new
    credentials are the other app's, or the other key's, the two have changed places.

    Args:
        fields: of the new secret.
        former: of the secret that it replaces.
    """
    return _named(former, Field.ADMIN_CONNECTION) | _apps(fields, former) | _signers(fields, former)


def _apps(fields: Fields, former: Fields) -> dict[str, Any]:
    match fields.get(Field.CONSUMER_KEY):
        case same if same == former.get(Field.CONSUMER_KEY):
            return _named(former, Field.APP, Field.OTHER_APP, Field.OTHER_CONSUMER_KEY)
        case other if other == former.get(Field.OTHER_CONSUMER_KEY) and former.get(Field.OTHER_APP):
            return {Field.APP: former[Field.OTHER_APP]} | _app_as_other(former)
    return {}


def _app_as_other(former: Fields) -> dict[str, Any]:
    """Return the present app as the other one; nothing where it has no name but the one that its connection gives it."""
    if not former.get(Field.APP):
        return {}
    return {Field.OTHER_APP: former[Field.APP], Field.OTHER_CONSUMER_KEY: former[Field.CONSUMER_KEY]}


def _signers(fields: Fields, former: Fields) -> dict[str, Any]:
    if (mine := _key(fields, Field.SIGNER)) is None:
        return {}
    if mine == _key(former, Field.OTHER_SIGNER):
        return {Field.OTHER_SIGNER: former[Field.SIGNER]} if former.get(Field.SIGNER) else {}
    return _named(former, Field.OTHER_SIGNER)


def _key(fields: Fields, field: Field) -> str | None:
    with suppress(CredentialFault):
        return kms_key(fields, field)
    return None


def _named(former: Fields, *names: Field) -> dict[str, Any]:
    return {name: former[name] for name in names if name in former}
