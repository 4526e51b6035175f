"""Finds regular expressions that are applied to text which is not marked as foreign."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MARKS = {"Foreign", "ForeignBytes"}
# The methods that patterns alone have, and where the text stands among their arguments.
_METHODS = {"fullmatch": 0, "match": 0, "search": 0, "findall": 0, "finditer": 0, "split": 0, "sub": 1, "subn": 1}
_COMMON = {"split"}  # texts have it too

type Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True)
class Finding:
    """A regular expression over text that is not marked.

    Attributes:
        line: where.
        code: what stands there.
    """

    line: int
    code: str


def findings(source: str) -> list[Finding]:
    """Return the regular expressions of a module that are applied to something else than a marked argument.

    What may be matched is built from arguments marked `Foreign`, from fields of the class marked so, and from constants
    of the module. A local variable does not count: then no test could find what goes into it.
    """
    tree = ast.parse(source)
    patterns = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_compiled(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    own = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return [
        Finding(call.lineno, ast.unparse(call))
        for call, scope in _calls(tree, (), own)
        if (text := _text(call, patterns)) is not None and not _is_marked(text, scope)
    ]


def lint(file: Path) -> list[str]:
    """Return the findings of a file as lines for a person."""
    return [f"{file}:{finding.line}: {finding.code}" for finding in findings(file.read_text())]


def _is_compiled(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) == "re.compile"


def _calls(node: ast.AST, scopes: tuple[ast.AST, ...], own: set[str]) -> Iterator[tuple[ast.Call, set[str]]]:
    """Yield each call with the names that may be matched where it stands."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
        scopes = (*scopes, node)
    if isinstance(node, ast.Call):
        yield node, own | {name for scope in scopes for name in _marked_names(scope)}
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, scopes, own)


def _marked_names(scope: ast.AST) -> Iterator[str]:
    match scope:
        case ast.FunctionDef(args=args) | ast.AsyncFunctionDef(args=args) | ast.Lambda(args=args):
            for argument in (*args.posonlyargs, *args.args, *args.kwonlyargs):
                if _is_mark(argument.annotation):
                    yield argument.arg
        case ast.ClassDef(body=body):
            for field in body:
                if isinstance(field, ast.AnnAssign) and _is_mark(field.annotation):
                    yield f"self.{ast.unparse(field.target)}"
        case _:
            pass


def _is_mark(annotation: ast.expr | None) -> bool:
    if isinstance(annotation, ast.BinOp):  # Foreign | None
        return _is_mark(annotation.left) or _is_mark(annotation.right)
    return isinstance(annotation, ast.Name) and annotation.id in MARKS


def _text(call: ast.Call, patterns: set[str]) -> ast.expr | None:
    """Return what a call matches, if it applies a regular expression."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _METHODS:
        return None
    base = ast.unparse(call.func.value)
    if call.func.attr in _COMMON and base != "re" and base not in patterns:
        return None
    place = _METHODS[call.func.attr] + (base == "re")
    named = [keyword.value for keyword in call.keywords if keyword.arg == "string"]
    return named[0] if named else call.args[place] if place < len(call.args) else call


def _is_marked(text: ast.expr, marked: set[str]) -> bool:
    if isinstance(text, ast.Constant):
        return True
    if isinstance(text, ast.Attribute) and ast.unparse(text).startswith("self."):
        return ast.unparse(text) in marked
    # Names of functions that prepare the text are no text themselves.
    called = {id(node.func) for node in ast.walk(text) if isinstance(node, ast.Call)}
    names = {node.id for node in ast.walk(text) if isinstance(node, ast.Name) and id(node) not in called}
    return bool(names) and names <= marked
