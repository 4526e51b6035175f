"""`sfmint rotate`: give a connection a new key, or have the stack do it."""

import click

from sfmint_cli.commands import rotate_cancel, rotate_finish, rotate_schedule, rotate_start, rotate_status
from sfmint_cli.options import Group


@click.group("rotate", cls=Group)
def command() -> None:
    """Give a connection a new key, by hand or by itself."""


command.add_command(rotate_start.command)
command.add_command(rotate_status.command)
command.add_command(rotate_finish.command)
command.add_command(rotate_cancel.command)
command.add_command(rotate_schedule.command)
