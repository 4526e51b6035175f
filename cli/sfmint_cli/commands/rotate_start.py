"""`sfmint rotate start`: begin a rotation, or go on with one that is pending."""

from typing import TYPE_CHECKING

import click

from sfmint_cli import render
from sfmint_cli.options import Command, connection_argument
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed, Report
from sfmint_cli.rotation.given import GivenFields, field_options

if TYPE_CHECKING:
    from sfmint_cli.rotation.rotating import Rotating
    from sfmint_cli.rotation.standing import Standing

_NOT_BEGUN = frozenset({"none", "cancelling", "cancelled", "void"})


@click.command("start", cls=Command)
@connection_argument
@field_options
@click.pass_context
def command(context: click.Context, *, name: str, given: GivenFields) -> Report:
    """Begin a rotation, or go on with one that is pending.

    The stack makes a new key, which no disk ever holds, and publishes its certificate. With an admin connection it puts
    the certificate into the app too, and needs nobody; without one a person uploads it. The old key logs in until five
    logins in a row with the new one have succeeded. The options are written into the secret, so give them once.
    """
    from sfmint_cli.rotation import ends
    from sfmint_cli.rotation.fields import require_admin, write
    from sfmint_cli.rotation.rotating import Rotating

    rotating = Rotating.find(context, name)
    before = rotating.function.ask("status")
    if before.is_open:
        render.say(f"A rotation of {name} is pending already, so this goes on with it.")
        _require_same(rotating, given, before)
    else:
        require_admin(rotating.deployed.stack, name, given)
        write(rotating.deployed.secret(), given, name)
    standing = rotating.course.follow("start", until=lambda standing: standing.is_begun)
    if standing.phase in _NOT_BEGUN:
        raise ends.unfinished(name, standing)
    facts = {**ends.facts_of(name, standing), "resumed": before.is_open}
    return Report(facts=facts, next_step=ends.next_step(name, standing))


def _require_same(rotating: "Rotating", given: GivenFields, pending: "Standing") -> None:
    """Refuse other fields than those with which the pending rotation began."""
    from sfmint_cli.rotation.fields import changed

    text = rotating.deployed.secret().read() if given.said() else None
    if text is not None and changed(text, given, rotating.deployed.name) is not None:
        raise Failed(
            f"A rotation is pending ({pending.phase}), so the secret's fields about it are not changed now.",
            remedy=f"First see it to its end ({sfmint('rotate', 'finish', rotating.deployed.name)}),"
            f" or cancel it ({sfmint('rotate', 'cancel', rotating.deployed.name)}). Then run this again.",
            name="RotationPending",
        )
