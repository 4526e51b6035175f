"""What core and client share: the standard library's only, and the only thing that either has of the other."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sfmint_local import places

VALUES = places.ROOT / "layers/values/sfmint_values"


def loaded_by(code: str, environment: dict[str, str]) -> set[str]:
    """Return the names of the packages that a Python of its own has imported when the code has run."""
    code = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "eu-central-1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("source", sorted(VALUES.rglob("*.py")), ids=lambda path: path.stem)
def test_a_module_of_the_shared_values_imports_them_and_the_standard_library(source: Path) -> None:
    tree = ast.parse(source.read_text())
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names | {"sfmint_values"}


def test_the_package_itself_says_nothing_but_what_it_is() -> None:
    (docstring,) = ast.parse((VALUES / "__init__.py").read_text()).body
    assert isinstance(docstring, ast.Expr)


@pytest.mark.parametrize("function", ["token_broker", "token_keeper"])
def test_a_function_of_the_core_loads_no_client(environment: dict[str, str], function: str) -> None:
    folder = places.ROOT / "functions" / function
    loaded = loaded_by(f"sys.path.insert(0, {str(folder)!r})\nimport app", environment)
    assert {"sfmint", "sfmint_values"} <= loaded
    assert "sfmint_client" not in loaded


def test_the_client_loads_no_core() -> None:
    loaded = loaded_by("import sfmint_client, sfmint_client.auth, sfmint_client.rest.client", {})
    assert {"sfmint_client", "sfmint_values"} <= loaded
    assert "sfmint" not in loaded
