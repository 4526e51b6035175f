"""The versions of a connection's secret, and the labels on them."""

from collections.abc import Mapping
from dataclasses import dataclass

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
NEXT = "SFMINT_NEXT"  # keeps the version of a rotation from being deleted, and AWSPENDING from being taken from anybody
UNTIL = "SFMINT_UNTIL_"  # and epoch seconds: until then the version before may still log in


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
