"""What a command line says of a connection, as the text of its secret, and checked as the broker checks a secret."""

import json

from sfmint.salesforce.connection import DEFAULT_LIFETIME_S, Connection, parse_connection
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.vocabulary import Field
from sfmint_cli.broker_code import SigningKey, load_signing_key
from sfmint_cli.key_file import KeyFile
from sfmint_cli.options import Identity
from sfmint_cli.result import Failed
from sfmint_cli.storing_command import storing
from sfmint_cli.vocabulary import failure_of
from sfmint_values.foreign import Foreign


def secret_text(identity: Identity, key_file: KeyFile, token_lifetime: int = DEFAULT_LIFETIME_S) -> str:
    """Return the JSON text of the secret, which holds the key in clear.

    Args:
        identity: who logs in, and where.
        key_file: with what.
        token_lifetime: the session time-out of the app, in seconds.
    """
    return json.dumps({**identity.to_fields(), Field.TOKEN_LIFETIME: token_lifetime, **key_file.to_fields()})


def checked(name: str, text: str, key_file: KeyFile, listed: frozenset[str]) -> Connection:
    """Return the connection that the broker reads from a secret's text.

    Args:
        name: the connection's.
        text: of the secret.
        key_file: the files of which errors speak.
        listed: hosts beside Salesforce's own that may be asked.

    Raises:
        Failed: the broker would refuse it.
    """
    try:
        return parse_connection(name, text, listed)
    except CredentialFault as fault:
        raise failure_of(fault, key_file.paths) from None


def usable(name: str, text: Foreign, listed: frozenset[str]) -> tuple[Connection, SigningKey]:
    """Return the connection that the broker reads from a secret's text, and the key that signs for it.

    Args:
        name: the connection's.
        text: of the secret.
        listed: hosts beside Salesforce's own that may be asked.

    Raises:
        Failed: the broker would refuse it.
    """
    try:
        connection = parse_connection(name, text, listed)
        return connection, load_signing_key(connection.pem(), connection.passphrase, connection.certificate)
    except CredentialFault as fault:
        error = fault.to_error(name)
        raise Failed(error.cause, remedy=error.remedy, name=type(error).__name__) from None


def checked_again(name: str, text: Foreign, listed: frozenset[str]) -> Connection:
    """Return the connection that the broker reads from a text that the secret has held before.

    Raises:
        Failed: the broker would refuse it.
    """
    try:
        return usable(name, text, listed)[0]
    except Failed as failed:
        raise Failed(
            f"The former credentials cannot be used: {failed.cause}",
            remedy=f"Store others: {storing(name)}.",
            name=failed.name,
        ) from None
