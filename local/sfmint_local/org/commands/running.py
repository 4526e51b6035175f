"""The running org that a command is for, and what its terminal says."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import requests

from sfmint_local.org.control_client import OrgControl

type Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else
type Does = Callable[[OrgControl, argparse.Namespace], str]


class CommandError(Exception):
    """The command cannot be carried out; the message is a cause and a remedy."""


def command(commands: Commands, name: str, does: Does, *, says: str) -> argparse.ArgumentParser:
    """Add a command: what it does returns the line that is printed."""
    parser = commands.add_parser(name, help=says, description=says)
    parser.set_defaults(does=does)
    return parser


def running(state: Path | None) -> OrgControl:
    """Find the org of a directory, or else of this terminal.

    Raises:
        CommandError: none answers.
    """
    state = state or Path(variable("SFMINT_ORG_CA", "--state")).parent
    try:
        org = OrgControl.from_state(state)
        org.counters()
    except (FileNotFoundError, requests.ConnectionError):
        raise CommandError(
            f"No org runs for {state}. Run `make local`, and `source .local/env` in this terminal."
        ) from None
    return org


def variable(name: str, option: str) -> str:
    """Return what the terminal's environment says in place of an option.

    Raises:
        CommandError: it does not say it.
    """
    if value := os.environ.get(name):
        return value
    raise CommandError(f"{name} is not set. Type `source .local/env` in this terminal first, or give {option}.")
