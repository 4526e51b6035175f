"""Commands that a person is told to run next, as they can be pasted into a shell."""

import shlex

import click

from sfmint_cli.options import Target


def sfmint(*words: object) -> str:
    """Return a command line of this program: with the stack, region and profile that this run was given, and quoted.

    Args:
        words: of the command, such as `token`, and a connection's name.
    """
    return shlex.join(["sfmint", *_given(), *map(str, words)])


def aws(*words: object) -> str:
    """Return a command line of AWS's own program, with the region and profile that this run was given, and quoted.

    Args:
        words: of the command, such as `secretsmanager`.
    """
    given = _given()
    chosen = [word for at in range(0, len(given), 2) if given[at] != "--stack" for word in given[at : at + 2]]
    return shlex.join(["aws", *map(str, words), *chosen])


def _given() -> tuple[str, ...]:
    context = click.get_current_context(silent=True)
    return () if context is None else Target.read(context).given
