"""What an interrupted run has to remember: a small file beside the key, in which no key and no token stands."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from sfmint_cli.key_pair import PRIVATE
from sfmint_cli.result import Failed
from sfmint_values.foreign import ForeignBytes

_NUMBERS = ("good_logins", "last_login", "waited_s")
_LARGEST_NUMBER = 1e12  # seconds; the year 33658
_LARGEST = 64 * 1024  # bytes; the notes of a run have some hundreds


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """How far a run is.

    Attributes:
        org_id: of the org that it changes.
        app: the name of the app that it makes.
        username: of the user who is to log in.
        is_sent: the app may be in the org by this run's doing: a deployment was sent, and has not failed.
        deployments: ids of those that have changed the org.
        without_timeout: the org refuses a session time-out in the app's policies.
        typed_key: the consumer key that a person has read in Setup; None: the org shows it.
        good_logins: how many the latest logins in a row were granted, since the app was changed last.
        last_login: when the latest was tried, epoch seconds.
        waited_s: seconds spent waiting until the app had arrived.
    """

    org_id: str
    app: str
    username: str
    is_sent: bool = False
    deployments: tuple[str, ...] = ()
    without_timeout: bool = False
    typed_key: str | None = None
    good_logins: int = 0
    last_login: float | None = None
    waited_s: float = 0.0


_KINDS: Mapping[str, tuple[type, ...]] = {
    "org_id": (str,),
    "app": (str,),
    "username": (str,),
    "is_sent": (bool,),
    "deployments": (list,),
    "without_timeout": (bool,),
    "typed_key": (str, type(None)),
    "good_logins": (int,),
    "last_login": (int, float, type(None)),
    "waited_s": (int, float),
}


class NotesFile:
    """The notes of one connection's app.

    Args:
        path: of the file; its folder is there.
        notes: as they were written last.
    """

    def __init__(self, path: Path, notes: Notes | None) -> None:
        self._path = path
        self._notes = notes

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the notes of a file that may be missing.

        Raises:
            Failed: the file holds something else.
        """
        try:
            with path.open("rb") as file:
                data = file.read(_LARGEST)
        except FileNotFoundError:
            return cls(path, None)
        except OSError as error:
            raise Failed(
                f"{path} cannot be read: {error.strerror}.", remedy="Give a folder of your own with --out."
            ) from None
        return cls(path, _read(data, path))

    @property
    def begun(self) -> Notes | None:
        """What is written; None: no run has begun."""
        return self._notes

    @property
    def now(self) -> Notes:
        """What is written, once a run has begun."""
        if self._notes is None:
            msg = "no run has begun"
            raise RuntimeError(msg)
        return self._notes

    def begin(self, notes: Notes) -> None:
        """Write the first notes of a run."""
        self._write(notes)

    def add(self, **changes: Any) -> None:
        """Write that something has changed; the file holds the former notes or these, whatever happens."""
        self._write(replace(self.now, **changes))

    def _write(self, notes: Notes) -> None:
        part = self._path.with_name(f"{self._path.name}.part")
        try:
            with suppress(FileNotFoundError):
                part.unlink()
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w") as file:
                json.dump(asdict(notes), file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            raise Failed(
                f"{self._path} cannot be written: {error.strerror}.",
                remedy="Make room, or give a folder of your own with --out.",
            ) from None
        self._notes = notes


def _read(data: ForeignBytes, path: Path) -> Notes:
    found: object = None
    with suppress(ValueError, RecursionError):
        found = json.loads(data)
    names = {field.name for field in fields(Notes)}
    if not isinstance(found, dict) or set(found) != names:
        raise _unusable(path)
    if not all(isinstance(found[name], kinds) for name, kinds in _KINDS.items()):
        raise _unusable(path)
    if not all(0 <= (found[name] or 0) <= _LARGEST_NUMBER for name in _NUMBERS):  # JSON of Python knows NaN, too
        raise _unusable(path)
    return Notes(**{**found, "deployments": tuple(map(str, found["deployments"]))})


def _unusable(path: Path) -> Failed:
    return Failed(
        f"{path} does not hold the notes of an earlier run.",
        remedy="Give another folder with --out, or move that file away.",
        name="UnusableNotes",
    )
