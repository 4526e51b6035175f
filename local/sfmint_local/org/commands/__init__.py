"""What a person does in Setup, typed at a running org: ``python -m sfmint_local.org COMMAND``.

The terminal's ``.local/env`` says which org, user and app are meant; options say otherwise. docs/local-stack.md lists
the commands.
"""

import argparse
import sys

from sfmint_local.org.commands import inspection, sessions, switches, users
from sfmint_local.org.commands.running import CommandError, running
from sfmint_local.org.control_client import OrgControlError

_GROUPS = (sessions, users, switches, inspection)


def add_to(parser: argparse.ArgumentParser) -> None:
    """Teach a parser the commands; ``command`` is None where none is typed."""
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands to a running org")
    for group in _GROUPS:
        group.add_to(commands)


def carry_out(arguments: argparse.Namespace) -> int:
    """Carry out the command and print what was done. Returns 0, or 1 after a sentence on stderr."""
    try:
        with running(arguments.state) as org:
            print(arguments.does(org, arguments))
    except (CommandError, OrgControlError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
