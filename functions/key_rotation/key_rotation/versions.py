"""The versions of a connection's secret, and the labels on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sfmint.salesforce.grace import grace_end
from sfmint_values.foreign import Foreign

CURRENT: Final = "AWSCURRENT"
PREVIOUS: Final = "AWSPREVIOUS"
PENDING: Final = "AWSPENDING"
NEXT = "SFMINT_NEXT"  # keeps the version of a rotation from being deleted, and AWSPENDING from being taken from anybody
_SHORTEST_ID, _LONGEST_ID = 32, 64  # characters


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
    def graces(self) -> tuple["Grace", ...]:
        """The labels by which versions may log in until an instant, past ones too, in the order of the versions."""
        return tuple(
            Grace(version, label, end)
            for version, labels in sorted(self.labels.items())
            for label in sorted(labels)
            if (end := grace_end(label)) is not None
        )


@dataclass(frozen=True, slots=True)
class Grace:
    """A label by which a version may log in although another one is current.

    Attributes:
        version: that has it.
        label: as Secrets Manager has it.
        ends_at: epoch seconds.
    """

    version: str
    label: str
    ends_at: int


def is_version_id(text: Foreign) -> bool:
    """Return whether a text is a version's id: 32 to 64 characters (Secrets Manager API Reference, ClientRequestToken)."""
    plain = text.isascii() and text.replace("-", "a").isalnum()
    return plain and _SHORTEST_ID <= len(text) <= _LONGEST_ID
