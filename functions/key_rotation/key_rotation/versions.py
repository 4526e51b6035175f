"""The versions of a connection's secret, and the labels on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

CURRENT: Final = "AWSCURRENT"
PREVIOUS: Final = "AWSPREVIOUS"
PENDING: Final = "AWSPENDING"
NEXT = "SFMINT_NEXT"  # keeps the version of a rotation from being deleted, and AWSPENDING from being taken from anybody
UNTIL = "SFMINT_UNTIL_"  # and epoch seconds: until then the version before may still log in

_LONGEST = 12  # digits of a time


@dataclass(frozen=True, slots=True)
class Versions:
    """What DescribeSecret tells: never a value.

    Attributes:
        labels: the labels of each version that has any, by its id.
    """

    labels: Mapping[str, frozenset[str]]

    def at(self, label: str) -> str | None:
        """Return the version that has a label; None: none has."""
        return next((version for version, labels in self.labels.items() if label in labels), None)

    @property
    def in_grace(self) -> tuple[tuple[str, str], ...]:
        """The versions that may still log in for a while, each with its label."""
        return tuple(
            (version, label)
            for version, labels in sorted(self.labels.items())
            for label in sorted(labels)
            if label.startswith(UNTIL)
        )


def until_of(label: str) -> int:
    """Return the epoch seconds of a label of grace; 0: it has none."""
    said = label.removeprefix(UNTIL)
    return int(said) if said.isascii() and said.isdigit() and len(said) <= _LONGEST else 0
