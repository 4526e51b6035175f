"""`sfmint app`: make a connection's app in an org."""

import click

from sfmint_cli.commands import app_create
from sfmint_cli.options import Group


@click.group("app", cls=Group)
def command() -> None:
    """Make a connection's app in an org."""


command.add_command(app_create.command)
