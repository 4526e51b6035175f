"""`sfmint rotate schedule`: have Secrets Manager begin a rotation every so many days."""

import click

from sfmint_cli import render
from sfmint_cli.options import Command, connection_argument
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Report
from sfmint_cli.rotation.given import GivenFields, field_options

LONGEST_DAYS = 330  # a new certificate holds 365, and a rotation wants time


@click.command("schedule", cls=Command)
@connection_argument
@click.option("--days", type=click.IntRange(1, LONGEST_DAYS), metavar="N", help="Days from one rotation to the next.")
@field_options
@click.option("--off", is_flag=True, help="Take the schedule off.")
@click.pass_context
def command(context: click.Context, *, name: str, days: int | None, given: GivenFields, off: bool) -> Report:
    """Have Secrets Manager begin a rotation every so many days.

    First the stack's function checks whether it could rotate this key. The first rotation is in N days. Without an admin
    connection each one waits for a person. --off ends the schedule; a rotation that is pending goes on.
    """
    from sfmint_cli.rotation.fields import require_admin, write
    from sfmint_cli.rotation.rotating import Rotating
    from sfmint_cli.rotation.schedule import Schedule, pending

    if (days is None) is not off or (off and given.said()):
        raise click.UsageError("Give --days N, with what a rotation has to know, or --off alone.")
    rotating = Rotating.find(context, name)
    secret = rotating.deployed.secret()
    schedule = Schedule(secret=secret, connection=name, function=rotating.function.arn)
    if days is None:
        return Report(facts={"connection": name, "secret": secret.name, "scheduled": False, "was": schedule.lift()})
    require_admin(rotating.deployed.stack, name, given)
    if rotating.function.ask("status").is_open:
        raise pending(name)
    write(secret, given, name)
    if rotating.function.check().is_attended:
        render.warn(
            "The secret names no admin connection, so each rotation waits until somebody uploads a certificate."
        )
    first = schedule.set(days)
    facts = {
        "connection": name,
        "secret": secret.name,
        "scheduled": True,
        "days": days,
        "first": first and first.date().isoformat(),
    }
    return Report(facts=facts, next_step=f"to rotate now as well: {sfmint('rotate', 'start', name)}")
