"""What every writer of a connection's secret carries over; first of all the keys that it bars for good."""

import json

from sfmint.salesforce.connection import MOST_TAINTED_KEYS, tainted_keys
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.secret_fields import kms_key
from sfmint.salesforce.secret_text import fields_of
from sfmint.salesforce.vocabulary import Field
from sfmint_cli.broker_code import key_id_of, load_signing_key
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed
from sfmint_cli.rotation_kept import kept_for_rotation
from sfmint_cli.storing_command import storing
from sfmint_values.foreign import Foreign
from sfmint_values.secret import Secret


def listed_in(text: Foreign) -> frozenset[str]:
    """Return the ids of the keys that a secret's text bars.

    Raises:
        Failed: the text is no JSON object, or its list cannot be read.
    """
    try:
        fields = fields_of(text)
    except CredentialFault as fault:
        raise Failed(
            f"The secret is {fault.details['what']}, so nothing can be added to it.",
            remedy=f"Store the connection anew: {storing('NAME')}.",
            name="SecretUnreadable",
        ) from None
    try:
        return tainted_keys(fields.get(Field.TAINTED_KEYS, []))
    except CredentialFault:
        raise Failed(
            f"The secret's {Field.TAINTED_KEYS} is not a list of at most {MOST_TAINTED_KEYS} key ids.",
            remedy="Correct that field in Secrets Manager: key ids of 16 hex digits, with commas in between.",
            name="SecretUnreadable",
        ) from None


def extended(text: Foreign, key_id: str) -> str:
    """Return a secret's text with one more barred key; all other fields stay, and the list keeps its form.

    Raises:
        Failed: as `listed_in`, or the list is full.
    """
    key_ids = sorted(listed_in(text) | {key_id})
    if len(key_ids) > MOST_TAINTED_KEYS:
        raise Failed(
            f"The secret bars {MOST_TAINTED_KEYS} keys already, as many as it may.",
            remedy=f"Take out of its {Field.TAINTED_KEYS} those whose certificates no app holds any more.",
            name="TooManyKeys",
        )
    fields = fields_of(text)
    as_text = isinstance(fields.get(Field.TAINTED_KEYS), str)
    return json.dumps({**fields, Field.TAINTED_KEYS: ", ".join(key_ids) if as_text else key_ids})


def carried_over(text: Foreign, before: Foreign | None) -> str:
    """Return the text of new credentials with what the secret that they replace says, and they do not.

    That is the list of tainted keys, the org, further hosts, and what is said to a rotation.

    Args:
        text: of the new credentials.
        before: the secret's text so far; None, or no JSON object: there is none.

    Raises:
        Failed: the list cannot be read, or bars the new key.
    """
    if before is None or not is_object(before):
        return text
    fields, former = fields_of(text), fields_of(before)
    kept = {name: former[name] for name in (Field.ORG_ID, Field.HOSTS) if name in former}
    return barred_as(json.dumps(kept | kept_for_rotation(fields, former) | fields), before)


def barred_as(text: Foreign, before: Foreign) -> str:
    """Return the text of credentials that bars all keys that it barred, and all that another text bars.

    Args:
        text: of the credentials.
        before: of the secret that they replace.

    Raises:
        Failed: a list cannot be read, or bars the credentials' key.
    """
    key_ids = listed_in(text) | (listed_in(before) if is_object(before) else frozenset())
    if not key_ids:
        return text
    if (key_id := key_id_in(text)) in key_ids:
        raise Failed(
            f"The key {key_id} is tainted, so nobody can log in with it.",
            remedy=f"Make a new pair ({sfmint('keys', 'new', 'NAME', '--out', 'DIR')}), upload its certificate, and store"
            " that.",
            name="KeyTainted",
        )
    return json.dumps({**fields_of(text), Field.TAINTED_KEYS: sorted(key_ids)})


def are_equal(text: Foreign, before: Foreign | None) -> bool:
    """Return whether two texts of a secret say the same."""
    return before is not None and is_object(before) and fields_of(text) == fields_of(before)


def key_id_in(text: Foreign) -> str | None:
    """Return the id of the key in a secret's text; None where there is none that can be read."""
    try:
        fields = fields_of(text)
        if kms_key(fields, Field.SIGNER) is not None:
            return key_id_of(str(fields.get(Field.CERTIFICATE)))
        passphrase = fields.get(Field.PRIVATE_KEY_PASSPHRASE)
        pem = Secret(str(fields.get(Field.PRIVATE_KEY)))
        return load_signing_key(pem, None if passphrase is None else Secret(str(passphrase)), None).key_id
    except CredentialFault:
        return None


def is_object(text: Foreign) -> bool:
    """Return whether a text is that of a secret with fields, in any form in which one is read."""
    try:
        fields_of(text)
    except CredentialFault:
        return False
    return True
