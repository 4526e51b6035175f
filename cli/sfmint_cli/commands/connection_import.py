"""`sfmint connection import`: store what a team has today as a connection's credentials."""

import os
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfmint_cli import render
from sfmint_cli.kms_key import KmsKey
from sfmint_cli.options import Command, Decorator, NamedPath, Text, connection_argument, gathered
from sfmint_cli.result import Facts, Report
from sfmint_cli.stored_facts import said_of, told
from sfmint_cli.token_lifetime import token_lifetime_option

if TYPE_CHECKING:
    from sfmint.salesforce.connection import Connection
    from sfmint.salesforce.vocabulary import Field
    from sfmint_cli.deployed import Deployed
    from sfmint_cli.imports.assembled import Assembled
    from sfmint_cli.imports.piece import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line says in place of what is found."""

    consumer_key: str | None
    username: str | None
    token_host: str | None
    audience: str | None
    org_id: str | None
    token_lifetime: int | None

    def to_fields(self) -> dict["Field", str]:
        """Return it by field."""
        from sfmint.salesforce.vocabulary import Field

        said = {Field(field.name): getattr(self, field.name) for field in fields(self)}
        return {field: str(value) for field, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Files that the command line names."""

    key: Path | None
    certificate: Path | None
    passphrase_file: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How it is stored."""

    kms_key: str | None
    no_login: bool
    yes: bool
    restore: bool


def _text(name: str, words: str, metavar: str = "TEXT") -> Decorator:
    return click.option(name, type=Text(), metavar=metavar, help=words)


def _file(name: str, words: str) -> Decorator:
    return click.option(name, type=NamedPath(), metavar="FILE", help=words)


@click.command("import", cls=Command)
@connection_argument
@click.argument("source", metavar="FROM", type=NamedPath())
@gathered(
    "given",
    Given,
    _text("--consumer-key", "Consumer key of the app."),
    _text("--username", "Exact user name in Salesforce."),
    _text("--token-host", "The org's My Domain.", "URL"),
    _text("--audience", "The claim aud.", "URL"),
    _text("--org-id", "Take tokens of this org only.", "ID"),
    token_lifetime_option(default=None),
)
@gathered(
    "files",
    Files,
    _file("--key", "Private key."),
    _file("--certificate", "Certificate that Salesforce has."),
    _file("--passphrase-file", "Passphrase of the key or the store."),
)
@gathered(
    "manner",
    Manner,
    click.option("--kms-key", type=KmsKey(), metavar="ARN", help="Your own KMS key for the secret."),
    click.option("--no-login", is_flag=True, help="Do not try the credentials."),
    click.option("--yes", is_flag=True, help="Store what is found without asking."),
    click.option("--restore", is_flag=True, help="Take back the deletion of a secret."),
)
@click.pass_context
def command(context: click.Context, *, name: str, source: Path, given: Given, files: Files, manner: Manner) -> Report:
    """Store what you have today as a connection's credentials.

    FROM is a file (a key in PEM, a PKCS#12 store, lines of NAME=VALUE, JSON, a login of the sf CLI; of a Java key store it
    says how to convert it), `env` for the environment, `sf:ALIAS` for a JWT login of the sf CLI, or `secret:NAME` for
    another secret of Secrets Manager. What is found is shown with where it was found, and it asks before it is stored, in
    the way of connection add. The options count more than what is found, and what FROM lacks they have to say.
    """
    from sfmint.salesforce.vocabulary import Field
    from sfmint_cli.deployed import Deployed
    from sfmint_cli.imports.assembled import assembled

    deployed = Deployed.find(context, name)
    if manner.kms_key is not None:
        deployed.stack.require_grant(manner.kms_key)
    said = given.to_fields() | _of_files(files)
    of_file = {Field.PRIVATE_KEY_PASSPHRASE} if files.passphrase_file else set()
    found = _found(deployed, str(source), frozenset(said) | of_file, files.passphrase_file)
    ready = assembled(found, said, files.passphrase_file)
    ready.checked(name, ready.text, deployed.stack.token_hosts)
    _show(found, ready)
    return _store(deployed, found, ready, manner)


def _of_files(files: Files) -> dict["Field", str]:
    from sfmint.salesforce.vocabulary import Field
    from sfmint_cli.imports.key_text import certificate_piece, key_piece

    said = {}
    if files.key is not None:
        said[Field.PRIVATE_KEY] = key_piece(str(files.key), "--key", is_path=True).said()
    if files.certificate is not None:
        said[Field.CERTIFICATE] = certificate_piece(str(files.certificate), "--certificate").said()
    return said


def _found(deployed: "Deployed", where: str, given: frozenset["Field"], passphrase_file: Path | None) -> "Found":
    from sfmint_cli.connection_secret import ConnectionSecret
    from sfmint_cli.file_content import expanded
    from sfmint_cli.imports.source import Source
    from sfmint_cli.key_file import passphrase_of
    from sfmint_values.secret import Secret

    def other(name: str) -> bytes | None:
        return ConnectionSecret(client=deployed.account.secrets_manager(), name=name).octets()

    def passphrase(store: str) -> Secret:
        return passphrase_of(store, passphrase_file, encrypted=True) or Secret("")

    source = Source(
        name=deployed.name,
        given=given,
        environment=os.environ,  # noqa: TID251 - a person names it as the source
        home=expanded(Path("~")),
        secret=other,
        passphrase=passphrase,
    )
    return source.read(where)


def _show(found: "Found", ready: "Assembled") -> None:
    from sfmint_cli.broker_code import SystemClock
    from sfmint_cli.key_file import lapse_of

    render.say(f"Found in {found.source}:")
    for label, text in ready.told().items():
        render.say(f"  {label.replace('_', ' ')}: {text}")
    for note in found.notes:
        render.say(note)
    if lapse := lapse_of("The certificate", ready.key, SystemClock().now()):
        render.warn(f"{lapse} Salesforce does not check that for now; make a new pair before it does.")
    if ready.key.valid_until is None:
        render.say("No certificate was found, so nobody is told before it ends; give it with --certificate.")


def _store(deployed: "Deployed", found: "Found", ready: "Assembled", manner: Manner) -> Report:
    from sfmint_cli.consent import agree, agree_to_replace
    from sfmint_cli.storing import Storing

    def check(text: str) -> "Connection":
        return ready.checked(deployed.name, text, deployed.stack.token_hosts)

    secret = deployed.secret()
    facts: Facts = {
        "connection": deployed.name,
        "secret": secret.name,
        "key_id": ready.key.key_id,
        "source": found.source,
        "found": {field.value: piece.origin for field, piece in ready.pieces.items()},
    }
    with told(facts):
        replaces = partial(agree_to_replace, yes=manner.yes or manner.restore)
        agree("Store this?", yes=manner.yes, what="store this")
        storing = Storing(secret=secret, keeper=deployed.keeper(), check=check, login=not manner.no_login)
        stored = storing.store(ready.text, kms_key=manner.kms_key, restore=manner.restore, ask=replaces)
    return storing.prove(stored, {**facts, "done": stored.done, **said_of(check(stored.text))})
