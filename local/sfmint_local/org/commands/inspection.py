"""What is in Setup: ``setup`` shows it, ``empty`` takes it away. No key is shown, and no secret."""

import argparse
from collections import defaultdict

from sfmint_local.org.commands.running import Commands, command
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.setup.components import PERMISSION_SET, Component


def add_to(commands: Commands) -> None:
    """Add the commands."""
    command(commands, "setup", _show, says="show users, rights, permission sets, apps and deployments")
    command(commands, "empty", _empty, says="remove all apps and permission sets that were deployed; users stay")


def _show(org: OrgControl, _arguments: argparse.Namespace) -> str:
    return "\n".join([*_users(org), *_permission_sets(org), *_apps(org), *_deployments(org)])


def _users(org: OrgControl) -> list[str]:
    lines = ["users"]
    for each in org.users():
        words = [each.user.status, each.user.profile, *sorted(each.permission_sets), *sorted(each.rights)]
        lines.append(f"  {each.user.username}: {', '.join(words)}")
    return lines


def _permission_sets(org: OrgControl) -> list[str]:
    tied: dict[str, list[str]] = defaultdict(list)
    for permission_set, app in org.ties():
        tied[permission_set].append(app)
    names = [part.full_name for part in org.components() if part.type == PERMISSION_SET.name]
    return ["permission sets", *(f"  {name}: {', '.join(tied[name]) or 'tied to no app'}" for name in names)]


def _apps(org: OrgControl) -> list[str]:
    parts: dict[str, list[Component]] = defaultdict(list)
    for part in org.components():
        if part.app:
            parts[part.app].append(part)
    lines = ["apps"]
    for app, own in parts.items():
        lines += [f"  {app}", *(f"    {part.type} {part.full_name}" for part in own)]
    return lines


def _deployments(org: OrgControl) -> list[str]:
    rows = org.deployments()
    return ["deployments", *(f"  {row['Id']} {row['CreatedDate']} {row['Status']}" for row in rows)]


def _empty(org: OrgControl, _arguments: argparse.Namespace) -> str:
    return f"{org.empty_setup()} components removed"
