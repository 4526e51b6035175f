"""`sfmint assertion`: what a login would send, without a login."""

from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfmint_cli import render
from sfmint_cli.key_options import GivenKey, kms_option
from sfmint_cli.options import (
    Command,
    Identity,
    certificate_option,
    connection_name_argument,
    gathered,
    optional_key_option,
    passphrase_option,
)
from sfmint_cli.result import Report

if TYPE_CHECKING:
    from sfmint.salesforce.connection import Connection
    from sfmint_cli.signing import Signing

MADE_UP = "assertion"  # a connection's name, where files stand for a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """A key, and what belongs to it; without a key the secret has one."""

    key: Path | None
    kms: str | None
    certificate: Path | None
    passphrase_file: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who would log in, and where; without a key the secret says so."""

    consumer_key: str | None
    username: str | None
    token_host: str | None
    audience: str | None

    def to_identity(self) -> Identity:
        """Return it, complete.

        Raises:
            click.UsageError: something is missing, or no URL.
        """
        if not self.consumer_key or not self.username:
            raise click.UsageError("--key and --kms want --consumer-key and --username.")
        return Identity(
            consumer_key=self.consumer_key,
            username=self.username,
            token_host=self.token_host,
            audience=self.audience,
        )


@click.command("assertion", cls=Command)
@connection_name_argument
@gathered("files", Files, optional_key_option, kms_option(), certificate_option, passphrase_option)
@gathered(
    "who",
    Who,
    click.option("--consumer-key", metavar="TEXT", help="Consumer key of the Salesforce app."),
    click.option("--username", metavar="TEXT", help="Exact user name in Salesforce, not the e-mail."),
    click.option("--token-host", metavar="URL", help="Where it would be sent.  [default: the audience]"),
    click.option("--audience", metavar="URL", help="The claim aud.  [default: the token host]"),
)
@click.option("--show", is_flag=True, help="Show the assertion itself, a credential until it ends.")
@click.pass_context
def command(context: click.Context, *, name: str | None, files: Files, who: Who, show: bool) -> Report:
    """Show the assertion that a login sends, without a login.

    Of NAME, with the key and the fields of its secret; or of --key or --kms, with --consumer-key, --username and
    --token-host or --audience. Header and claims are decoded, and stand beside this machine's clock and the certificate's fingerprint.
    Nothing is sent to Salesforce, so it counts no login. Whoever has the assertion can log in with it for two minutes
    (Salesforce takes none that ends later than in three): its signature is shown with --show only.
    """
    from sfmint_cli.broker_code import SystemChance, SystemClock
    from sfmint_cli.deployed import Deployed
    from sfmint_cli.use.assertion import Assertion

    has_key = files.key is not None or files.kms is not None
    if (name is None) != has_key:
        raise click.UsageError("Give the NAME of a connection, or --key or --kms, and not both.")
    if name is not None and any(astuple(who)):
        raise click.UsageError(
            "The secret of NAME says who logs in, and where; leave that out, or give --key or --kms."
        )
    connection, key = (
        Deployed.find(context, name).credentials() if name is not None else _of_files(context, files, who.to_identity())
    )
    facts = Assertion(connection=connection, key=key, clock=SystemClock(), chance=SystemChance()).to_facts(show=show)
    if facts["barred"]:
        render.warn("The secret bars this key: no login is made with it.")
    if show:
        render.warn("Whoever has this assertion can log in with it until it ends: paste it nowhere else.")
    return Report(facts=facts)


def _of_files(context: click.Context, files: Files, identity: Identity) -> "tuple[Connection, Signing]":
    from sfmint_cli.credentials import account_of, checked, opened, secret_text
    from sfmint_values.login_urls import audience_url

    given = GivenKey(key=files.key, kms=files.kms, certificate=files.certificate, passphrase_file=files.passphrase_file)
    key = opened(given, partial(account_of, context))
    asked = frozenset(audience_url(url).split("/")[2] for url in (identity.token_host, identity.audience) if url)
    return checked(MADE_UP, secret_text(identity, key), key, asked), key.signing_key
