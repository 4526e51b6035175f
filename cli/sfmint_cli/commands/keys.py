"""`sfmint keys`: make and check key pairs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfmint_cli import render
from sfmint_cli.instants import written
from sfmint_cli.kms_key import KmsKey
from sfmint_cli.options import Group, KeyPaths, NamedPath, Target, connection_argument, passphrase_option
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Facts, Failed, Report

if TYPE_CHECKING:
    from sfmint_cli.broker_code import SigningKey

NEW = ("keys", "new", "NAME", "--out", "DIR")
SMALLEST_BITS = 2048


@click.group("keys", cls=Group)
def command() -> None:
    """Make and check key pairs."""


@command.command("new")
@connection_argument
@click.option("--out", "folder", required=True, type=NamedPath(), metavar="DIR", help="Folder to write to.")
@click.option(
    "--kms",
    type=KmsKey(),
    metavar="ARN",
    help="A key of KMS that signs (RSA_2048, SIGN_VERIFY): only its certificate is made.",
)
@click.option("--bits", type=click.Choice(["2048", "3072", "4096"]), help="Key size.  [default: 2048]")
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=365,
    show_default=True,
    metavar="DAYS",
    help="Life of the certificate.",
)
@click.pass_context
def new(context: click.Context, *, name: str, folder: Path, kms: str | None, bits: str | None, days: int) -> Report:
    """Make an RSA key and a self-signed certificate.

    NAME is the connection's. NAME.key is readable by you alone (0600); NAME.crt is what Salesforce is given. A folder
    that is not there is made, for you alone (0700). An existing file is never overwritten. With --kms the key is there
    already and never leaves KMS: it signs the certificate, and NAME.crt is all that is written.
    """
    if kms is None:
        return _pair(name, folder, bits=int(bits or SMALLEST_BITS), days=days)
    if bits is not None:
        raise click.UsageError("A key of KMS has its size already; leave out --bits.")
    return _certificate_in_kms(context, name, kms, folder, days)


def _pair(name: str, folder: Path, *, bits: int, days: int) -> Report:
    from sfmint_cli.broker_code import SystemClock
    from sfmint_cli.key_file import KeyFile
    from sfmint_cli.key_pair import KeyPairFiles
    from sfmint_setup.key_pair import KeyPair

    files = KeyPairFiles.in_folder(folder, name)
    pair = KeyPair.new(name, bits=bits, days=days, now=SystemClock().now())
    files.write(pair)
    made = KeyFile.read(KeyPaths(key=files.key, certificate=files.certificate)).signing_key
    return Report(
        facts={
            "private_key": str(files.key),
            "certificate": str(files.certificate),
            "key_id": made.key_id,
            "bits": bits,
            "fingerprint": pair.fingerprint,
            "valid_until": _iso(made.valid_until),
        },
        next_step=_next(files.certificate, "--key", files.key),
    )


def _certificate_in_kms(context: click.Context, name: str, arn: str, folder: Path, days: int) -> Report:
    from sfmint_cli.aws_account import Account
    from sfmint_cli.broker_code import SystemClock, key_id_of
    from sfmint_cli.key_in_kms import KeyInKms
    from sfmint_cli.key_pair import free_certificate, write_certificate
    from sfmint_setup.key_pair import certificate_by_signature

    key = KeyInKms.of(Account(Target.read(context)), arn, "--kms")
    path = free_certificate(folder, name)
    public = key.public_half()
    made = certificate_by_signature(public.key, key.signature, name, days=days, now=SystemClock().now())
    write_certificate(path, made.pem)
    return Report(
        facts={
            "kms": arn,
            "certificate": str(path),
            "key_id": key_id_of(made.pem),
            "key_spec": public.spec,
            "fingerprint": made.fingerprint,
            "valid_until": _iso(made.valid_until),
        },
        next_step=_next(path, "--kms", arn, "--certificate", path),
    )


def _next(certificate: Path, *key: object) -> str:
    to_fill_in = ("--consumer-key", "KEY", "--username", "USER", "--token-host", "URL")
    return f"upload {certificate} to the Salesforce app, wait ten minutes, then: {sfmint('login', *key, *to_fill_in)}"


@command.command("check")
@click.argument("key", type=NamedPath())
@click.argument("cert", type=NamedPath())
@passphrase_option
def check(key: Path, cert: Path, passphrase_file: Path | None) -> Report:
    """Check that a key and a certificate can be used together.

    KEY and CERT are PEM files: of one RSA key of 2048 bits or more, the certificate valid today and small enough for
    Salesforce.
    """
    from sfmint_cli.key_file import LARGEST_CERTIFICATE, KeyFile

    read = KeyFile.read(KeyPaths(key=key, certificate=cert, passphrase_file=passphrase_file))
    signing_key = read.signing_key
    facts: Facts = {
        "key_id": signing_key.key_id,
        "bits": signing_key.private.key_size,
        "valid_from": _iso(signing_key.valid_from),
        "valid_until": _iso(signing_key.valid_until),
    }
    if len(read.certificate or "") >= LARGEST_CERTIFICATE:
        raise Failed(
            f"{cert} is larger than the 4 KB that Salesforce takes.",
            remedy=f"Make one with a short subject and without a chain: {sfmint(*NEW)}.",
            name="CertificateTooLarge",
            facts=facts,
        )
    _require_valid(cert, signing_key, facts)
    return Report(facts=facts)


def _require_valid(cert: Path, signing_key: "SigningKey", facts: Facts) -> None:
    from sfmint_cli.broker_code import SystemClock
    from sfmint_cli.key_file import SOON

    now = datetime.fromtimestamp(SystemClock().now(), UTC)
    if signing_key.valid_from is not None and signing_key.valid_from > now:
        raise Failed(
            f"{cert} is valid only from {_iso(signing_key.valid_from)} on.",
            remedy="Wait until then, or check this machine's clock.",
            name="CertificateNotYetValid",
            facts=facts,
        )
    if signing_key.valid_until is None or signing_key.valid_until > now + SOON:
        return
    if signing_key.valid_until > now:
        render.warn(f"{cert} ends in {(signing_key.valid_until - now).days} days: make a new pair soon.")
        return
    raise Failed(
        f"{cert} has ended, on {_iso(signing_key.valid_until)}.",
        remedy=f"Make a new pair, and upload its certificate: {sfmint(*NEW)}.",
        name="CertificateExpired",
        facts=facts,
    )


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else written(instant)
