"""`sfmint connection add`: store a connection's credentials, which the stack has tried before."""

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from sfmint.salesforce.connection import Connection
from sfmint_cli import render
from sfmint_cli.key_options import GivenKey, stored_key_options
from sfmint_cli.kms_key import KmsKey
from sfmint_cli.options import (
    ROLLBACK,
    Command,
    Identity,
    connection_argument,
    gathered,
    identity_options,
)
from sfmint_cli.result import Facts, Report
from sfmint_cli.stored_facts import said_of, told
from sfmint_cli.token_lifetime import token_lifetime_option

if TYPE_CHECKING:
    from sfmint_cli.aws_account import Account
    from sfmint_cli.credentials import Given
    from sfmint_cli.deployed import Deployed

_BESIDE_ROLLBACK = {ROLLBACK, "name", "yes", "no_login"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the person allows to be done to what is there already."""

    yes: bool
    restore: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How the secret is stored."""

    token_lifetime: int
    kms_key: str | None
    no_login: bool


@click.command("add", cls=Command)
@connection_argument
@stored_key_options
@identity_options
@gathered(
    "wanted",
    Wanted,
    token_lifetime_option(),
    click.option(
        "--kms-key",
        type=KmsKey(),
        metavar="ARN",
        help="Your own KMS key that encrypts the secret, and signs nothing; the stack's SecretsKeyArns lists it."
        "  [default: as it is, or the account's]",
    ),
    click.option("--no-login", is_flag=True, help="Do not try the new credentials."),
)
@gathered(
    "consent",
    Consent,
    click.option("--yes", is_flag=True, help="Replace what is stored without asking."),
    click.option("--restore", is_flag=True, help="Take back the deletion of a secret, and replace its value."),
)
@click.option(
    f"--{ROLLBACK}", is_flag=True, is_eager=True, help="Go back to the credentials before these; give no others."
)
@click.pass_context
def command(
    context: click.Context,
    *,
    name: str,
    given: GivenKey | None,
    identity: Identity | None,
    wanted: Wanted,
    consent: Consent,
    rollback: bool,
) -> Report:
    """Store a connection's credentials in Secrets Manager.

    NAME is one of the stack's Connections. Everything is checked as the broker will check it before anything is
    changed. The secret is sfmint/STACK/NAME. Where it holds credentials, the stack first logs in with the new ones,
    and they are replaced only if it can: give every option again, for only the tainted keys, --org-id, --host and
    what a rotation reads are kept. Then the token and any remembered failure are dropped, and the stack logs in once more. If Salesforce refuses
    that, the former credentials are put back.
    """
    if rollback or given is None or identity is None:
        return _roll_back(context, name, login=not wanted.no_login)
    return _store(context, name, given, identity, wanted, consent)


def _store(
    context: click.Context, name: str, given: GivenKey, identity: Identity, wanted: Wanted, consent: Consent
) -> Report:
    from sfmint_cli.consent import agree_to_replace
    from sfmint_cli.credentials import checked, opened, secret_text
    from sfmint_cli.deployed import Deployed
    from sfmint_cli.storing import Storing

    find = cache(partial(Deployed.find, context, name))
    key = opened(given, lambda: _signing_in(find(), given))
    facts: dict[str, object] = {"certificate_in_date": _is_in_date(key)}
    deployed = find()
    if wanted.kms_key is not None:
        deployed.stack.require_grant(wanted.kms_key)
    text = secret_text(identity, key, wanted.token_lifetime)

    def check(text: str) -> Connection:
        return checked(name, text, key, deployed.stack.token_hosts)

    check(text)
    secret = deployed.secret()
    storing = Storing(secret=secret, keeper=deployed.keeper(), check=check, login=not wanted.no_login)
    facts |= {"connection": name, "secret": secret.name, "key_id": key.signing_key.key_id}
    with told(facts):
        stored = storing.store(
            text,
            kms_key=wanted.kms_key,
            restore=consent.restore,
            ask=partial(agree_to_replace, yes=consent.yes or consent.restore),
        )
    return storing.prove(stored, facts | {"done": stored.done, **said_of(check(stored.text))})


def _signing_in(deployed: "Deployed", given: GivenKey) -> "Account":
    """Return the account of a stack whose functions may sign with the keys of KMS that are given."""
    for option, arn in (("--kms", given.kms), ("--other-kms", given.other_kms)):
        if arn is not None:
            deployed.stack.require_signing(arn, option)
    return deployed.account


def _roll_back(context: click.Context, name: str, *, login: bool) -> Report:
    from sfmint_cli.credentials import checked_again
    from sfmint_cli.deployed import Deployed
    from sfmint_cli.storing import Storing
    from sfmint_cli.tainted_keys import key_id_in

    given = {param.name for param in context.command.params if _is_typed(context, param)}
    if others := sorted(given - _BESIDE_ROLLBACK):
        names = ", ".join(f"--{other.replace('_', '-')}" for other in others)
        raise click.UsageError(f"--rollback goes back to what is stored, so leave out {names}.")
    deployed = Deployed.find(context, name)
    secret = deployed.secret()
    check = partial(checked_again, name, listed=deployed.stack.token_hosts, account=deployed.account)
    storing = Storing(secret=secret, keeper=deployed.keeper(), check=check, login=login)
    facts: Facts = {"connection": name, "secret": secret.name}
    with told(facts):
        stored = storing.roll_back()
    return storing.prove(stored, {**facts, "key_id": key_id_in(stored.text), "done": stored.done})


def _is_typed(context: click.Context, param: click.Parameter) -> bool:
    """Return whether an option of the command itself stands on the command line."""
    of_command = isinstance(param, click.Option) and not param.hidden
    return of_command and context.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE


def _is_in_date(key: "Given") -> bool:
    """Return whether the certificate is valid today, and warn where it is not."""
    from sfmint_cli.broker_code import SystemClock

    lapse = key.lapse(SystemClock().now())
    if lapse:
        render.warn(f"{lapse} Salesforce does not check that for now; make a new pair before it does.")
    return lapse is None
