"""What signs an assertion on this machine: a key in a file or a secret, or one in KMS."""

from datetime import datetime
from typing import Protocol


class Signing(Protocol):
    """A key that signs, whose certificate may be known."""

    @property
    def key_id(self) -> str:
        """First 16 hex digits of SHA-256 of the public key (DER SPKI)."""

    @property
    def valid_from(self) -> datetime | None:
        """Start of the certificate, if one is known."""

    @property
    def valid_until(self) -> datetime | None:
        """End of the certificate, if one is known."""

    def signature(self, octets: bytes) -> bytes:
        """Return the RS256 signature of octets (RFC 7518 section 3.3)."""
