"""`sfmint app`: the app of a connection in a Salesforce org."""

import click

from sfmint_cli.commands import app_create, app_metadata, app_show
from sfmint_cli.options import Group


@click.group("app", cls=Group)
def command() -> None:
    """Make a connection's app in Salesforce, or look at it."""


command.add_command(app_create.command)
command.add_command(app_metadata.command)
command.add_command(app_show.command)
