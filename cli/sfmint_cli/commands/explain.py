"""`sfmint explain`: cause and remedy of a pasted error."""

import sys

import click

from sfmint_cli import render
from sfmint_cli.options import Command
from sfmint_cli.result import Failed, Report

LONGEST = 256 * 1024  # bytes; more is no error text


@click.command("explain", cls=Command)
@click.argument("text")
def command(text: str) -> Report:
    """Say the cause and the remedy of a pasted error.

    TEXT is what Salesforce or sfmint answered, in any form, alone or within other text: JSON, error=..., "error:
    description", a log line, a name such as AssertionRejected. With - it is read from stdin. It is not sent anywhere
    and not shown again, for it may hold a token.
    """
    from sfmint_cli.diagnosis import diagnose

    said = sys.stdin.buffer.read(LONGEST + 1).decode(errors="replace") if text == "-" else text
    if len(said) > LONGEST:
        render.warn(f"The text is longer than {LONGEST // 1024} KB: what is beyond that is not looked at.")
    found = diagnose(said[:LONGEST])
    if found is None:
        raise Failed(
            "No error in this text is one that sfmint knows.",
            remedy="Paste the whole answer: of a login with error and error_description, of a request with its HTTP"
            " status, errorCode and message. Failed logins also stand in the user's Login History in Salesforce Setup.",
            name="UnknownError",
        )
    return Report(facts=found.to_facts())
