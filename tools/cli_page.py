"""Writes docs/cli.md from the help text of every command: ``python tools/cli_page.py``."""

from collections.abc import Iterator
from pathlib import Path

import click
from click.testing import CliRunner

from sfmint_cli.aws_rights import RIGHTS
from sfmint_cli.main import program

PAGE = Path(__file__).resolve().parent.parent / "docs/cli.md"
_HEAD = """\
# The command line

<!-- Made by `make docs` from the help texts: change those, and run it. -->

Results go to stdout, everything else to stderr, so `sfmint --json ... | jq` always works: with `--json` stdout holds one JSON
document, in which a failure stands as `{"error": {"name", "cause", "remedy"}}`. `--stack`, `--profile`, `--region` and `--json`
stand before the command or after it.

No key and no passphrase is ever shown, and a token or an assertion with `--show` only. Keys and passphrases come from files or a terminal,
never from the command line, which others on the machine can read. `explain` never prints the text that you gave it.

| exit code | |
| --- | --- |
| 0 | done |
| 1 | a finding, or a failure: a line of cause and a line of remedy |
| 2 | the command line is wrong |
| 130 | interrupted |
| 125, 126, 127 | of `exec` alone: sfmint has failed, also by a wrong command line; the command cannot be executed; there is none. Any other code is the command's |
"""


_RIGHTS = """
## What each command may do in AWS

The rights that the credentials of a person need. STACK, NAME, REGION and ACCOUNT stand for your own; in another partition `arn:aws`
is another too. `exec`, `token` and `request` need what a consumer needs, the managed policy of the connection; `status` and `why` no
more than the policy of observers gives, `flush` and `refresh` no more than that of operators, nor `rotate start`, `status`, `finish` and
`cancel` without options. A secret under your own KMS key
(`--kms-key`) also needs `kms:Decrypt` and `kms:GenerateDataKey` on that key. `doctor` says "not checked" where a right is missing, and
needs none of them for the rest. Commands that are not listed ask nothing of AWS.

| command | action | on | when |
| --- | --- | --- | --- |
"""
_COMPLETION = r"""
## Logins and their limits

Salesforce may block an address after many failed logins, good ones included. So `login`, `doctor` and `app create`, which log in
from your machine, together try at most ten logins in ten minutes for an org and user, granted or not; then they refuse, and name
the minutes to wait. The count stands in a file of your state folder (`XDG_STATE_HOME`). `connection add`, `connection import` and
`refresh` have the stack log in, from the stack's address: these logins count in the stack's `LoginBudgetPerHour`, and not here.

## Completion

Your shell completes commands and options once it has this line (in `~/.bashrc`, `~/.zshrc`, or
`~/.config/fish/completions/sfmint.fish`):

| shell | line |
| --- | --- |
| bash | `eval "$(_SFMINT_COMPLETE=bash_source sfmint)"` |
| zsh | `eval "$(_SFMINT_COMPLETE=zsh_source sfmint)"` |
| fish | `_SFMINT_COMPLETE=fish_source sfmint \| source` |
"""


def page() -> str:
    """Return the whole page."""
    sections = "".join(f"\n## {path}\n\n```text\n{text}```\n" for path, text in _help_texts())
    return _HEAD + _COMPLETION + _RIGHTS + "".join(_rights()) + sections


def _rights() -> Iterator[str]:
    for command, rights in RIGHTS.items():
        for number, right in enumerate(rights):
            name = "" if number else f"`{command}`"
            yield f"| {name} | `{right.action}` | `{right.resource}` | {right.only or 'always'} |\n"


def commands() -> list[tuple[str, ...]]:
    """Return the words of every command and group."""
    return [tuple(path.split()[1:]) for path, _ in _walk("sfmint", program)]


def _help_texts() -> Iterator[tuple[str, str]]:
    for path, _ in _walk("sfmint", program):
        words = [*path.split()[1:], "--help"]
        result = CliRunner().invoke(program, words, prog_name="sfmint", terminal_width=100)
        yield path, result.stdout


def _walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from _walk(f"{path} {name}", found)


if __name__ == "__main__":
    PAGE.write_text(page())
