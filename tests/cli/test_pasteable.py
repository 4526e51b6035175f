"""What is said to be run next can be pasted: with the options of this run, and quoted."""

import ast
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from cli.command_line import CommandLine, Ended, options
from cli.conftest import Account
from sfmint_cli.main import SECTIONS, program
from sfmint_cli.options import global_options
from sfmint_cli.pasteable import sfmint as pasteable

CLI = Path(__file__).parents[2] / "cli/sfmint_cli"
# What explains pasted texts knows no stack; help texts say how commands are used.
NOT_OF_A_RUN = {"aws_words.py", "diagnosis.py", "login_history.py", "main.py", "result.py", "rotation_words.py"}
GIVEN: dict[str, list[str]] = {
    "nothing": [],
    "stack": ["--stack", "second"],
    "region": ["--region", "us-east-1"],
    "profile": ["--profile", "day two"],
    "all": ["--stack", "second", "--region", "us-east-1", "--profile", "day two"],
}

type Add = Callable[..., Ended]


@pytest.fixture
def second(account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Account:
    """An account with a second stack, and with a profile whose name has a blank."""
    account.cloud_formation.deploy("second", "my-org")
    config = tmp_path / "config"
    keys = "aws_access_key_id = a\naws_secret_access_key = b\n"
    config.write_text(f'[profile "day two"]\nregion = us-east-1\n{keys}')
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    return account


@pytest.fixture
def commands(key_file: Path, certificate_file: Path) -> list[tuple[str, ...]]:
    credentials = {
        "key": key_file,
        "certificate": certificate_file,
        "consumer_key": "k",
        "username": "u",
        "token_host": "https://acme.my.salesforce.com",
    }
    add = ("connection", "add", "my-org", *options(credentials))
    taint = ("taint", "my-org", "0123456789abcdef")
    return [add, (*add, "--no-login"), taint, ("flush", "my-org"), ("refresh", "my-org")]


def commands_in(text: str) -> Iterator[list[str]]:
    """Give the words of each command of this program that a line names last."""
    for line in text.splitlines():
        if line.startswith(("next: ", "remedy: ")) and ": sfmint " in line:
            yield shlex.split("sfmint " + line.rpartition(": sfmint ")[2].rstrip("."))


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_every_next_step_repeats_the_options_of_the_run(
    sfmint: CommandLine, second: Account, commands: list[tuple[str, ...]], given: list[str], place: str
) -> None:
    assert second.secrets
    for words in commands:
        ended = sfmint(*given, *words) if place == "before" else sfmint(*words, *given)
        found = list(commands_in(ended.stderr))
        assert ended.code == 0, ended.stderr
        assert len(found) == 1, ended.stderr
        assert found[0][1 : 1 + len(given)] == given
        assert found[0][1 + len(given)] in {"token", "refresh", "flush", "connection"}


def test_what_the_environment_names_is_there_after_the_paste_too(
    sfmint: CommandLine, second: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert second.secrets
    monkeypatch.setenv("SFMINT_STACK", "second")
    assert list(commands_in(sfmint("flush", "my-org").stderr)) == [["sfmint", "refresh", "my-org"]]


@pytest.mark.parametrize("word", ["plain", "a b", "it's", '"', "$HOME", "`x`", "a;b", "*", "\\", "~", "é", "-x", "#"])
def test_every_word_comes_out_of_a_shell_as_it_went_in(word: str) -> None:
    context = click.Context(click.Command("x", params=[*global_options()]))
    with context:
        context.command.parse_args(context, ["--stack", word])
        assert shlex.split(pasteable("token", word)) == ["sfmint", "--stack", word, "token", word]


def test_no_command_is_written_by_hand_where_a_run_tells_of_it() -> None:
    names = [*(name for section in SECTIONS.values() for name in section)]
    assert set(names) == set(program.list_commands(click.Context(program)))
    named = re.compile(rf"\bsfmint ({'|'.join(names)})\b")
    by_hand = [
        f"{path.name}:{node.lineno}"
        for path in sorted(CLI.rglob("*.py"))
        if path.name not in NOT_OF_A_RUN
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and named.search(node.value)
        if not node.value.startswith(("`sfmint", "\n"))
        if "\n" not in node.value and "`sfmint" not in node.value
    ]
    assert by_hand == []
