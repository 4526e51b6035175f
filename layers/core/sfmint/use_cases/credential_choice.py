"""Which credentials a mint tries, in which order: the secret's own, and once those that a rotation has made ready."""

from collections.abc import Iterator
from dataclasses import dataclass

from sfmint.errors import CacheUnavailable, InvalidCredentials
from sfmint.ports import Ports, Signer
from sfmint.row import decisions
from sfmint.row.row import CacheRow
from sfmint.salesforce.connection import Connection
from sfmint.telemetry import RefreshFailed


@dataclass(frozen=True, slots=True)
class Candidate:
    """Credentials that a mint may try."""

    connection: Connection
    signer: Signer

    @property
    def minted_by(self) -> tuple[str | None, str | None]:
        """What a row says of the credentials that minted its token: key id and hash of the configuration."""
        return self.signer.key_id, self.connection.config_hash

    @property
    def certificate_until(self) -> float | None:
        """Epoch seconds at which the key's certificate ends; None: the secret has none."""
        return None if self.signer.valid_until is None else self.signer.valid_until.timestamp()


@dataclass(frozen=True, slots=True)
class _LastRead:
    """A connection as it was read, and the row's fence then: while that stands, nobody has changed and flushed it."""

    connection: Connection
    fence: int | None


class CredentialChoice:
    """Finds the credentials of a mint, and keeps those that were read last, for when Secrets Manager is down.

    Args:
        ports: secrets, signers, and who hears of a secret that could not be read.
    """

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._last_read: dict[str, _LastRead] = {}

    def candidates(self, name: str, row: CacheRow) -> Iterator[Candidate]:
        """Give AWSCURRENT and then AWSPENDING, where there is one; the version that minted the row's token comes first.

        AWSPENDING is read when it is asked for, or when the row's token is not AWSCURRENT's. Where its key is tainted,
        by either version of the secret, there is none.

        Raises:
            SfmintError: the secret cannot be read or used, or taints its own key.
        """
        for candidate in self._in_order(name, row):
            if candidate.signer.key_id in candidate.connection.tainted_keys:
                raise decisions.tainted(candidate.signer.key_id)
            yield candidate

    def _in_order(self, name: str, row: CacheRow) -> Iterator[Candidate]:
        current = self._candidate(self._current(name, row))
        if row.key_id is None or (row.key_id, row.config_hash) == current.minted_by:
            yield current
            yield from self._pending(current)
            return
        pending = list(self._pending(current))
        tried = [current, *pending]
        yield from sorted(tried, key=lambda candidate: candidate.minted_by != (row.key_id, row.config_hash))

    def keep(self, connection: Connection, fence: int | None) -> None:
        """Keep credentials as those that were read last.

        Args:
            connection: as its secret says.
            fence: the row's, when the secret was read.
        """
        self._last_read[connection.name] = _LastRead(connection, fence)

    def granted(self, name: str, seen: int | None, fence: int) -> None:
        """Note that my own acquire has moved the fence: what was read before it is still the last."""
        if (last := self._last_read.get(name)) and last.fence == seen:
            self._last_read[name] = _LastRead(last.connection, fence)

    def _current(self, name: str, row: CacheRow) -> Connection:
        """Read the secret now; while Secrets Manager is down, take what was read last, if no fence has moved since."""
        try:
            connection = self._ports.credentials.load(name)
        except CacheUnavailable as error:
            last = self._last_read.get(name)
            if error.denied or last is None or last.fence != row.fence:
                raise
            self._ports.telemetry.emit(RefreshFailed.by(name, error))
            return last.connection
        self.keep(connection, row.fence)
        return connection

    def _pending(self, current: Candidate) -> Iterator[Candidate]:
        connection = self._ports.credentials.pending(current.connection)
        if connection is None:
            return
        try:
            pending = self._candidate(connection)
        except (InvalidCredentials, CacheUnavailable):
            return  # of a rotation that is not ready yet, or whose key nobody can ask: the current ones have decided
        tainted_keys = current.connection.tainted_keys | connection.tainted_keys
        if pending.minted_by != current.minted_by and pending.signer.key_id not in tainted_keys:
            yield pending

    def _candidate(self, connection: Connection) -> Candidate:
        return Candidate(connection, self._ports.signers.signer(connection))
