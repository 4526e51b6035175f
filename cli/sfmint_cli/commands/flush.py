"""`sfmint flush`: drop a connection's token, and what is remembered of a failed login."""

import click

from sfmint_cli.options import Command, connection_argument
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Report


@click.command("flush", cls=Command)
@connection_argument
@click.pass_context
def command(context: click.Context, *, name: str) -> Report:
    """Drop a connection's token, and any remembered failure.

    The keeper drops them from the row, and the next call logs in anew. Brokers may serve the old token from memory for
    half a minute more. In Salesforce its session goes on until it ends or is ended there.
    """
    from sfmint_cli.deployed import Deployed

    Deployed.find(context, name).keeper().flush()
    return Report(
        facts={"connection": name, "flushed": True},
        next_step=f"a broker may serve the old token for half a minute; to log in now: {sfmint('refresh', name)}",
    )
