"""`sfmint refresh`: have the stack log in, if a login is due."""

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from sfmint.salesforce.access_token import iso8601
from sfmint_cli.options import Command, connection_argument
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Facts, Failed, Report

if TYPE_CHECKING:
    from sfmint_cli.deployed import Deployed


@click.command("refresh", cls=Command)
@connection_argument
@click.pass_context
def command(context: click.Context, *, name: str) -> Report:
    """Have the stack log in, if a login is due.

    It asks the keeper, as the schedule does: it logs in if there is no token, or if the token would be due for a refresh
    before the next run of the schedule. To log in whatever the token's age, flush it first.
    """
    from sfmint_cli.deployed import Deployed

    deployed = Deployed.find(context, name)
    try:
        found = deployed.keeper().refresh()
    except Failed as error:
        if (until := _remembered_until(deployed)) is None:
            raise
        forget = f"It is remembered until {until}, and nobody logs in before; to forget it: {sfmint('flush', name)}"
        raise Failed(error.cause, remedy=f"{error.remedy} {forget}", name=error.name) from None
    facts: Facts = {"connection": name, **found}
    if isinstance(failure := found.get("failure"), dict):
        told = Failed.told(str(failure.get("error")), str(failure.get("message")))
        raise Failed(
            f"The old token is still good, but its refresh failed: {told.cause}",
            remedy=told.remedy,
            name=told.name,
            facts=facts,
        )
    if found.get("refreshed") is False:
        step = f"no login was due; to log in all the same, first: {sfmint('flush', name)}"
    else:
        step = f"get the token: {sfmint('token', name)}"
    return Report(facts=facts, next_step=step)


def _remembered_until(deployed: "Deployed") -> str | None:
    """Return until when a failed login is remembered; None where none is, or nobody can tell."""
    from sfmint_cli.status.rows import Rows

    with suppress(Failed):
        row = Rows.ask(deployed.account.functions(), deployed.stack.keeper, deployed.name).rows.get(deployed.name)
        if row is not None and row.failure is not None and row.failure.until is not None:
            return iso8601(row.failure.until)
    return None
