"""The shape that a reader can count on: short modules, short functions, few parts at the top of the core."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sfmint_local import places

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40  # lines, its docstring included
MOST_PARTS = 17  # of the core, a package counted as one

CORE = places.ROOT / "layers/core/sfmint"
MODULES = sorted(
    path
    for folder in ("cli", "functions", "layers")
    for path in (places.ROOT / folder).rglob("*.py")
    if ".aws-sam" not in path.parts
)


def name(path: Path) -> str:
    return str(path.relative_to(places.ROOT))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Give each function's name and how many lines it has."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_module_and_no_function_is_long(path: Path) -> None:
    assert path.read_text().count("\n") <= LONGEST_MODULE
    assert {function: lines for function, lines in functions(path) if lines > LONGEST_FUNCTION} == {}


def test_the_core_has_few_parts_at_the_top() -> None:
    parts = {part.name for part in CORE.iterdir() if part.name != "__pycache__"}
    assert len(parts) <= MOST_PARTS, sorted(parts)


def test_nobody_reaches_through_the_minter() -> None:
    reached = [
        f"{name(path)}:{node.lineno}"
        for path in CORE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "minter"
        and node.attr != "mint"
    ]
    assert reached == []
