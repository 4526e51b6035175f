"""Chance as the core needs it: with texts that were never used before."""

import uuid

from sfmint_values import system

# ruff: noqa: TID251 - this is where chance comes from


class SystemChance(system.SystemChance):
    """The system's source of randomness."""

    def unique(self) -> str:
        """Return a random UUID (RFC 9562 section 5.4)."""
        return str(uuid.uuid4())
