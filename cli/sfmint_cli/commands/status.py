"""`sfmint status`: how the connections are."""

from typing import TYPE_CHECKING

import click

from sfmint_cli import render
from sfmint_cli.options import Command, Target, connection_name_argument
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed, Report

if TYPE_CHECKING:
    from sfmint_cli.status.rows import Rows

MOST_NAMED = 5


@click.command("status", cls=Command)
@connection_name_argument
@click.pass_context
def command(context: click.Context, *, name: str | None) -> Report:
    """Show how all connections are, or one.

    One event to the keeper, which reads the rows and nothing else: no login, no secret, no token. States: fresh, due
    (served, soon refreshed), expired and no token (the next call logs in), failing (a login failed, and nobody logs in
    for a while), breaker open (fresh tokens keep being refused), no credentials, unreadable. Exit code 1 if one of the
    last four is there. How many logins of the hour's budget are used stands in the broker's own status of a
    connection: the budget is the Salesforce user's, whom only the secret names.
    """
    from sfmint_cli.aws_account import Account
    from sfmint_cli.broker_code import SystemClock
    from sfmint_cli.stack import Stack
    from sfmint_cli.status.rows import Rows
    from sfmint_cli.status.table import facts_of, lines_of

    target = Target.read(context)
    account = Account(target)
    stack = Stack.deployed(account, target.stack)
    if name is not None:
        stack.require(name)
    names = stack.connections if name is None else (name,)
    if not target.as_json:
        render.say(f"Asking the keeper of {stack.name} for {name or _counted(len(names))}.")
    found = Rows.ask(account.functions(), stack.keeper, name).of(names)
    now = SystemClock().now()
    report = Report(facts=facts_of(found, now), shown=lines_of(found, now))
    _require_health(found, now, report)
    return report


def _counted(connections: int) -> str:
    return "1 connection" if connections == 1 else f"{connections} connections"


def _require_health(found: "Rows", now: float, report: Report) -> None:
    from sfmint_cli.status.state import state_of

    failing = [name for name, row in found.rows.items() if state_of(row, now).is_failing]
    if not failing:
        return
    more = f" and {len(failing) - MOST_NAMED} more" if len(failing) > MOST_NAMED else ""
    verb = "is" if len(failing) == 1 else "are"
    raise Failed(
        f"{len(failing)} of {len(found.rows)} {verb} failing: {', '.join(failing[:MOST_NAMED])}{more}.",
        remedy=f"See why: {sfmint('why', failing[0])}",
        name="ConnectionsFailing",
        facts=report.facts,
        shown=report.shown,
    )
