"""`sfmint app create`: from an org without an app to a token that is served, with one command."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfmint.salesforce.connection import DEFAULT_LIFETIME_S
from sfmint_cli.apps.admin_session import AdminOptions, admin_options
from sfmint_cli.options import Command, NamedPath, Target, connection_argument, gathered
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Facts, Report
from sfmint_values.record_id import is_org_id

if TYPE_CHECKING:
    from sfmint_cli.apps.create import Create, Destination
    from sfmint_cli.apps.key_folder import KeyFolder

KEY_BITS, CERTIFICATE_DAYS = 2048, 365
LONGEST_USERNAME, LONGEST_LABEL = 80, 80  # characters, as Salesforce has them


class _Word(click.ParamType[str]):
    """Text of one line.

    Args:
        longest: how many characters.
    """

    name = "text"

    def __init__(self, longest: int) -> None:
        self._longest = longest

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = value.strip()
        if not 0 < len(text) <= self._longest or not text.isprintable():
            self.fail(f"it has to be one line of 1 to {self._longest} characters.", param, ctx)
        return text


class _OrgId(click.ParamType[str]):
    name = "id"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not is_org_id(value):
            self.fail("an org's id begins with 00D and has 15 or 18 letters and digits.", param, ctx)
        return value


class _ConsumerKey(click.ParamType[str]):
    name = "key"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from sfmint_cli.apps.person import is_consumer_key

        if not is_consumer_key(value):
            self.fail("a consumer key is one word of letters, digits, dots and underscores.", param, ctx)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line says beside how the org is reached.

    Attributes:
        username: of the integration user.
        label: of the app; None: the connection's name.
        out: the folder of key, certificate and notes; None: one of the user's state.
        org_id: of the org that may be changed.
        consumer_key: as a person has read it in Setup.
        no_store: AWS is left out.
        yes: nothing is asked.
    """

    username: str
    label: str | None
    out: Path | None
    org_id: str | None
    consumer_key: str | None
    no_store: bool
    yes: bool


@click.command("create", cls=Command)
@connection_argument
@admin_options
@gathered(
    "asked",
    Asked,
    click.option(
        "--username", type=_Word(LONGEST_USERNAME), required=True, metavar="TEXT", help="User that is to log in."
    ),
    click.option("--label", type=_Word(LONGEST_LABEL), metavar="TEXT", help="Label in Setup.  [default: NAME]"),
    click.option("--out", type=NamedPath(), metavar="DIR", help="Folder of key and notes.  [default: of your state]"),
    click.option("--org-id", type=_OrgId(), metavar="ID", help="Change this org only; production with --yes needs it."),
    click.option("--consumer-key", type=_ConsumerKey(), metavar="KEY", help="For orgs that do not show it by API."),
    click.option("--no-store", is_flag=True, help="End after a real login; asks nothing of AWS."),
    click.option("--yes", is_flag=True, help="Agree to what is shown."),
)
@click.pass_context
def command(context: click.Context, *, name: str, admin: AdminOptions, asked: Asked) -> Report:
    """Make a connection's app in an org, and store its credentials.

    NAME is one of the stack's Connections or AdminConnections. With the session of an administrator it makes a key pair, an External Client
    App with its certificate and policies, and a permission set, assigns that to the user, logs in until the app has
    arrived (a few minutes), stores the credentials and asks the broker for a token. First it shows the org and what will
    be changed. What is there is kept, nothing is deleted, and an interrupted run is taken up by the same command.
    """
    facts = _create(context, name, admin, asked).run()
    return Report(facts=facts, next_step=_next(name, asked, facts))


def _create(context: click.Context, name: str, admin: AdminOptions, asked: Asked) -> "Create":
    from sfmint_cli.apps.create import Create
    from sfmint_cli.apps.look import Wanted
    from sfmint_cli.apps.one_run import alone
    from sfmint_cli.apps.person import Terminal
    from sfmint_cli.apps.tool_login import ToolLogin
    from sfmint_cli.broker_code import SystemClock
    from sfmint_cli.state_folder import state_folder
    from sfmint_cli.tool_logins import ToolLogins
    from sfmint_setup.app_files import app_name

    clock = context.obj or SystemClock()
    destination = _destination(context, name, no_store=asked.no_store)
    return Create(
        wanted=Wanted(
            connection=name,
            app=app_name(name),
            username=asked.username,
            label=asked.label or name,
            token_lifetime_s=DEFAULT_LIFETIME_S,
            org_id=asked.org_id,
        ),
        setup=admin.open(clock),
        folder_of=lambda org_id: _folder(name, asked.out, org_id),
        person=Terminal(yes=asked.yes, as_json=Target.read(context).as_json),
        log_in=ToolLogin(
            connection=name,
            token_lifetime_s=DEFAULT_LIFETIME_S,
            listed=admin.allowed,
            ca_bundle=admin.ca_bundle,
            counted=ToolLogins.of_this_user(),
        ),
        destination=destination,
        alone=partial(alone, state_folder("runs")),
        clock=clock,
        given_key=asked.consumer_key,
    )


def _destination(context: click.Context, name: str, *, no_store: bool) -> "Destination":
    from sfmint_cli.apps.destination import Folder, StackSecret, TokenOfBroker
    from sfmint_cli.deployed import Deployed
    from sfmint_cli.use.broker_token import BrokerTokens
    from sfmint_values.connection_name import is_admin

    if no_store:
        return Folder()
    deployed = Deployed.find(context, name)
    broker = TokenOfBroker(tokens=BrokerTokens.of(deployed.account, deployed.stack.name, name))
    return StackSecret(
        stack=deployed.stack,
        secret=deployed.secret(),
        keeper=deployed.keeper(),
        token_lifetime_s=DEFAULT_LIFETIME_S,
        ask_broker=None if is_admin(name) else broker,
    )


def _folder(name: str, out: Path | None, org_id: str) -> "KeyFolder":
    from sfmint_cli.apps.key_folder import KeyFolder
    from sfmint_cli.broker_code import SystemClock
    from sfmint_cli.state_folder import state_folder
    from sfmint_setup.key_pair import KeyPair

    def new() -> KeyPair:
        return KeyPair.new(name, bits=KEY_BITS, days=CERTIFICATE_DAYS, now=SystemClock().now())

    return KeyFolder(folder=out or state_folder("apps") / org_id, name=name, new=new)


def _next(name: str, asked: Asked, facts: Facts) -> str:
    from sfmint_values.connection_name import is_admin

    if not asked.no_store and is_admin(name):
        return f"have it look after the app of a connection: {sfmint('rotate', 'start', 'NAME', '--admin-connection', name)}"
    if not asked.no_store:
        return f"get a token with it: {sfmint('token', name)}"
    given = {
        "--key": facts["key"],
        "--certificate": facts["certificate"],
        "--consumer-key": facts["consumer_key"],
        "--username": facts["username"],
        "--token-host": facts["token_host"],
        "--org-id": facts["org_id"],
    }
    words = (str(word) for pair in given.items() for word in pair)
    return f"store it for a stack: {sfmint('connection', 'add', name, *words)}"
