"""The commands in the pages: each names a target, a program, an operation and options that there are."""

import re
import shlex
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import botocore.session
import click
import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from sfmint_cli.main import program
from sfmint_local import places

PAGES = [
    page
    for pattern in ("*.md", "docs/**/*.md", "events/*.md", "examples/*/*.md", "layers/client/*.md")
    for page in sorted(places.ROOT.glob(pattern))
    if page.name != "CHANGELOG.md"
]
MAKEFILE = (places.ROOT / "Makefile").read_text()
# What follows a target: what it says of itself, and its recipe, which name its variables.
TARGETS = dict(re.findall(r"^([a-z-]+):[^=\n]*?## (.*\n(?:\t.*\n)*)", MAKEFILE, re.MULTILINE))
ANY_TARGET = {"PYTHON", "ENV", "ARCHITECTURE"}
AWS_CLI = {"region", "profile", "query", "output", "no-paginate", "cli-binary-format", "zip-file"}
S3_COMMANDS = {"cp", "ls", "rm", "sync"}  # of the AWS CLI itself


def commands(page: Path) -> Iterator[str]:
    """Give the command lines of a page: in blocks, indented, and within a sentence."""
    text = re.sub(r"\\\n\s*", " ", page.read_text())
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield from whole(block.splitlines())
    rest = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from whole(line for line in rest.splitlines() if line.startswith("    "))
    yield from whole(code for _, code in re.findall(r"(`+)([^\n]+?)\1", rest))


def whole(lines: Iterable[str]) -> Iterator[str]:
    """Give the commands among some lines; one whose quotation goes on takes the next lines with it."""
    begun = ""
    for line in lines:
        if not begun and not re.match(r"\s*(?:make|aws|sfmint) [a-z-]", line):
            continue
        begun = f"{begun}\n{line}".strip()
        with suppress(ValueError):
            shlex.split(begun, comments=True)
            yield begun
            begun = ""
    if begun:
        yield begun


def faults(line: str) -> Iterator[str]:
    """Give what a command line names and is not there."""
    try:
        first, *words = shlex.split(line, comments=True)
    except ValueError as error:
        yield str(error)
        return
    end = next((number for number, word in enumerate(words) if word in {"|", "&&", ";", ">"}), None)
    yield from {"make": of_make, "aws": of_aws, "sfmint": of_sfmint}[first](words[:end])


def of_make(words: list[str]) -> Iterator[str]:
    targets = [word for word in words if "=" not in word]
    yield from (target for target in targets if target not in TARGETS)
    known = ANY_TARGET | {name for target in targets for name in re.findall(r"\b[A-Z_]+\b", TARGETS.get(target, ""))}
    yield from (name for word in words if "=" in word and (name := word.partition("=")[0]) not in known)


def of_aws(words: list[str]) -> Iterator[str]:
    service, *rest = words
    if service == "s3" and rest[:1] and rest[0] in S3_COMMANDS:
        return
    try:
        model = botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        yield service
        return
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    operation, *options = rest or [""]
    if operation not in operations:
        yield operation
        return
    shape = model.operation_model(operations[operation]).input_shape
    members = {xform_name(name, "-"): member for name, member in shape.members.items()} if shape else {}
    known = AWS_CLI | members.keys()
    given = [word.removeprefix("--") for word in options if word.startswith("--")]
    yield from (name for name in given if name not in known and name.removeprefix("no-") not in known)
    for option, value in pairwise(options):
        member = members.get(option.removeprefix("--"))
        if member and value.startswith("alias/") and "alias name" not in member.documentation:
            yield f"{value}: {operation} takes the id of a key and no alias"


def of_sfmint(words: list[str]) -> Iterator[str]:
    command: click.Command = program
    known: dict[str, click.Option] = {}
    value_follows = False
    own = words[: words.index("--")] if "--" in words else words  # what follows is another program's
    for word in ["", *own]:
        if value_follows:
            value_follows = False
        elif word.startswith("--"):
            if word not in known:
                yield word
                return
            value_follows = not known[word].is_flag
        elif word and word != "..." and isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            if found is None:
                yield word
                return
            command = found
        known |= {name: option for option in command.params if isinstance(option, click.Option) for name in option.opts}
        known["--help"] = click.Option(["--help"], is_flag=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(places.ROOT)))
def test_every_command_of_a_page_is_one_that_can_be_typed(page: Path) -> None:
    wrong = {line: names for line in commands(page) if (names := set(faults(line)))}
    assert wrong == {}


def test_every_row_of_what_to_type_when_names_a_command(tmp_path: Path) -> None:
    _, _, section = (places.ROOT / "docs/operations.md").read_text().partition("\n## What to type when\n")
    rows = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("|")][2:]
    assert len(rows) > 20
    for row in rows:
        (part := tmp_path / "row.md").write_text(row.split(" | ")[1])
        assert list(commands(part)), row


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("make deploi", "deploi"),
        ("make soak MINUTS=3", "MINUTS"),
        ("aws lamda invoke", "lamda"),
        ("aws lambda invoke-alias", "invoke-alias"),
        ("aws lambda invoke --function ARN", "function"),
        (
            "aws kms list-grants --key-id alias/acme",
            "alias/acme: list-grants takes the id of a key and no alias",
        ),
        ("sfmint tokens orders", "tokens"),
        ("sfmint connection ad orders", "ad"),
        ("sfmint --stak acme token orders", "--stak"),
        ("sfmint connection allow orders --rule x", "--rule"),
    ],
)
def test_a_slip_is_found(line: str, name: str) -> None:
    assert list(faults(line)) == [name]


def test_commands_are_found_wherever_they_stand(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Type `make one`:\n\n    make two \\\n      X=1\n\n```sh\nmake three # so\n```\n\n```json\nmake no\n```\n"
        "Or ``aws x '`y`'``:\n\n```sh\naws z '[\n 1]'\n```\n"
    )
    assert set(commands(page)) == {"make one", "make two  X=1", "make three # so", "aws x '`y`'", "aws z '[\n 1]'"}


def test_a_deploy_needs_no_emulator() -> None:
    def made_for(target: str) -> set[str]:
        said = subprocess.run(
            ["/usr/bin/env", "make", "-n", target], cwd=places.ROOT, capture_output=True, text=True, check=True
        ).stdout
        return {name for names in re.findall(r"tools/environments\.py ([a-z ]+)", said) for name in names.split()}

    assert made_for("deploy") == {"local", "sam"}
    assert "ministack" in made_for("local")
