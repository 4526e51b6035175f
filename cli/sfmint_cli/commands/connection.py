"""`sfmint connection`: store a connection's credentials, and limit the requests that it may send."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from sfmint.salesforce.access_token import iso8601
from sfmint.salesforce.connection import DEFAULT_LIFETIME_S, LONGEST_LIFETIME_S, SHORTEST_LIFETIME_S, Connection
from sfmint_cli import render
from sfmint_cli.options import (
    Group,
    Identity,
    KeyPaths,
    Target,
    connection_argument,
    gathered,
    identity_options,
    key_and_certificate_options,
)
from sfmint_cli.result import Facts, Failed, Report

if TYPE_CHECKING:
    from sfmint_cli.aws_account import Account
    from sfmint_cli.connection_secret import ConnectionSecret
    from sfmint_cli.key_file import KeyFile
    from sfmint_cli.stack import Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the person allows to be done to what is there already."""

    yes: bool
    restore: bool


@click.group("connection", cls=Group)
def command() -> None:
    """Store a connection's credentials, limit its requests."""


@command.command("add")
@connection_argument
@key_and_certificate_options
@identity_options
@click.option(
    "--token-lifetime",
    type=click.IntRange(SHORTEST_LIFETIME_S, LONGEST_LIFETIME_S),
    default=DEFAULT_LIFETIME_S,
    show_default=True,
    metavar="SECONDS",
    help="Session time-out of the app.",
)
@gathered(
    "consent",
    Consent,
    click.option("--yes", is_flag=True, help="Replace what is stored without asking."),
    click.option("--restore", is_flag=True, help="Take back the deletion of a secret, and replace its value."),
)
@click.option("--no-login", is_flag=True, help="Do not try the new credentials.")
@click.pass_context
def add(
    context: click.Context,
    *,
    name: str,
    paths: KeyPaths,
    identity: Identity,
    token_lifetime: int,
    consent: Consent,
    no_login: bool,
) -> Report:
    """Store a connection's credentials in Secrets Manager.

    NAME is one of the stack's Connections. Everything is checked as the broker will check it before anything is
    changed. The secret is sfmint/STACK/NAME, under the account's own key, and is replaced completely: give every
    option again. Only the list of tainted keys is kept. Then the token and any remembered failure are dropped, and the stack logs in once with what is
    stored now, which proves it.
    """
    from sfmint_cli.aws_account import Account
    from sfmint_cli.connection_secret import ConnectionSecret
    from sfmint_cli.credentials import checked, secret_text
    from sfmint_cli.key_file import KeyFile
    from sfmint_cli.stack import Stack

    key_file = KeyFile.read(paths)
    in_date = _is_in_date(key_file)
    account = Account(Target.read(context))
    stack = Stack.deployed(account, Target.read(context).stack)
    stack.require(name)
    text = secret_text(identity, key_file, token_lifetime)
    connection = checked(name, text, key_file, stack.token_hosts)
    secret = ConnectionSecret(client=account.secrets_manager(), name=f"{stack.secret_prefix}{name}")
    facts: Facts = {
        "connection": name,
        "secret": secret.name,
        "done": _store(secret, text, name, consent),
        "key_id": key_file.signing_key.key_id,
        "certificate_in_date": in_date,
        **_shown(connection),
    }
    return _proven(account, stack, facts, login=not no_login)


def _shown(connection: Connection) -> Facts:
    """Return what is no secret of a connection."""
    return {
        "username": connection.username,
        "token_host": connection.token_host,
        "audience": connection.audience,
        "token_lifetime": connection.lifetime_s,
        **({"org_id": connection.org_id} if connection.org_id else {}),
        **({"hosts": list(connection.hosts)} if connection.hosts else {}),
    }


def _is_in_date(key_file: "KeyFile") -> bool:
    """Return whether the certificate is valid today, and warn where it is not."""
    from sfmint_cli.broker_code import SystemClock

    lapse = key_file.lapse(SystemClock().now())
    if lapse:
        render.warn(f"{lapse} Salesforce does not check that for now; make a new pair before it does.")
    return lapse is None


def _proven(account: "Account", stack: "Stack", facts: Facts, *, login: bool) -> Report:
    """Drop what the stack has of the old credentials and, if wanted, let it log in with the new ones."""
    from sfmint_cli import keeper

    name, done = str(facts["connection"]), facts["done"]
    try:
        keeper.flush(account.functions(), stack.keeper, name)
    except Failed as error:
        raise Failed(
            f"The secret is {done}, but the old token still stands: {error.cause}",
            remedy=error.remedy,
            name=error.name,
            facts={**facts, "flushed": False, "login": False},
        ) from None
    facts = {**facts, "flushed": True}
    if not login:
        return Report(
            facts={**facts, "login": False},
            next_step=f"a broker may remember the old token for half a minute; after that: sfmint token {name}",
        )
    try:
        token = keeper.refresh(account.functions(), stack.keeper, name)
    except Failed as error:
        raise Failed(
            f"The secret is {done}, but a login with it fails: {error.cause}",
            remedy=error.remedy,
            name=error.name,
            facts={**facts, "login": False},
        ) from None
    return Report(facts={**facts, "login": True, **token}, next_step=f"get a token with it: sfmint token {name}")


def _store(secret: "ConnectionSecret", text: str, connection: str, consent: Consent) -> str:
    """Write the secret and return what that was."""
    from sfmint_cli.connection_secret import State
    from sfmint_cli.tainted_keys import carried_over

    state, since = secret.state()
    when = "" if since is None else f", {iso8601(since.timestamp())}"
    match state:
        case State.MISSING:
            secret.create(text, description=f"Salesforce credentials of the connection {connection}, for sfmint")
            return "created"
        case State.DELETED if not consent.restore:
            raise Failed(
                f"The secret {secret.name} is scheduled for deletion{when}.",
                remedy="Take that back and replace its value with --restore, or wait until it is gone.",
                name="SecretDeleted",
            )
        case State.DELETED:
            secret.restore()
            try:
                secret.replace(carried_over(text, secret.read()))
            except Failed as failed:
                raise Failed(
                    f"The deletion of {secret.name} is taken back, so its old value is live again: {failed.cause}",
                    remedy=f"{failed.remedy} Then run this again.",
                    name=failed.name,
                ) from None
            return "restored and replaced"
        case State.STORED:
            text = carried_over(text, secret.read())
            _confirm(secret.name, when, consent)
            secret.replace(text)
            return "replaced"


def _confirm(secret: str, when: str, consent: Consent) -> None:
    render.say(
        f"The secret {secret} holds a value (last change{when}). It is replaced whole; the old value stays as"
        " AWSPREVIOUS until the next change, and sfmint does not use it."
    )
    if consent.yes:
        return
    if not sys.stdin.isatty():
        raise Failed(
            f"The secret {secret} is there already, and there is no terminal to ask whether to replace it.",
            remedy="Replace it with --yes.",
            name="SecretExists",
        )
    if not click.confirm("Replace it?", err=True):
        raise Failed("Nothing was changed.", remedy="Run this again to replace the value.", name="NotConfirmed")


@command.command("allow")
@connection_argument
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@click.pass_context
def allow(context: click.Context, *, name: str, rules: tuple[str, ...]) -> Report:
    """Show or set which requests salesforce_request may send.

    Each RULE is one argument, a method and a path: "GET /services/data/" allows everything below, "POST
    /services/data/v67.0/sobjects/Case" exactly that and what is below it. The rules given are all there are. Without
    a RULE the ones in force are shown; where none were ever set that is GET /services/data/.
    """
    from sfmint_cli.allow_parameter import AllowParameter, listed_in
    from sfmint_cli.aws_account import Account
    from sfmint_cli.stack import Stack

    wanted = listed_in(rules) if rules else None
    account = Account(Target.read(context))
    stack = Stack.deployed(account, Target.read(context).stack)
    stack.require(name)
    parameter = AllowParameter(client=account.parameter_store(), name=f"{stack.parameter_prefix}{name}/allow")
    facts: Facts = {"connection": name, "parameter": parameter.name}
    if wanted is None:
        in_force, is_set = parameter.rules()
        return Report(facts={**facts, "set": is_set, "rules": in_force})
    before = parameter.read()
    parameter.write(wanted, description=f"Requests that the connection {name} may send")
    return Report(
        facts={**facts, "set": True, "rules": wanted, "before": [] if before is None else before.splitlines()},
        next_step="it takes effect within 60 seconds; there is nothing more to do",
    )
