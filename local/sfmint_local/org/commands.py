"""What a person does in Setup, typed at a running org: end a user's sessions, upload an app's certificate.

The terminal's ``.local/env`` says which org, user and app are meant; options say otherwise.
"""

import argparse
import os
import sys
from pathlib import Path

import requests

from sfmint_local.org.control_client import OrgControl, OrgControlError


class CommandError(Exception):
    """The command cannot be carried out; the message is a cause and a remedy."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Teach a parser the commands; ``command`` is None where none is typed."""
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands to a running org")
    end = commands.add_parser("end-sessions", help="end all sessions of a user, as Setup, Session Management does")
    end.add_argument("--username", help="default: SFMINT_ORG_USERNAME")
    certificate = commands.add_parser("certificate", help="upload a certificate to an app, in place of its present one")
    certificate.add_argument("file", type=Path, metavar="FILE", help="PEM")
    certificate.add_argument("--consumer-key", help="the app's; default: SFMINT_ORG_CONSUMER_KEY")


def carry_out(arguments: argparse.Namespace) -> int:
    """Carry out the command and print what was done. Returns 0, or 1 after a sentence on stderr."""
    try:
        with _running(arguments.state) as org:
            print(_DOES[arguments.command](org, arguments))
    except (CommandError, OrgControlError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _end_sessions(org: OrgControl, arguments: argparse.Namespace) -> str:
    username = arguments.username or _variable("SFMINT_ORG_USERNAME", "--username")
    return f"{username}: {org.end_sessions(username=username)} sessions ended"


def _upload(org: OrgControl, arguments: argparse.Namespace) -> str:
    consumer_key = arguments.consumer_key or _variable("SFMINT_ORG_CONSUMER_KEY", "--consumer-key")
    try:
        pem = arguments.file.read_text()
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"{arguments.file} cannot be read as text. Name a certificate in PEM form.") from None
    org.set_certificate(consumer_key, pem)
    return f"{arguments.file} is the certificate of the app {consumer_key}"


_DOES = {"end-sessions": _end_sessions, "certificate": _upload}


def _running(state: Path | None) -> OrgControl:
    state = state or Path(_variable("SFMINT_ORG_CA", "--state")).parent
    try:
        org = OrgControl.from_state(state)
        org.counters()
    except (FileNotFoundError, requests.ConnectionError):
        raise CommandError(
            f"No org runs for {state}. Run `make local`, and `source .local/env` in this terminal."
        ) from None
    return org


def _variable(name: str, option: str) -> str:
    if value := os.environ.get(name):
        return value
    raise CommandError(f"{name} is not set. Type `source .local/env` in this terminal first, or give {option}.")
