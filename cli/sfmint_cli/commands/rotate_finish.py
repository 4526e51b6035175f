"""`sfmint rotate finish`: see a rotation to its end."""

import click

from sfmint_cli.options import Command, connection_argument
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Report


@click.command("finish", cls=Command)
@connection_argument
@click.pass_context
def command(context: click.Context, *, name: str) -> Report:
    """See a rotation to its end; the certificate is uploaded.

    The stack logs in with the new key until the change has arrived in Salesforce, makes the key the current one after
    five logins in a row over five minutes, and keeps the old one as a way back for half an hour. After Ctrl-C nothing is
    lost, and the same command goes on. Exit code 1 if somebody has to do something first.
    """
    from sfmint_cli.rotation import ends
    from sfmint_cli.rotation.rotating import Rotating
    from sfmint_cli.rotation.standing import FINISHED

    rotating = Rotating.find(context, name)
    try:
        standing = rotating.course.follow("finish", until=lambda standing: standing.waits_for_upload)
    except KeyboardInterrupt:
        raise ends.interrupted(name, "finish") from None
    if standing.phase != FINISHED:
        raise ends.unfinished(name, standing)
    return Report(
        facts=ends.facts_of(name, standing), next_step=f"see the new key at work: {sfmint('connection', 'show', name)}"
    )
