"""Sessions and certificates: ``end-sessions``, ``certificate``, ``admin-session``."""

import argparse
import shlex
import sys
from pathlib import Path

from sfmint_local.org.commands.running import CommandError, Commands, command, variable
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.setup import rights
from sfmint_local.org.values import User

ADMINISTRATOR = "admin@sfmint.example"


def add_to(commands: Commands) -> None:
    """Add the commands."""
    end = command(
        commands, "end-sessions", _end_sessions, says="end all sessions of a user, as Session Management does"
    )
    end.add_argument("--username", help="default: SFMINT_ORG_USERNAME")
    certificate = command(
        commands, "certificate", _upload, says="upload a certificate to an app, in place of its present one"
    )
    certificate.add_argument("file", type=Path, metavar="FILE", help="PEM")
    certificate.add_argument("--consumer-key", help="the app's; default: SFMINT_ORG_CONSUMER_KEY")
    admin = command(
        commands, "admin-session", _open_admin_session, says="open an administrator's session; its lines are for eval"
    )
    admin.add_argument("--username", default=ADMINISTRATOR, help="made with all rights if new; default: %(default)s")
    admin.add_argument("--jwt", action="store_true", help="a token that is a JWT, which SOAP takes from version 68 on")


def _end_sessions(org: OrgControl, arguments: argparse.Namespace) -> str:
    username = arguments.username or variable("SFMINT_ORG_USERNAME", "--username")
    if all(each.user.username != username for each in org.users()):
        raise CommandError(f"There is no user {username}. `setup` lists those that there are.")
    return f"{username}: {org.end_sessions(username=username)} sessions ended"


def _upload(org: OrgControl, arguments: argparse.Namespace) -> str:
    consumer_key = arguments.consumer_key or variable("SFMINT_ORG_CONSUMER_KEY", "--consumer-key")
    try:
        pem = arguments.file.read_text()
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"{arguments.file} cannot be read as text. Name a certificate in PEM form.") from None
    org.set_certificate(consumer_key, pem)
    return f"{arguments.file} is the certificate of the app {consumer_key}"


def _open_admin_session(org: OrgControl, arguments: argparse.Namespace) -> str:
    """Return lines for a shell. A terminal would keep the token in its scrollback, so it gets none."""
    if sys.stdout.isatty():
        typed = f"{shlex.quote(sys.executable)} -m sfmint_local.org admin-session"
        raise CommandError(f'The token would be shown in this terminal. Type: eval "$({typed})"')
    username = arguments.username
    if username not in {each.user.username for each in org.users()}:
        org.put_user(User(username=username, profile="System Administrator"))
        org.grant(username, rights.ADMINISTRATOR)
    variables = {
        "SFMINT_ADMIN_ACCESS_TOKEN": org.open_session(username, jwt_based=arguments.jwt),
        "SFMINT_ADMIN_INSTANCE_URL": org.url,
    }
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
