"""`sfmint connection`: store a connection's credentials, and limit the requests that it may send."""

import click

from sfmint_cli.commands import connection_add, connection_allow, connection_import
from sfmint_cli.options import Group


@click.group("connection", cls=Group)
def command() -> None:
    """Store a connection's credentials, limit its requests."""


command.add_command(connection_add.command)
command.add_command(connection_import.command)
command.add_command(connection_allow.command)
