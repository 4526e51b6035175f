"""Commands that a person is told to run next, as they can be pasted into a shell."""

import shlex

import click

from sfmint_cli.options import Target


def sfmint(*words: object) -> str:
    """Return a command line of this program: with the stack, region and profile that this run was given, and quoted.

    Args:
        words: of the command, such as `token`, and a connection's name.
    """
    context = click.get_current_context(silent=True)
    chosen = () if context is None else Target.read(context).given
    return shlex.join(["sfmint", *chosen, *map(str, words)])
