"""`sfmint connection`: what a stack has in the way of connections, from the first credentials to the last."""

import click

from sfmint_cli.commands import (
    connection_add,
    connection_allow,
    connection_import,
    connection_list,
    connection_retire,
    connection_show,
)
from sfmint_cli.options import Group


@click.group("connection", cls=Group)
def command() -> None:
    """Store, show and retire connections, limit their requests."""


command.add_command(connection_add.command)
command.add_command(connection_import.command)
command.add_command(connection_allow.command)
command.add_command(connection_show.command)
command.add_command(connection_list.command)
command.add_command(connection_retire.command)
