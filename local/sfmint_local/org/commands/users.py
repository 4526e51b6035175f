"""Users: ``user add``, ``user freeze``, ``user deactivate``, ``user activate``, ``user grant``."""

import argparse
from dataclasses import replace

from sfmint_local.org.commands.running import CommandError, Commands, command
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.setup import rights
from sfmint_local.org.values import PROFILES, User, UserStatus

_STATES: dict[str, tuple[UserStatus, str]] = {
    "activate": ("active", "let a user log in again"),
    "freeze": ("locked", "freeze a user: logins are refused, live sessions go on"),
    "deactivate": ("inactive", "deactivate a user, which ends all sessions"),
}


def add_to(commands: Commands) -> None:
    """Add the commands."""
    group = commands.add_parser("user", help="add, freeze, deactivate, activate a user, or grant rights")
    verbs = group.add_subparsers(dest="verb", metavar="VERB", required=True)
    add = command(verbs, "add", _add, says="add a user, who has no rights in Setup")
    add.add_argument("username", metavar="USERNAME")
    add.add_argument("--profile", choices=list(PROFILES), default="Standard User", help="default: %(default)s")
    add.add_argument("--alias", default="", help="at most 8 characters; default: from the user name")
    for verb, (_, says) in _STATES.items():
        command(verbs, verb, _set_state, says=says).add_argument("username", metavar="USERNAME")
    grant = command(verbs, "grant", _grant, says="give a user exactly these rights in Setup, and those that they bring")
    grant.add_argument("username", metavar="USERNAME")
    grant.add_argument("rights", nargs="*", metavar="RIGHT", help=f"{', '.join(sorted(rights.LABELS))}; none: take all")


def _add(org: OrgControl, arguments: argparse.Namespace) -> str:
    if arguments.username in {each.user.username for each in org.users()}:
        raise CommandError(f"{arguments.username} is there already. Choose another name, or change that user.")
    user = org.put_user(User(username=arguments.username, profile=arguments.profile, alias=arguments.alias))
    return f"{user.username}: added, {user.profile}"


def _set_state(org: OrgControl, arguments: argparse.Namespace) -> str:
    status, _ = _STATES[arguments.verb]
    for each in org.users():
        if each.user.username == arguments.username:
            org.put_user(replace(each.user, status=status))
            return f"{arguments.username}: {status}"
    raise CommandError(f"There is no user {arguments.username}. `setup` lists those that there are.")


def _grant(org: OrgControl, arguments: argparse.Namespace) -> str:
    held = org.grant(arguments.username, arguments.rights)
    return f"{arguments.username}: {', '.join(sorted(held)) or 'no rights'}"
