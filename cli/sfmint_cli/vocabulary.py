"""What a command line calls the fields of a connection: options and files, and this machine in place of a stack."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sfmint.errors import InvalidCredentials
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.vocabulary import Field, Vocabulary
from sfmint_cli.options import KeyPaths
from sfmint_cli.result import Failed

OF_OPTIONS = Vocabulary(
    fields={
        Field.CONSUMER_KEY: "--consumer-key",
        Field.USERNAME: "--username",
        Field.TOKEN_HOST: "--token-host",
        Field.AUDIENCE: "--audience",
        Field.PRIVATE_KEY: "--key",
        Field.SIGNER: "--kms",
        Field.PRIVATE_KEY_PASSPHRASE: "the passphrase",
        Field.CERTIFICATE: "--certificate",
        Field.TOKEN_LIFETIME: "--token-lifetime",
        Field.TAINTED_KEYS: "the list of tainted keys",
        Field.ORG_ID: "--org-id",
        Field.HOSTS: "--host",
        Field.ADMIN_CONNECTION: "--admin-connection",
        Field.APP: "--app",
        Field.OTHER_APP: "--other-app",
        Field.OTHER_CONSUMER_KEY: "--other-consumer-key",
        Field.OTHER_SIGNER: "--other-kms",
    },
    where="",
    store="give",
    signing_machine="this machine",
    outgoing_address="this machine's address on the internet",
    way_out="this machine's way out to the internet (HTTPS_PROXY)",
    trust_proxy="give its certificate authority with --ca-bundle",
    proxy_login="give both in HTTPS_PROXY (http://user:password@host:port), each percent-encoded",
    check_lifetime="look at the app's session time-out",
)


def of_files(paths: KeyPaths) -> Vocabulary:
    """Return the words of a command line that names a key and what belongs to it: those fields are files."""
    files = {Field.PRIVATE_KEY: paths.key, Field.CERTIFICATE: paths.certificate}
    named = {field: str(path) for field, path in files.items() if path is not None}
    return replace(OF_OPTIONS, fields={**OF_OPTIONS.fields, **named})


def of_certificate(path: Path) -> Vocabulary:
    """Return the words of a command line that names a key of KMS and the file of its certificate."""
    return replace(OF_OPTIONS, fields={**OF_OPTIONS.fields, Field.CERTIFICATE: str(path)})


def through(proxy: str | None, vocabulary: Vocabulary) -> Vocabulary:
    """Return a vocabulary in which the way out is the proxy that the environment names, if it does.

    Args:
        proxy: its host and port.
        vocabulary: all other words.
    """
    if proxy is None:
        return vocabulary
    return replace(vocabulary, way_out=f"the proxy {proxy}, which the environment names (HTTPS_PROXY)")


def of_origins(origins: Mapping[Field, str]) -> Vocabulary:
    """Return the words of a command line whose fields come from elsewhere: each is called by where it was found."""
    return replace(OF_OPTIONS, fields={**OF_OPTIONS.fields, **origins})


def failure_of(fault: CredentialFault, paths: KeyPaths) -> Failed:
    """Return what the broker would say of a secret, said of the options and files that the secret is made from."""
    return failure_in(fault, of_files(paths))


def failure_in(fault: CredentialFault, words: Vocabulary) -> Failed:
    """Return what the broker would say of a secret, in the words of where its fields come from."""
    match fault.field:
        case None:
            subject = "What was given"
        case Field.PRIVATE_KEY_PASSPHRASE if words.fields[fault.field] == OF_OPTIONS.fields[fault.field]:
            subject = "The passphrase"
        case field:
            subject = words.fields[field]
    return Failed(f"{subject} {fault.clause(words)}.", remedy=fault.remedy(words), name=InvalidCredentials.__name__)
