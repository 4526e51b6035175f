"""`sfmint app metadata`: the app of a connection as files for the sf CLI, and as clicks of Setup."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfmint_cli import render
from sfmint_cli.apps.admin_session import AdminOptions, admin_options
from sfmint_cli.options import Command, NamedPath, Text, connection_argument, gathered
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed, Report
from sfmint_cli.token_lifetime import token_lifetime_option

if TYPE_CHECKING:
    from sfmint_cli.apps.app_project import Pair
    from sfmint_setup.app_files import AppPlan
    from sfmint_setup.component import Component

_PLACEHOLDER = "ops@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the files say.

    Attributes:
        label: of the app in Setup; None: the connection's name.
        username: who is to log in.
        contact_email: whom Salesforce writes to; None: the user name, which looks like one.
        token_lifetime: seconds.
        certificate: a file; None: a key pair is made.
        connected_app: an old app is changed.
    """

    label: str | None
    username: str | None
    contact_email: str | None
    token_lifetime: int
    certificate: Path | None
    connected_app: bool


@click.command("metadata", cls=Command)
@connection_argument
@click.option("--out", "folder", required=True, type=NamedPath(), metavar="DIR", help="Folder to write to.")
@gathered(
    "wanted",
    Wanted,
    click.option("--username", type=Text(), metavar="TEXT", help="User who is to log in."),
    click.option("--label", type=Text(), metavar="TEXT", help="Name of the app in Setup.  [default: NAME]"),
    click.option(
        "--contact-email", type=Text(), metavar="TEXT", help="Whom Salesforce writes to.  [default: --username]"
    ),
    token_lifetime_option(),
    click.option(
        "--certificate", type=NamedPath(), metavar="FILE", help="Certificate for the app.  [default: a new key pair]"
    ),
    click.option("--connected-app", is_flag=True, help="Change a Connected App, which an old org has."),
)
@admin_options
def command(*, name: str, folder: Path, wanted: Wanted, admin: AdminOptions) -> Report:
    """Write a connection's app as files for the sf CLI, and as clicks.

    NAME is the connection's. DIR gets a project that `sf project deploy start` deploys: an External Client App with
    certificate, scopes and policies, and a permission set for its users; and a new key pair, unless --certificate
    gives one. The same is said as clicks of Setup. Nothing is asked of Salesforce, except with --connected-app and a
    session: then the app's other settings are read, and stated again.
    """
    from sfmint_cli.apps.app_project import certificate_for, project_for, write_project
    from sfmint_cli.apps.clicks import of_connected, of_external
    from sfmint_setup.app_files import AppPlan, app_name

    pair = certificate_for(name, folder, wanted.certificate)
    plan = AppPlan(
        name=app_name(name),
        label=wanted.label or name,
        contact_email=wanted.contact_email or wanted.username or _PLACEHOLDER,
        certificate=pair.certificate,
        token_lifetime_s=wanted.token_lifetime,
    )
    files = project_for(_components(plan, wanted, admin), with_key=pair.is_new)
    write_project(folder, files, pair)
    if plan.contact_email == _PLACEHOLDER:
        render.warn(f"The files name {_PLACEHOLDER} as the app's contact: correct that, or give --contact-email.")
    clicks = (of_connected if wanted.connected_app else of_external)(plan, pair.path, wanted.username)
    clicks.append(f"Store the credentials: {_to_store(name, pair, plan, wanted.username)}")
    return Report(
        facts={
            "app": plan.name,
            "permission_set": plan.permission_set,
            **pair.facts,
            "files": sorted(str(folder / path) for path in files),
            "clicks": [f"{number}. {click}" for number, click in enumerate(clicks, start=1)],
        },
        next_step=f"do the clicks, or have the sf CLI do most of them: {_to_deploy(folder, plan, wanted.username)}",
    )


def _components(plan: "AppPlan", wanted: Wanted, admin: AdminOptions) -> "tuple[Component, ...]":
    from sfmint_setup import connected_app
    from sfmint_setup.app_files import components_of
    from sfmint_setup.component import CONNECTED_APP

    if not wanted.connected_app:
        return components_of(plan)
    if not admin.is_given:
        render.warn(
            "Without a session the app's other settings are not known: deployed, the file replaces them by what it says."
            " Give --org ALIAS, or follow the clicks."
        )
        return connected_app.changed(connected_app.bare(plan), plan)
    app = admin.open().app(plan.name)
    if app is None or app.kind != "connected":
        raise Failed(
            f"The org has no Connected App {plan.name} that this session can read.",
            remedy=f"Make an External Client App: {sfmint('app', 'create', 'NAME', '--username', 'USER')}.",
            name="AppNotFound",
        )
    return connected_app.changed(app.components[CONNECTED_APP], plan)


def _to_deploy(folder: Path, plan: "AppPlan", username: str | None) -> str:
    """Return the command line of the sf CLI that does what the clicks do."""
    import shlex

    assign = ("sf", "org", "assign", "permset", "--name", plan.permission_set, "--on-behalf-of", username or "USER")
    org = ("--target-org", "ALIAS")
    steps = (("cd", str(folder)), ("sf", "project", "deploy", "start", *org), (*assign, *org))
    return " && ".join(map(shlex.join, steps))


def _to_store(name: str, pair: "Pair", plan: "AppPlan", username: str | None) -> str:
    """Return the command that stores the credentials once the app has arrived."""
    return sfmint(
        *("connection", "add", name, "--key", pair.key or "FILE", "--certificate", pair.path, "--consumer-key", "KEY"),
        *("--username", username or "USER", "--token-host", "URL", "--token-lifetime", plan.token_lifetime_s),
    )
