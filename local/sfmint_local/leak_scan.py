"""Looks for keys, assertions and tokens in places where none may be."""

import base64
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sfmint_local.embedded_aws import EmbeddedAws
from sfmint_local.functions import Functions
from sfmint_local.state_machine import StateMachine

KINDS = ("log lines", "history events", "items", "files", "answers")

# Three dotted parts, the first two of which are JSON objects: an assertion, or a token that is a JWT.
_JWT = re.compile(rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}")
_LINE_OF_KEY = re.compile(r"[A-Za-z0-9+/=]{40,64}")
_LINES_OF_BASE64 = re.compile(rb"[A-Za-z0-9+/=]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A secret in a place where it may not be.

    Attributes:
        place: a file, a log group, a table or a state machine.
        what: the kind of secret.
    """

    place: str
    what: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets to look for, as pieces that survive any quoting: a token's random half, the lines of a key.

    Attributes:
        pieces: each piece of text, and what it is a piece of.
    """

    pieces: dict[bytes, str] = field(repr=False)

    @classmethod
    def split(cls, *, tokens: Iterable[str] = (), private_keys: Iterable[str] = ()) -> Self:
        """Take tokens, and private keys in PEM, for secrets."""
        pieces = {token.rpartition("!")[2].encode(): "an access token" for token in tokens}
        for key in private_keys:
            pieces |= {line.encode(): "a private key" for line in _LINE_OF_KEY.findall(key)}
            pieces |= dict.fromkeys(_LINES_OF_BASE64.findall(base64.b64encode(key.encode())), "a private key in base64")
        return cls(pieces)

    def found_in(self, text: bytes) -> set[str]:
        """Return the kinds of secret in a text."""
        found = {what for piece, what in self.pieces.items() if piece in text}
        return found | {"an assertion"} if _JWT.search(text) else found


@dataclass(slots=True)
class LeakScan:
    """Reads many places.

    Attributes:
        secrets: what to look for.
        leaks: what was found.
        read: how many texts of each kind were read.
    """

    secrets: Secrets
    leaks: set[Leak] = field(default_factory=set)
    read: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))

    def read_text(self, kind: str, place: str, text: bytes) -> None:
        """Read one text of a kind that `read` names."""
        self.read[kind] += 1
        self.leaks |= {Leak(place=place, what=what) for what in self.secrets.found_in(text)}

    def read_answers(self, functions: Functions) -> None:
        """Read everything that functions have answered, the tokens themselves left out."""
        for answer in functions.said:
            self.read_text("answers", "an answer", answer.encode())

    def read_logs(self, aws: EmbeddedAws) -> None:
        """Read every line of CloudWatch Logs."""
        for group, line in aws.log_lines():
            self.read_text("log lines", group, line.encode())

    def read_histories(self, aws: EmbeddedAws) -> None:
        """Read every event of every run of every state machine."""
        for machine in StateMachine.all_of(aws):
            for event in machine.histories():
                self.read_text("history events", machine.arn, event.encode())

    def read_items(self, aws: EmbeddedAws) -> None:
        """Read every item of every table of DynamoDB."""
        for table in aws.dynamodb.list_tables()["TableNames"]:
            for page in aws.dynamodb.get_paginator("scan").paginate(TableName=table):
                for item in page["Items"]:
                    self.read_text("items", table, repr(item).encode())

    def read_files(self, folder: Path, *, since: float, except_in: Collection[Path]) -> None:
        """Read every file below a folder that was written or linked since an epoch time, save those in some folders."""
        for path in _files(folder):
            with suppress(FileNotFoundError):  # another local stack's, which has just ended
                if not any(map(path.is_relative_to, except_in)) and path.stat().st_ctime >= since:
                    self.read_text("files", str(path), path.read_bytes())


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in folder.walk():
        yield from (path for name in names if (path := parent / name).is_file() and not path.is_symlink())
