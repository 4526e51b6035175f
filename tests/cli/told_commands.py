"""The commands of this program that a text tells a person to run: each can be pasted, once its capitals are filled in."""

import re
import shlex
from collections.abc import Iterator

import click

from sfmint_cli.main import program

_COMMAND = re.compile(r"(?:^|: )(sfmint .+)")


def commands_in(text: str) -> Iterator[list[str]]:
    """Give the words of the command that a remedy ends with, without the program's name."""
    for told in _COMMAND.findall(text):
        yield shlex.split(told.rstrip("."))[1:]


def remedies_in(document: object) -> Iterator[str]:
    """Give the remedies of a JSON document, at any depth."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from [value] if name in {"remedy", "next"} and isinstance(value, str) else remedies_in(value)
    elif isinstance(document, list):
        for each in document:
            yield from remedies_in(each)


def unusable(words: list[str]) -> str:
    """Return what the program would say of a command line before it does anything; empty: it would run it."""
    try:
        _parsed(program, ["orders" if word == "NAME" else word for word in words], None)
    except click.UsageError as error:
        return error.format_message()
    return ""


def _parsed(command: click.Command, words: list[str], parent: click.Context | None) -> None:
    if not words:  # a command that is only named
        return
    context = command.make_context(command.name, list(words), parent=parent)
    with context:
        if isinstance(command, click.Group):
            rest = [*context._protected_args, *context.args]
            _, found, more = command.resolve_command(context, rest)
            assert found is not None
            _parsed(found, more, context)
