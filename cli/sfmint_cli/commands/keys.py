"""`sfmint keys`: make and check key pairs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfmint_cli import render
from sfmint_cli.instants import written
from sfmint_cli.options import Group, KeyPaths, NamedPath, connection_argument, passphrase_option
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Facts, Failed, Report

if TYPE_CHECKING:
    from sfmint_cli.broker_code import SigningKey

NEW = ("keys", "new", "NAME", "--out", "DIR")


@click.group("keys", cls=Group)
def command() -> None:
    """Make and check key pairs."""


@command.command("new")
@connection_argument
@click.option("--out", "folder", required=True, type=NamedPath(), metavar="DIR", help="Folder to write to.")
@click.option(
    "--bits", type=click.Choice(["2048", "3072", "4096"]), default="2048", show_default=True, help="Key size."
)
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=365,
    show_default=True,
    metavar="DAYS",
    help="Life of the certificate.",
)
def new(name: str, folder: Path, bits: str, days: int) -> Report:
    """Make an RSA key and a self-signed certificate.

    NAME is the connection's. NAME.key is readable by you alone (0600); NAME.crt is what Salesforce is given. A folder
    that is not there is made, for you alone (0700). An existing file is never overwritten.
    """
    from sfmint_cli.broker_code import SystemClock
    from sfmint_cli.key_file import KeyFile
    from sfmint_cli.key_pair import KeyPairFiles
    from sfmint_setup.key_pair import KeyPair

    files = KeyPairFiles.in_folder(folder, name)
    pair = KeyPair.new(name, bits=int(bits), days=days, now=SystemClock().now())
    files.write(pair)
    made = KeyFile.read(KeyPaths(key=files.key, certificate=files.certificate)).signing_key
    to_fill_in = ("--consumer-key", "KEY", "--username", "USER", "--token-host", "URL")
    return Report(
        facts={
            "private_key": str(files.key),
            "certificate": str(files.certificate),
            "key_id": made.key_id,
            "bits": int(bits),
            "fingerprint": pair.fingerprint,
            "valid_until": _iso(made.valid_until),
        },
        next_step=f"upload {files.certificate} to the Salesforce app, wait ten minutes, then:"
        f" {sfmint('login', '--key', files.key, *to_fill_in)}",
    )


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
