"""`sfmint connection show`: all that is known of a connection, and who may use it."""

from functools import partial
from typing import TYPE_CHECKING

import click

from sfmint_cli.options import Command, connection_argument
from sfmint_cli.result import Facts, Report

if TYPE_CHECKING:
    from sfmint_cli.connections.portrait import Portrait


@click.command("show", cls=Command)
@connection_argument
@click.option("--users", is_flag=True, help="Also who holds its policies, and whom its aliases' policies name.")
@click.pass_context
def command(context: click.Context, *, name: str, users: bool) -> Report:
    """Show what is known of a connection, save its key and its token.

    That is what the secret says and which keys its versions hold, the certificate's dates, the row, the ways to its token,
    and the allow-list. What your credentials may not see is left out and said. --users cannot see what other policies
    allow: `doctor NAME --as-role ARN` asks for one role.
    """
    from sfmint_cli.connections.portrait import Portrait
    from sfmint_cli.deployed import Deployed

    deployed = Deployed.find(context, name)
    portrait = Portrait(deployed=deployed)
    facts = {**portrait.facts(), **(_users(portrait) if users else {})}
    return Report(facts={**facts, **({"not_seen": portrait.not_seen} if portrait.not_seen else {})})


def _users(portrait: "Portrait") -> Facts:
    from sfmint_cli.connections.holders import NOT_SEEN, Holders
    from sfmint_cli.connections.ways_in import Way

    deployed = portrait.deployed
    holders = Holders(identities=deployed.account.identities(), functions=deployed.account.functions())
    found = {
        way.gives: [
            each.told()
            for look in (holders.attached, holders.named)
            for each in portrait.seen(partial(look, way)) or []
        ]
        for way in Way.all_of(deployed.stack, deployed.name)
    }
    return {"users": found, "users_not_seen": list(NOT_SEEN)}
