"""Writes docs/python.md from the docstrings of the client: ``python tools/python_page.py``.

A test makes the page again and compares the two.
"""

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from docstrings import docstring
from names import CLIENT_MODULES, members, public
from page_table import table
from sfmint_client import SfmintError

PAGE = Path(__file__).resolve().parent.parent / "docs/python.md"

_HEAD = """\
# The Python client

<!-- Made by `make docs` from the docstrings of sfmint_client: change those, and run it. -->

*Reference, for everybody who calls sfmint from Python: each public name of `sfmint_client`, with its arguments and errors.*
[calling.md](calling.md) is the guide, and has an example of each. Words are explained in the [glossary](glossary.md).

The client is in a Lambda layer of the stack and in the package of the program `sfmint`. What this page
does not name may change without a word. Where a type says `Foreign`, give a `str`: the name marks text that others wrote.
"""
_END = """
## Node and other languages

There is no package for Node or another language: the functions take and give plain JSON, which [interface.md](interface.md) describes,
and [events/](../events/README.md) has a schema and examples of each event and answer. [calling.md](calling.md#node-and-other-languages)
has the four rules that a client keeps, with jsforce as the example.

## Tests

`sfmint_testing` (in `local/`) has the fakes and contracts for a store or a signer of your own. It is no part of the package;
[CONTRIBUTING.md](../CONTRIBUTING.md#adding-a-backend-in-six-steps) says how to use it. To test code that *calls* sfmint, fake `TokenProvider`:
[calling.md](calling.md#tests-of-your-own) shows it.
"""
_SECTIONS = {"Args": "argument", "Attributes": "attribute", "Raises": "error"}
_LONGEST_LINE = 100


def page() -> str:
    """Return the whole page."""
    seen: set[object] = set()
    modules = [importlib.import_module(f"sfmint_client{suffix}") for suffix in CLIENT_MODULES]
    return _HEAD + "".join(part for module in modules for part in _module(module, seen)) + _END


def _module(module: ModuleType, seen: set[object]) -> Iterator[str]:
    """Describe what a module offers; what another has offered before is named only."""
    yield f"\n## {module.__name__}\n\n{docstring(module).text}\n"
    offered = {name: getattr(module, name) for name in public(module)}
    things = {name: value for name, value in offered.items() if _is_described(value)}
    if known := [name for name, value in things.items() if value in seen]:
        yield f"\nAlso here: {', '.join(f'`{name}`' for name in known)}, as described above.\n"
    for name, value in things.items():
        if value not in seen:
            seen.add(value)
            yield from described(f"### {name}", name, value)
            if inspect.isclass(value):
                yield from _members(name, value)


def _is_described(value: object) -> bool:
    """Tell whether a thing has a part of its own; the errors stand in the tree of their module."""
    if inspect.isclass(value):
        return value is SfmintError or not issubclass(value, SfmintError)
    return inspect.isfunction(value)


def _members(name: str, kind: type[Any]) -> Iterator[str]:
    told = docstring(kind).sections.get("Attributes", {})
    for member, value in members(kind):
        called = getattr(value, "__func__", value)
        if inspect.isfunction(called) or (isinstance(value, property) and member not in told):
            yield from described(f"#### {name}.{member}", member, called)


def described(heading: str, name: str, value: Any) -> Iterator[str]:
    """Give the part of the page for a class or function: how it is called, its text, and a table of each section."""
    said = docstring(value)
    yield f"\n{heading}\n"
    if signature := _signature(name, value):
        yield f"\n```python\n{signature}\n```\n"
    yield f"\n{said.text}\n"
    for section, entries in said.sections.items():
        rows = ((f"`{entry}`", meaning.replace("|", r"\|")) for entry, meaning in entries.items())
        yield f"\n{table([_SECTIONS[section], 'meaning'], rows)}"


def _signature(name: str, value: Any) -> str:
    """Return how a thing is called, with the types that its source names; empty if it is not called."""
    if isinstance(value, property):
        return f"{name}: {_tree(value.fget).returns}"
    if getattr(value, "_is_protocol", False):
        return ""
    source = _tree(value)
    words = []
    for each in inspect.signature(value).parameters.values():
        if each.kind is each.KEYWORD_ONLY and "*" not in words:
            words.append("*")
        if each.name not in {"self", "cls"}:
            words.append(f"{each.name}: {source.types[each.name]}{_default(each)}")
    returns = f" -> {source.returns}" if source.returns else ""
    line = f"{name}({', '.join(words)}){returns}"
    return line if len(line) <= _LONGEST_LINE else f"{name}(\n{''.join(f'    {word},\n' for word in words)}){returns}"


def _default(parameter: inspect.Parameter) -> str:
    """Return what a caller gets who leaves an argument out: values as they are, and `...` for code."""
    if parameter.default is parameter.empty:
        return ""
    is_value = parameter.default is None or isinstance(parameter.default, bool | int | float | str | tuple | frozenset)
    return f" = {parameter.default!r}" if is_value else " = ..."


@dataclass(frozen=True)
class _Source:
    """The types in the source of a callable: of its arguments, and of what it returns (empty: of a class, itself)."""

    types: Mapping[str, str]
    returns: str


def _tree(value: Any) -> _Source:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(value))).body
    if isinstance(tree, ast.ClassDef):
        fields = {
            ast.unparse(node.target): ast.unparse(node.annotation)
            for node in tree.body
            if isinstance(node, ast.AnnAssign)
        }
        made = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
        return _Source({**fields, **(_arguments(made[0]) if made else {})}, "")
    assert isinstance(tree, ast.FunctionDef)  # noqa: S101 - a class is one, or a function
    return _Source(_arguments(tree), ast.unparse(tree.returns) if tree.returns else "None")


def _arguments(function: ast.FunctionDef) -> dict[str, str]:
    given = [*function.args.args, *function.args.kwonlyargs]
    return {argument.arg: ast.unparse(argument.annotation) for argument in given if argument.annotation}


if __name__ == "__main__":
    PAGE.write_text(page())
