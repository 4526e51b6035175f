"""`sfmint rotate cancel`: end a rotation with the old key."""

import click

from sfmint_cli.options import Command, connection_argument
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed, Report


@click.command("cancel", cls=Command)
@connection_argument
@click.pass_context
def command(context: click.Context, *, name: str) -> Report:
    """End a rotation with the old key.

    With an admin connection the app gets the old certificate back, and it ends when the old key has logged in five times
    in a row. Without one it tries the old key once; if that is refused, it says that the old certificate has to be
    uploaded. After Ctrl-C nothing is lost, and the same command goes on.
    """
    from sfmint_cli.rotation import ends
    from sfmint_cli.rotation.rotating import Rotating
    from sfmint_cli.rotation.standing import FINISHED

    rotating = Rotating.find(context, name)
    try:
        standing = rotating.course.follow("cancel", until=lambda standing: standing.waits_for_upload)
    except KeyboardInterrupt:
        raise ends.interrupted(name, "cancel") from None
    if standing.phase == FINISHED:
        raise Failed(
            f"The rotation has finished, so it cannot be cancelled. {standing.words}",
            remedy="Upload the former certificate, if the key before is wanted back, then:"
            f" {sfmint('connection', 'add', name, '--rollback')}",
            name="RotationFinished",
            facts=ends.facts_of(name, standing),
        )
    if standing.is_open:
        raise ends.unfinished(name, standing)
    return Report(facts=ends.facts_of(name, standing))
