"""`sfmint connection list`: all connections of a stack at a glance."""

from typing import TYPE_CHECKING

import click

from sfmint_cli import render
from sfmint_cli.options import Command, Target
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed, Report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfmint_cli.aws_account import Account
    from sfmint_cli.stack import Stack
    from sfmint_cli.status.rows import Row


@click.command("list", cls=Command)
@click.pass_context
def command(context: click.Context) -> Report:
    """List the stack's connections, each with its state.

    no secret, empty secret: credentials have to be stored. retired: its secret is scheduled for deletion. Else the state is
    that of its row, in the words of `status`. One event to the keeper; no secret is read, nobody logs in.
    """
    from sfmint_cli.aws_account import Account
    from sfmint_cli.broker_code import SystemClock
    from sfmint_cli.connection_secret import ConnectionSecret
    from sfmint_cli.connections.overview import Overview, described_in_parallel
    from sfmint_cli.stack import Stack

    target = Target.read(context)
    account = Account(target)
    stack = Stack.deployed(account, target.stack)
    rows = _rows(account, stack)
    client = account.secrets_manager()
    secrets = {name: ConnectionSecret(client=client, name=f"{stack.secret_prefix}{name}") for name in stack.connections}
    described, refused = described_in_parallel(secrets)
    if refused is not None:
        render.warn(f"{refused.cause} So it is not known which connections have one.")
    now = SystemClock().now()
    found = {name: Overview(described=described[name], row=rows.get(name), now=now) for name in secrets}
    width = max(map(len, found))
    return Report(
        facts={"stack": stack.name, "connections": {name: each.to_facts() for name, each in found.items()}},
        shown=tuple(f"{name.ljust(width)}  {each.told()}" for name, each in found.items()),
        next_step=f"all about one: {sfmint('connection', 'show', 'NAME')}",
    )


def _rows(account: "Account", stack: "Stack") -> "Mapping[str, Row]":
    """Return the rows of a stack; none, and a warning, where its keeper does not tell."""
    from sfmint_cli.connections.overview import ENDS_ALL
    from sfmint_cli.status.rows import Rows

    try:
        return Rows.ask(account.functions(), stack.keeper).rows
    except Failed as failed:
        if failed.name in ENDS_ALL:
            raise
        render.warn(f"{failed.cause} So it is not known how the rows are. {failed.remedy}")
        return {}
