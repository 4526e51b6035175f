"""Writes every name that outsiders rely on to tests/packaging/names.txt: ``python tools/names.py``.

The names are read from the code, the template and the schemas. tests/packaging/test_names.py compares them with the file,
so a name changes only together with it, and with a line in the CHANGELOG.
"""

import ast
import importlib
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import yaml

import metrics_page
from releasing import packaged
from sfmint.salesforce.vocabulary import Field
from sfmint_cli import main as cli
from sfmint_values.embedded_metrics import BY_CONNECTION
from sfmint_values.error_names import AGAIN

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = ROOT / "tests/packaging/names.txt"
COMMAND = ".venv/bin/python tools/names.py"

# What docs/calling.md shows; a path that it has shown stays.
CLIENT_MODULES = ("", ".auth", ".errors", ".https_session", ".rest", ".rest_request")


def names() -> list[str]:
    """Return all names, each as ``kind: name``, in order."""
    found = {
        "error": AGAIN,
        "event or answer": _invoke_interface(),
        "resource": _resources(),
        "parameter of the template": _template()["Parameters"],
        "parameter of a release": packaged.PARAMETERS,
        "output of the template": _template()["Outputs"],
        "name in AWS": _names_in_aws(),
        "metric": (metric.name for metric in metrics_page.metrics()),
        "dimension": BY_CONNECTION,
        "field of the secret": Field,
        "command": _commands(),
        "exit code": _exit_codes(),
        "JSON of the program": _json_names(),
        "client": _client(),
    }
    return sorted({f"{kind}: {name}" for kind, each in found.items() for name in each})


def _invoke_interface() -> Iterator[str]:
    for schema in sorted((ROOT / "events").glob("*.schema.json")):
        for name in _properties(json.loads(schema.read_text())):
            yield f"{schema.name.removesuffix('.schema.json')} {name}"


def _properties(schema: Any, inside: str = "") -> Iterator[str]:
    """Yield the names of properties, and the words that they may hold."""
    match schema:
        case dict():
            for name, value in schema.items():
                if name in {"properties", "$defs"} and isinstance(value, dict):
                    for each, described in value.items():
                        place = f"{inside}.{each}" if inside else each
                        if name == "properties":
                            yield place
                        yield from _properties(described, place)
                elif name in {"const", "enum"}:
                    words = value if isinstance(value, list) else [value]
                    yield from (f"{inside} = {word}" for word in words if isinstance(word, str) and " " not in word)
                else:
                    yield from _properties(value, inside)
        case list():
            for each in schema:
                yield from _properties(each, inside)
        case _:
            pass


def _template() -> Any:
    return yaml.load((ROOT / "template.yaml").read_text(), _Template)  # noqa: S506 - it is a safe loader


class _Template(yaml.SafeLoader):
    """Reads a template; what a function of CloudFormation makes is its argument."""


def _argument(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    match node:
        case yaml.ScalarNode():
            return loader.construct_scalar(node)
        case yaml.SequenceNode():
            return loader.construct_sequence(node, deep=True)
        case _:
            return None


_Template.add_multi_constructor("!", _argument)


def _resources() -> Iterator[str]:
    for name, resource in _template()["Resources"].items():
        if name.startswith("Fn::ForEach::"):
            yield from (each.replace("&{Name}", "NAME") for each in resource[2])
        else:
            yield name


def _names_in_aws() -> Iterator[str]:
    """Yield what the template calls things: functions, layers, policies, parameters, secrets, namespace and services."""
    own = ("FunctionName", "LayerName", "ManagedPolicyName", "LogGroupName", "GroupName", "AliasName")
    for key, text in _texts(_template()):
        if key in own and "${AWS::StackName}" in text:
            yield f"{key} {text}"
        elif "sfmint/${AWS::StackName}" in text:
            before, _, after = text.partition("sfmint/")
            yield f"path {'/' if before.endswith('/') else ''}sfmint/{after}"
        elif key.startswith("POWERTOOLS_METRICS") or key == "POWERTOOLS_SERVICE_NAME":
            yield f"{key} {text}"


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield key, value
        case dict():
            for name, part in value.items():
                yield from _texts(part, str(name))
        case list():
            for part in value:
                yield from _texts(part, key)
        case _:
            pass


def _commands() -> Iterator[str]:
    for path, command in _walk("sfmint", cli.program):
        yield path
        for each in command.params:
            if isinstance(each, click.Argument):
                yield f"{path} {each.make_metavar(click.Context(command))}"
            else:
                yield from (f"{path} {option}" for option in (*each.opts, *each.secondary_opts))


def _walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            if (found := command.get_command(context, name)) is not None:
                yield from _walk(f"{path} {name}", found)


def _exit_codes() -> Iterator[str]:
    for name in ("OK", "FAILED", "USAGE", "INTERRUPTED"):
        yield f"{getattr(cli, name)} {name}"


def _json_names() -> Iterator[str]:
    """Yield the names that `--json` prints, and those of failures: the keys of facts."""
    for source in sorted((ROOT / "cli/sfmint_cli").rglob("*.py")):
        for node in ast.walk(ast.parse(source.read_text())):
            match node:
                case ast.FunctionDef() if _makes_facts(node):
                    yield from _keys(node)
                case ast.Call(func=ast.Name(id="Failed"), keywords=keywords):
                    for each in keywords:
                        if each.arg == "name" and isinstance(each.value, ast.Constant):
                            yield f"error {each.value.value!s}"
                case _:
                    pass


def _makes_facts(function: ast.FunctionDef) -> bool:
    if isinstance(function.returns, ast.Name) and function.returns.id == "Facts":
        return True
    return any(
        (isinstance(node, ast.keyword) and node.arg == "facts")
        or (isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "Facts")
        for node in ast.walk(function)
    )


def _keys(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Dict):
            keys = (key.value for key in each.keys if isinstance(key, ast.Constant))
            yield from (key for key in keys if isinstance(key, str))


def _client() -> Iterator[str]:
    for suffix in CLIENT_MODULES:
        module = importlib.import_module(f"sfmint_client{suffix}")
        for name in public(module):
            value = getattr(module, name)
            yield f"{module.__name__}.{name}{_signature(value)}"
            if inspect.isclass(value) and (name == "SfmintError" or not issubclass(value, Exception)):
                yield from (f"{module.__name__}.{name}.{member}{_called(each)}" for member, each in members(value))


def public(module: ModuleType) -> list[str]:
    """Return what a module offers: what it lists, or defines itself."""
    if listed := getattr(module, "__all__", None):
        return list(listed)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and (name.isupper() or getattr(value, "__module__", None) == module.__name__)
    ]


def members(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """Give each public member of a class of ours, with its name."""
    own = [each for each in kind.__mro__ if each.__module__.startswith(("sfmint_client", "sfmint_values"))]
    for each in own:
        yield from ((name, value) for name, value in vars(each).items() if not name.startswith("_"))


def _called(member: object) -> str:
    function = getattr(member, "__func__", member)
    return _signature(function) if inspect.isfunction(function) else ""


def _signature(value: object) -> str:
    """Return the names of a callable's arguments, as they are given."""
    if not callable(value):
        return ""
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return ""
    words: list[str] = []
    for each in parameters:
        if each.kind is each.KEYWORD_ONLY and "*" not in words and not any(word.startswith("*") for word in words):
            words.append("*")
        if each.name not in {"self", "cls"}:
            words.append(str(each.replace(annotation=each.empty, default=each.empty)))
    return f"({', '.join(words)})"


if __name__ == "__main__":
    SNAPSHOT.write_text("".join(f"{name}\n" for name in names()))
