"""What the use cases ask of the world; `adapters` answer.

A method raises what its docstring names, and nothing else: tests/contracts/test_ports.py holds every adapter to that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from sfmint.aws_access.budget import Budget
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed, Item, Written
from sfmint.row.guarantees import Guarantee
from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection, Stage
from sfmint.telemetry import Record
from sfmint_values.secret import Secret


class Clock(Protocol):
    """Time."""

    def now(self) -> float:
        """Return epoch seconds."""

    def monotonic(self) -> float:
        """Return seconds that never jump."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Chance(Protocol):
    """Randomness of the system's source."""

    def uniform(self, low: float, high: float) -> float:
        """Return a number between low and high."""

    def unique(self) -> str:
        """Return a text that was never returned before."""


class Dated(Protocol):
    """A service whose answers carry a date."""

    def behind_s(self) -> float | None:
        """Return by how many seconds this machine's clock was behind the service's when it last answered.

        Returns:
            Less than zero where this clock is ahead; None before the first answer, or where it showed no date.
        """


class Store(Dated, Protocol):
    """Items under keys, each written in one conditional request.

    Attributes:
        CANNOT_PROMISE: what it declares that it does not keep.
        LONGEST_READ: how many requests to AWS a read takes at most, one after the other, repetitions aside.
        LONGEST_WRITE: how many a write takes.
    """

    CANNOT_PROMISE: ClassVar[frozenset[Guarantee]]
    LONGEST_READ: ClassVar[int]
    LONGEST_WRITE: ClassVar[int]

    def read(self, key: str) -> Item | None:
        """Return the item as it stands, read consistently; None where there is none.

        Raises:
            CacheUnavailable: the store does not answer; `denied` where it refuses, `throttled` where it asks for a pause.
        """

    def peek(self, key: str) -> Item | None:
        """Return the item without its sealed copy, read consistently; None where there is none.

        Raises:
            CacheUnavailable: as in `read`.
        """

    def write(self, key: str, update: ConditionalWrite) -> Written | ConditionFailed:
        """Carry out one conditional write; its condition decides, once, and never a time-out.

        Raises:
            CacheUnavailable: as in `read`, or the item does not fit. Where no answer came, the write may have been carried
                out; where it is denied or throttled, it has not been.
            InvalidRequest: the store declares that it cannot bar a key (`Guarantee.TAINT`), and is asked to.
        """


class Sealer(Protocol):
    """Encryption of a token answer, bound to table, connection, fence and fingerprint."""

    def seal(self, token: AccessToken, fence: int) -> bytes:
        """Return the sealed copy.

        Raises:
            CacheUnavailable: what encrypts does not answer, or refuses (`denied`).
            LoginFailed: the copy is too large for the store.
        """

    def unseal(self, connection: str, row: CacheRow) -> AccessToken | None:
        """Return the row's token, or None where the copy does not open or does not agree with the row.

        Raises:
            CacheUnavailable: what decrypts does not answer, or refuses (`denied`).
        """


class Credentials(Protocol):
    """Where secrets live."""

    def load(self, connection: str) -> Connection:
        """Return the connection as its secret says now.

        Raises:
            ConnectionNotFound: there is no secret, or it is empty.
            InvalidCredentials: its content cannot be used, or may not be read (`denied`).
            CacheUnavailable: what keeps the secret does not answer.
        """

    def pending(self, connection: Connection) -> Connection | None:
        """Return what a rotation has made ready for the connection (AWSPENDING).

        Returns:
            None where nothing is, where it is another user's or another host's, and where it cannot be read or used.
        """

    def previous(self, connection: Connection, now: float) -> Connection | None:
        """Return what a rotation has replaced, while that may still log in (AWSPREVIOUS, see `salesforce.grace`).

        Args:
            connection: as its secret says.
            now: epoch seconds.

        Returns:
            None where it may not, and as in `pending`.
        """

    def staged(self, connection: str, stage: Stage) -> Connection:
        """Return what is to be tried: the version of the secret that has this label, and no other.

        Raises:
            ConnectionNotFound: there is no such version, or it is empty.
            InvalidCredentials: as in `load`.
            CacheUnavailable: likewise.
        """


class Signer(Protocol):
    """A key that signs assertions."""

    @property
    def key_id(self) -> str:
        """First 16 hex digits of SHA-256 of the public key (DER SPKI)."""

    @property
    def valid_from(self) -> datetime | None:
        """Start of the certificate, if one is known."""

    @property
    def valid_until(self) -> datetime | None:
        """End of the certificate, if one is known."""

    def sign(self, connection: Connection, *, now: float, jti: str) -> Secret:
        """Return a new assertion, signed with RS256.

        Args:
            connection: whose identity is asserted; `salesforce.assertion.claims` says what that is.
            now: epoch seconds.
            jti: unique to this assertion.

        Raises:
            InvalidCredentials: what holds the key refuses (`denied`), or the key is not the certificate's.
            CacheUnavailable: what holds the key does not answer.
        """


class Signers(Protocol):
    """Where signers come from."""

    def signer(self, connection: Connection) -> Signer:
        """Return the connection's signer.

        Raises:
            InvalidCredentials: the key cannot be used.
            CacheUnavailable: what holds the key does not answer, or refuses (`denied`).
        """


class TokenEndpoint(Dated, Protocol):
    """Salesforce's `/services/oauth2/token`."""

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        """Return the JSON object of a 200 answer.

        Raises:
            LoginFailed: anything else, no answer among it.
        """


class Telemetry(Protocol):
    """Log and metrics."""

    def begin(self, request_id: str) -> None:
        """Say of whatever is emitted from here on that it belongs to this invocation, by its id of Lambda's."""

    def emit(self, record: Record) -> None:
        """Say it, or give up in silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """All that the use cases ask of the world, in one value.

    Attributes:
        budget: for how long AWS is asked: whoever knows what a step is worth opens a share around it.
    """

    clock: Clock
    budget: Budget
    chance: Chance
    store: Store
    sealer: Sealer
    credentials: Credentials
    signers: Signers
    endpoint: TokenEndpoint
    telemetry: Telemetry
