"""Whether a person lets something be done."""

import sys

import click

from sfmint_cli import render
from sfmint_cli.result import Failed


def agree(question: str, *, yes: bool, what: str, unasked: Failed | None = None) -> None:
    """Ask at a terminal whether something is to be done.

    Args:
        question: what is asked.
        yes: it was answered on the command line.
        what: is to be done, as in `store this`.
        unasked: what is said where nobody is there to answer; None: that nothing was changed.

    Raises:
        Failed: the answer is no, or nobody is there to give one.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise unasked or Failed(
            f"Nothing was changed, for there is no terminal to ask whether to {what}.",
            remedy="Read above what is to be done, then agree to it with --yes.",
            name="NotConfirmed",
        )
    if not click.confirm(question, err=True):
        raise Failed("Nothing was changed.", remedy=f"Run this again to {what}.", name="NotConfirmed")


def agree_to_replace(question: str, *, yes: bool) -> None:
    """Say what a secret holds, and ask whether that is to be replaced.

    Raises:
        Failed: the answer is no, or nobody is there to give one.
    """
    unasked = Failed(
        "The secret holds a value already, and there is no terminal to ask whether to replace it.",
        remedy="Replace it with --yes.",
        name="SecretExists",
    )
    tell(question)
    agree("Replace it?", yes=yes, what="replace it", unasked=unasked)


def tell(*sentences: str) -> None:
    """Say what a person is to know before that, a line each."""
    for sentence in sentences:
        render.say(sentence)
