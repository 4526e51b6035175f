"""`sfmint app show`: what the org has of a connection's app, against what the secret says."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from sfmint_cli.apps.admin_session import AdminOptions, admin_options
from sfmint_cli.options import Command, Text, connection_argument
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Facts, Failed, Report

if TYPE_CHECKING:
    from sfmint.salesforce.connection import Connection
    from sfmint_cli.apps.comparison import Difference
    from sfmint_cli.apps.in_org import InOrg


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """What a connection's secret says.

    Attributes:
        connection: how it logs in.
        key_id: of its key.
        app: the API name of its app.
    """

    connection: "Connection"
    key_id: str
    app: str


@click.command("show", cls=Command)
@connection_argument
@admin_options
@click.option(
    "--app",
    "app_name",
    type=Text(),
    metavar="TEXT",
    help="API name of the app.  [default: as the secret says, else NAME's]",
)
@click.option("--username", type=Text(), metavar="TEXT", help="Who is to log in.  [default: as the secret says]")
@click.option("--no-stack", is_flag=True, help="Ask nothing of AWS: compare with what a login needs only.")
@click.pass_context
def command(
    context: click.Context,
    *,
    name: str,
    admin: AdminOptions,
    app_name: str | None,
    username: str | None,
    no_stack: bool,
) -> Report:
    """Show what the org has of a connection's app.

    The app, its scopes, policies and session time-out, its certificate, the permission sets that open it and who holds
    them: against what a login needs, and against the connection's secret. It reads with an administrator's session and
    changes nothing. A difference is a finding: exit code 1.
    """
    from sfmint_cli.apps.comparison import against, faults, unseen
    from sfmint_cli.named_app import app_of

    stored = None if no_stack else _stored(context, name)
    who = username or (stored.connection.username if stored else None)
    found = _in_org(admin, name, app_name or (stored.app if stored else app_of(name, None)), who)
    differences = [*faults(found), *(against(found, stored.connection, stored.key_id) if stored else ())]
    facts = {**found.to_facts(), "differences": {each.what: each.to_facts() for each in differences}}
    if differences:
        raise _finding(found, differences, facts)
    if (hidden := unseen(found)) is not None:
        cause, remedy = hidden
        raise Failed(cause, remedy=remedy, name="AppNotSeen", facts=facts)
    return Report(facts=facts)


def _in_org(admin: AdminOptions, name: str, wanted: str, who: str | None) -> "InOrg":
    """Return what the org has.

    Raises:
        Failed: there is no such app.
        SetupError: the org does not tell.
    """
    from sfmint_cli.apps.in_org import InOrg, named_sets
    from sfmint_cli.broker_code import SystemClock

    setup = admin.open()
    org = setup.identity()
    app = setup.app(wanted)
    if app is None:
        raise Failed(
            f"The org {org.org_id} ({org.name}) has no app {wanted} that this session can read.",
            remedy=f"Name another one with --app, or make it: {sfmint('app', 'create', name, '--username', 'USER')}.",
            name="AppNotFound",
            facts={"org": {"id": org.org_id, "name": org.name, "production": org.is_production}},
        )
    return InOrg(
        org=org,
        app=app,
        permission_sets=named_sets(app, setup.permission_set, f"{wanted}_access"),
        user=setup.user(who) if who else None,
        now=SystemClock().now(),
    )


def _finding(found: "InOrg", differences: "list[Difference]", facts: Facts) -> Failed:
    """Return what is said of differences: all of them are facts, the first one has the remedy."""
    first, number = differences[0], len(differences)
    return Failed(
        f"The app {found.app.name} is not as it should be in {number} {'point' if number == 1 else 'points'}:"
        f" {', '.join(each.what for each in differences)}.",
        remedy=f"{first.what}: {first.remedy}",
        name="AppDiffers",
        facts=facts,
    )


def _stored(context: click.Context, name: str) -> _Stored:
    """Return what the connection's secret says.

    Raises:
        Failed: there is no such connection, or no secret that the broker would take.
    """
    from sfmint_cli.deployed import Deployed
    from sfmint_cli.named_app import app_of

    try:
        deployed = Deployed.find(context, name)
        connection, key = deployed.credentials()
        app = app_of(name, deployed.secret().read())
    except Failed as failed:
        remedy = f"Give --no-stack to compare with what a login needs only. Or: {failed.remedy}"
        raise Failed(failed.cause, remedy=remedy, name=failed.name) from None
    return _Stored(connection=connection, key_id=key.key_id, app=app)
