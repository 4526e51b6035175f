"""What the tag of a release says of its files, so that whoever rebuilds them knows whether they are the same.

A signed tag so vouches for the files too.
"""

import hashlib
import platform
import re
import zlib
from dataclasses import dataclass
from typing import Self

from releasing.errors import Refused

_LINES = {"python": r"\S+", "zlib": r"\S+", "checksums": "[0-9a-f]{64}"}


@dataclass(frozen=True, slots=True)
class Tools:
    """What decides the bytes beside the commit, which pins all else.

    Attributes:
        python: its version, for it compiles the byte code.
        zlib: its version, for it packs.
    """

    python: str
    zlib: str

    @classmethod
    def here(cls) -> Self:
        """Return those of this process."""
        return cls(platform.python_version(), zlib.ZLIB_RUNTIME_VERSION)

    def __str__(self) -> str:
        return f"Python {self.python} and zlib {self.zlib}"


@dataclass(frozen=True, slots=True)
class Record:
    """A release as its tag describes it.

    Attributes:
        tools: with which it was built.
        checksums: SHA-256 of the file with the checksums of all others.
    """

    tools: Tools
    checksums: str

    @classmethod
    def of(cls, checksums: str) -> Self:
        """Return that of files which were built here.

        Args:
            checksums: the text of SHA256SUMS.
        """
        return cls(Tools.here(), hashlib.sha256(checksums.encode()).hexdigest())

    @classmethod
    def read(cls, message: str) -> Self:
        """Return what the message of a tag says.

        Raises:
            Refused: it was not written by a release.
        """
        said = {
            name: found[1]
            for name, value in _LINES.items()
            if (found := re.search(rf"^{name}: ({value})$", message, re.MULTILINE))
        }
        if said.keys() != _LINES.keys():
            raise Refused("The tag does not say how it was built. Take one that `make release` has set, or remove it.")
        return cls(Tools(said["python"], said["zlib"]), said["checksums"])

    def __str__(self) -> str:
        return f"python: {self.tools.python}\nzlib: {self.tools.zlib}\nchecksums: {self.checksums}\n"

    def check_tools(self, here: Tools) -> None:
        """Check that what is built here can be equal.

        Raises:
            Refused: byte code or archives would differ.
        """
        if here != self.tools:
            raise Refused(f"The release was built with {self.tools}, and here are {here}. Build it with the same.")
