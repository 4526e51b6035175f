"""How it looks: results on stdout, talk on stderr, plain where there is no terminal. The one module that knows Rich."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeGuard

import click

from sfmint_cli.result import ByName, Facts

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_INDENT = 2


def document(facts: Facts) -> None:
    """Print facts as one JSON document."""
    click.echo(json.dumps(facts, indent=2))


def report(facts: Facts) -> None:
    """Print facts as lines: a label and its value, further facts below their label."""
    console = _console(sys.stdout)
    for line in _lines(facts, 0):
        console.print(line, soft_wrap=True)


def lines(texts: Iterable[str]) -> None:
    """Print lines as they are."""
    console = _console(sys.stdout)
    for text in texts:
        console.print(_printable(text), soft_wrap=True)


def say(text: str) -> None:
    """Tell what is going on."""
    _talk("", "", text)


def warn(text: str) -> None:
    """Tell what should not be overlooked."""
    _talk("warning: ", "yellow", text)


def advise(text: str) -> None:
    """Tell what to do next."""
    _talk("next: ", "bold", text)


def complain(cause: str, remedy: str) -> None:
    """Tell what went wrong, and what to do about it: one line each."""
    _talk("error: ", "bold red", cause)
    _talk("remedy: ", "bold", remedy)


_COLOURS = {"ok": "green", "warning": "yellow", "fault": "bold red"}
_OUTCOME_WIDTH = len("not checked")


def finding(outcome: str, title: str, cause: str, remedy: str) -> None:
    """Print what a check has found: a line, and one for the remedy if there is one."""
    from rich.text import Text

    console = _console(sys.stdout)
    label = (outcome.ljust(_OUTCOME_WIDTH), _COLOURS.get(outcome, ""))
    console.print(Text.assemble(label, "  ", (title, "bold"), ": ", _printable(cause)), soft_wrap=True)
    if remedy:
        console.print(Text.assemble(" " * _OUTCOME_WIDTH, "  remedy: ", _printable(remedy)), soft_wrap=True)
    sys.stdout.flush()


def _talk(label: str, style: str, text: str) -> None:
    from rich.text import Text

    _console(sys.stderr).print(Text.assemble((label, style), _printable(text)), soft_wrap=True)


def _console(file: object) -> "Console":
    from rich.console import Console

    return Console(file=file, highlight=False, markup=False, emoji=False)  # type: ignore[arg-type]  # a text stream


def _lines(facts: Facts, depth: int) -> Iterable["Text"]:
    from rich.text import Text

    width = max((len(label) for label, value in facts.items() if not _has_facts(value)), default=0)
    for label, value in facts.items():
        name = " " * _INDENT * depth + (label if isinstance(facts, ByName) else label.replace("_", " "))
        if _has_facts(value):
            yield Text(name, style="bold")
            yield from _lines(value, depth + 1)
        else:
            column = _INDENT * depth + width
            for number, text in enumerate(_texts(value)):
                yield Text.assemble((("" if number else name).ljust(column), "bold"), " " * _INDENT, text)


def _has_facts(value: object) -> TypeGuard[Facts]:
    return isinstance(value, Mapping) and bool(value)


def _texts(value: object) -> list[str]:
    """Return a value as lines: one, or as many as a list has sentences; no facts are as an empty list."""
    if isinstance(value, Mapping):
        return ["none"]
    if not isinstance(value, list | tuple):
        return [_text(value)]
    texts = [_text(part) for part in value]
    if not any(" " in text for text in texts):
        return [", ".join(texts) or "none"]
    return texts if len(texts) == 1 else [f"- {text}" for text in texts]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else _printable(str(value))


def _printable(text: str) -> str:
    # What others have written may steer a terminal.
    return "".join(letter if letter.isprintable() else "?" for letter in text)
