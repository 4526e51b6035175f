"""Whether a person lets something be done."""

import sys

import click

from sfmint_cli import render
from sfmint_cli.result import Failed


def agree(question: str, *, yes: bool, what: str) -> None:
    """Ask at a terminal whether something is to be done.

    Args:
        question: what is asked.
        yes: it was answered on the command line.
        what: is to be done, as in `store this`.

    Raises:
        Failed: the answer is no, or nobody is there to give one.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failed(
            f"Nothing was changed, for there is no terminal to ask whether to {what}.",
            remedy="Say so with --yes.",
            name="NotConfirmed",
        )
    if not click.confirm(question, err=True):
        raise Failed("Nothing was changed.", remedy=f"Run this again to {what}.", name="NotConfirmed")


def tell(*sentences: str) -> None:
    """Say what a person is to know before that, a line each."""
    for sentence in sentences:
        render.say(sentence)
