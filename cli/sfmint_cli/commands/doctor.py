"""`sfmint doctor`: check a connection from its token host to its callers."""

from typing import TYPE_CHECKING

import click

from sfmint_cli import render
from sfmint_cli.apps.admin_session import AdminOptions, admin_options
from sfmint_cli.doctor.role_arn import RoleArn
from sfmint_cli.options import Command, Target, Text, connection_argument
from sfmint_cli.result import Facts, Failed, Report

if TYPE_CHECKING:
    from sfmint_cli.doctor.runner import Result


@click.command("doctor", cls=Command)
@connection_argument
@click.option(
    "--as-role",
    type=RoleArn(),
    metavar="ARN",
    help="Also say whether a role may get the token, by IAM's simulator. The role is not assumed.",
)
@admin_options
@click.option("--app", "app_name", type=Text(), metavar="TEXT", help="API name of the app.  [default: NAME's]")
@click.pass_context
def command(
    context: click.Context, *, name: str, as_role: str | None, admin: AdminOptions, app_name: str | None
) -> Report:
    """Check a connection, and say of each fault its cause and its remedy.

    It looks at the secret, the key, the way to Salesforce, the app, and at what the stack has made, in this order, within
    ten seconds. It changes nothing. It logs in once from this machine, and a few times more if Salesforce's answer
    points to a wrong host or audience. With an administrator's session it also reads the app. What your own rights do
    not let it see is "not checked", which is no fault.
    """
    from sfmint_cli.broker_code import SystemClock
    from sfmint_cli.doctor.case import Case
    from sfmint_cli.doctor.checks import CHECKS, ROLE
    from sfmint_cli.doctor.runner import results
    from sfmint_cli.tool_logins import ToolLogins
    from sfmint_cli.way_out import authorities

    trusted = authorities(admin.ca_bundle)
    target, clock = Target.read(context), SystemClock()
    case = Case(
        name=name,
        target=target,
        ca_bundle=trusted,
        as_role=as_role,
        admin=admin,
        app_name=app_name,
        clock=clock,
        logins=ToolLogins.of_this_user(),
    )
    found = []
    for result in results((*CHECKS, ROLE) if as_role else CHECKS, case, clock, context):
        found.append(result)
        _show(result, as_json=target.as_json)
    return _ended(name, target, found)


def _show(result: "Result", *, as_json: bool) -> None:
    """Tell of a check as soon as it is over: with --json beside the document, for that comes at the end."""
    finding = result.finding
    if as_json:
        render.say(f"{result.check.title}: {finding.outcome}")
    else:
        render.finding(finding.outcome, result.check.title, finding.cause, finding.remedy)


def _ended(name: str, target: Target, found: "list[Result]") -> Report:
    wrong = [result for result in found if result.finding.is_wrong]
    facts: Facts = {"connection": name, "found_wrong": len(wrong)}
    if target.as_json:
        facts = {**facts, "checks": [{"check": each.check.name, **each.finding.to_facts()} for each in found]}
    faults = [result for result in wrong if result.finding.outcome == "fault"]
    if first := next(iter((*faults, *wrong)), None):
        raise Failed(_cause(first), remedy=first.finding.remedy, name="FoundWrong", facts=facts)
    if first := next((result for result in found if not result.finding.has_ended), None):
        raise Failed(_cause(first), remedy=first.finding.remedy, name="NotEnded", facts=facts)
    return Report(facts=facts)


def _cause(result: "Result") -> str:
    return f"{result.check.title}: {result.finding.cause}"
