"""A version: three numbers, and where each of them stands.

Source: Semantic Versioning 2.0.0, sections 2 and 11; of PEP 440 what both call a version.
"""

import re
from dataclasses import dataclass
from typing import Self

from releasing.errors import Refused

# All say the same one.
FILES = ("pyproject.toml", "layers/client/pyproject.toml")

_NUMBER = r"(0|[1-9][0-9]{0,8})"
_SHOWN = 40  # characters of what is no version
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}", re.ASCII)
_LINE = re.compile(r'^version = "([^"\n]*)"$', re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version, in the order of versions.

    Attributes:
        major: an interface has changed.
        minor: something was added.
        patch: something was mended.
    """

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the version that a text is.

        Raises:
            Refused: it is none.
        """
        found = _VERSION.fullmatch(text)
        if not found:
            raise Refused(
                f"{text[:_SHOWN]!r} is no version: three numbers without leading zeros. Say VERSION=0.1.0, for example."
            )
        return cls(*map(int, found.groups()))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def tag(self) -> str:
        """The tag of its commit."""
        return f"v{self}"


def said_in(project: str) -> Version:
    """Return the version that a pyproject.toml says.

    Raises:
        Refused: it says none, or one that is none.
    """
    return Version.parse(_only_line(project)[1])


def written_into(project: str, version: Version) -> str:
    """Return a pyproject.toml with another version.

    Raises:
        Refused: it says none now.
    """
    at = _only_line(project).span()
    return f'{project[: at[0]]}version = "{version}"{project[at[1] :]}'


def _only_line(project: str) -> re.Match[str]:
    found = list(_LINE.finditer(project))
    if len(found) != 1:
        raise Refused(f'pyproject.toml has {len(found)} lines of the form version = "...". Leave exactly one.')
    return found[0]
