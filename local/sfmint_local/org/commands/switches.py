"""The org's own switches: ``settings``."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from sfmint_local.org.commands.running import CommandError, Commands, command
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.values import Settings

_TRUTH = {"true": True, "false": False}


def add_to(commands: Commands) -> None:
    """Add the command."""
    settings = command(commands, "settings", _change, says="show the org's settings, or change some")
    settings.add_argument("changes", nargs="*", metavar="NAME=VALUE", help="true, false, a number or a word")
    settings.add_argument("--reset", action="store_true", help="first put every setting back")


def _change(org: OrgControl, arguments: argparse.Namespace) -> str:
    changes = dict(_change_of(text) for text in arguments.changes)
    if arguments.reset:
        org.reset_settings()
    try:
        settings = org.change_settings(**changes) if changes else org.settings()
    except ValueError as error:
        raise CommandError(str(error)) from None
    shown = asdict(settings).items()
    return "\n".join(f"{name}={_written(value)}" for name, value in shown if name in changes or not changes)


def _change_of(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    known = asdict(Settings())
    if not sign or name not in known:
        raise CommandError(f"{text!r} is no NAME=VALUE of a setting. Known names are {', '.join(known)}.")
    try:
        return name, value if isinstance(known[name], str) else _read(value)
    except ValueError:
        raise CommandError(f"{name} is neither a number nor true or false: {value!r}. Give one of these.") from None


def _read(text: str) -> float | bool:
    if text in _TRUTH:
        return _TRUTH[text]
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
