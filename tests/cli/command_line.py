"""The command line as a test calls it: what every run must keep to is checked in every run."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from click.testing import CliRunner

from cli.told_commands import commands_in, remedies_in, unusable
from sfmint_cli.main import program
from sfmint_local.secret_pieces import Secrets
from sfmint_values.system import Clock

_TOKEN = re.compile(r"00D\w{12,15}!")
_TOLD = re.compile(r"^ *(?:remedy|next): (.+)$", re.MULTILINE)
_ERROR = re.compile(r"error: (?P<cause>.+)\nremedy: (?P<remedy>.+)\n\Z")


class Terminal(BytesIO):
    """Stdin as a terminal, and what is typed on it."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A run that is over."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        value: dict[str, Any] = json.loads(self.stdout)
        return value

    @property
    def cause(self) -> str:
        return self._complaint["cause"]

    @property
    def remedy(self) -> str:
        return self._complaint["remedy"]

    @property
    def _complaint(self) -> re.Match[str]:
        complaint = _ERROR.search(self.stderr)
        assert complaint, self.stderr
        return complaint


@dataclass
class CommandLine:
    """Runs `sfmint` in this process.

    Attributes:
        keys: private keys that must not be shown.
        phrases: other texts that must not be shown.
        said: everything that was written, save what `--show` asked for.
        clock: for the waits of a run; None: the machine's.
    """

    keys: set[str] = field(default_factory=set)
    phrases: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    clock: Clock | None = None

    def __call__(self, *arguments: object, typed: str | None = None, piped: bytes = b"") -> Ended:
        """Run a command line; `typed` on a terminal, or `piped` where there is none."""
        words = [str(argument) for argument in arguments]
        stdin = BytesIO(piped) if typed is None else Terminal(typed.encode())
        result = CliRunner().invoke(program, words, prog_name="sfmint", input=stdin, obj=self.clock)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        ended = Ended(code=result.exit_code, stdout=result.stdout, stderr=result.stderr)
        self.said.append(ended.stderr + ("" if "--show" in words else ended.stdout))
        self._check(ended, as_json="--json" in words)
        return ended

    def _check(self, ended: Ended, *, as_json: bool) -> None:
        assert ended.code in {0, 1, 2, 125, 130}
        assert "Traceback" not in ended.stdout + ended.stderr
        if as_json:
            assert ("error" in ended.document) == (ended.code != 0)
            assert "error:" not in ended.stderr
        elif ended.code in {1, 2}:
            assert "help" in ended.stderr or ended.cause
        told = remedies_in(ended.document) if as_json else _TOLD.findall(ended.stderr + ended.stdout)
        assert [unusable(words) for text in told for words in commands_in(text) if unusable(words)] == []

    def leaks(self) -> set[str]:
        """Return what of the secrets was shown."""
        said = "\n".join(self.said)
        found = Secrets.split(private_keys=self.keys).found_in(said.encode())
        found |= {f"the phrase {phrase}" for phrase in self.phrases if phrase in said}
        return found | ({"something like a token"} if _TOKEN.search(said) else set())


def options(values: dict[str, object]) -> Iterable[str]:
    """Return options as they stand on a command line; None leaves one out, True is a flag."""
    for name, value in values.items():
        if value is not None:
            yield f"--{name.replace('_', '-')}"
            if value is not True:
                yield str(value)
