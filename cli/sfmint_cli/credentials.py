"""What a command line says of a connection, as the text of its secret, and checked as the broker checks a secret."""

import json
from functools import partial
from typing import TYPE_CHECKING

import click

from sfmint.salesforce.connection import DEFAULT_LIFETIME_S, Connection, parse_connection
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.vocabulary import Field
from sfmint_cli.broker_code import load_signing_key
from sfmint_cli.options import Identity, Target
from sfmint_cli.result import Failed
from sfmint_cli.signing import Signing
from sfmint_cli.storing_command import storing
from sfmint_cli.vocabulary import failure_in
from sfmint_values.foreign import Foreign

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfmint_cli.aws_account import Account
    from sfmint_cli.key_file import KeyFile
    from sfmint_cli.key_options import GivenKey
    from sfmint_cli.kms_credentials import KmsCredentials

type Given = "KeyFile | KmsCredentials"


def opened(given: "GivenKey", account: "Callable[[], Account]") -> Given:
    """Return the key that options name, checked; AWS is only asked of one in KMS.

    Args:
        given: the options.
        account: in whose region a key of KMS is.

    Raises:
        Failed: it cannot be used.
    """
    if given.paths is not None:
        from sfmint_cli.key_file import KeyFile

        return KeyFile.read(given.paths)
    from sfmint_cli.kms_credentials import KmsCredentials

    if given.kms is None or given.certificate is None:
        raise click.UsageError("Give --key, or --kms with --certificate.")
    return KmsCredentials.read(given.kms, given.certificate, account(), given.other_kms)


def account_of(context: click.Context) -> "Account":
    """Return the account that the global options name.

    Raises:
        Failed: there is no such profile, or no region.
    """
    from sfmint_cli.aws_account import Account

    return Account(Target.read(context))


def secret_text(identity: Identity, given: Given, token_lifetime: int = DEFAULT_LIFETIME_S) -> str:
    """Return the JSON text of the secret, which holds a key that is not in KMS in clear.

    Args:
        identity: who logs in, and where.
        given: with what.
        token_lifetime: the session time-out of the app, in seconds.
    """
    return json.dumps({**identity.to_fields(), Field.TOKEN_LIFETIME: token_lifetime, **given.to_fields()})


def checked(name: str, text: str, given: Given, listed: frozenset[str]) -> Connection:
    """Return the connection that the broker reads from a secret's text.

    Args:
        name: the connection's.
        text: of the secret.
        given: the key of which errors speak.
        listed: hosts beside Salesforce's own that may be asked.

    Raises:
        Failed: the broker would refuse it.
    """
    try:
        return parse_connection(name, text, listed)
    except CredentialFault as fault:
        raise failure_in(fault, given.vocabulary) from None


def signing_key(connection: Connection, account: "Account") -> Signing:
    """Return the key that signs for a connection; KMS is only asked for signatures.

    Args:
        connection: what its secret says.
        account: in whose region a key of KMS is.

    Raises:
        CredentialFault: the broker could not sign with what the secret holds.
    """
    if connection.signing_key is None:
        return load_signing_key(connection.pem(), connection.passphrase, connection.certificate)
    from sfmint_cli.certified_key import CertifiedKey

    return CertifiedKey.read(connection.certificate or "", partial(_signed_in_kms, account, connection.signing_key))


def _signed_in_kms(account: "Account", arn: str, octets: bytes) -> bytes:
    from sfmint_cli.key_in_kms import KeyInKms

    return KeyInKms.of(account, arn, "the secret's signer").signature(octets)


def usable(name: str, text: Foreign, listed: frozenset[str], account: "Account") -> tuple[Connection, Signing]:
    """Return the connection that the broker reads from a secret's text, and the key that signs for it.

    Args:
        name: the connection's.
        text: of the secret.
        listed: hosts beside Salesforce's own that may be asked.
        account: see `signing_key`.

    Raises:
        Failed: the broker would refuse it.
    """
    try:
        connection = parse_connection(name, text, listed)
        return connection, signing_key(connection, account)
    except CredentialFault as fault:
        error = fault.to_error(name)
        raise Failed(error.cause, remedy=error.remedy, name=type(error).__name__) from None


def checked_again(name: str, text: Foreign, listed: frozenset[str], account: "Account") -> Connection:
    """Return the connection that the broker reads from a text that the secret has held before.

    Raises:
        Failed: the broker would refuse it.
    """
    try:
        return usable(name, text, listed, account)[0]
    except Failed as failed:
        raise Failed(
            f"The former credentials cannot be used: {failed.cause}",
            remedy=f"Store others: {storing(name)}.",
            name=failed.name,
        ) from None
