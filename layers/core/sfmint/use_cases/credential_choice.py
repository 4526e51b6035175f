"""Which credentials a mint tries, in which order: the secret's own, and once those that a rotation has made ready or replaced."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sfmint.errors import CacheUnavailable, InvalidCredentials
from sfmint.ports import Ports, Signer
from sfmint.row import decisions
from sfmint.row.row import CacheRow
from sfmint.salesforce.connection import Connection
from sfmint.telemetry import RefreshFailed

type Stage = Literal["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Credentials that a mint may try.

    Attributes:
        stage: the label of their version of the secret.
    """

    connection: Connection
    signer: Signer
    stage: Stage = "AWSCURRENT"

    @property
    def key_id(self) -> str:
        """The key's id."""
        return self.signer.key_id

    @property
    def minted_by(self) -> tuple[str, str]:
        """What a row says of the credentials that minted its token: key id and hash of the configuration."""
        return self.key_id, self.connection.config_hash

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
        """Give AWSCURRENT, and then one alternative: AWSPENDING, or else AWSPREVIOUS while a label lets it log in.

        An alternative is read when it is asked for, or when the row's token is not AWSCURRENT's: if AWSPENDING minted that, it
        comes first. AWSPREVIOUS does not, for its successor has logged in five times. Where AWSCURRENT was refused last, they
        take turns in coming first. No tainted key is given, whether the
        row bars it, or its own version of the secret, or AWSCURRENT; in place of a tainted AWSCURRENT its alternative is.

        Raises:
            SfmintError: the secret cannot be read or used, or taints its own key and there is no alternative.
        """
        current = self._candidate(self._current(name, row))
        if _is_barred(current, current, row):
            yield self._in_place_of(current, row)
        elif decisions.gives_way(row, *current.minted_by):
            yield from self._alternative(current, row)
            yield current
        elif row.key_id is None or _has_minted(current, row):
            yield current
            yield from self._alternative(current, row)
        else:
            alternative = list(self._alternative(current, row))
            is_first = any(other.stage == "AWSPENDING" and _has_minted(other, row) for other in alternative)
            yield from (*alternative, current) if is_first else (current, *alternative)

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

    def _in_place_of(self, current: Candidate, row: CacheRow) -> Candidate:
        """Return the alternative to credentials whose key is tainted; the acquire refuses what the row alone bars."""
        if alternative := next(self._alternative(current, row), None):
            return alternative
        if current.key_id in current.connection.tainted_keys:
            raise decisions.tainted(current.key_id)
        return current

    def _alternative(self, current: Candidate, row: CacheRow) -> Iterator[Candidate]:
        """Give the credentials that may log in beside AWSCURRENT, if there are any; at most one."""
        credentials, connection = self._ports.credentials, current.connection
        if ready := self._usable(credentials.pending(connection), "AWSPENDING", current, row):
            yield ready
        elif former := self._usable(
            credentials.previous(connection, self._ports.clock.now()), "AWSPREVIOUS", current, row
        ):
            yield former

    def _usable(
        self, connection: Connection | None, stage: Stage, current: Candidate, row: CacheRow
    ) -> Candidate | None:
        if connection is None:
            return None
        try:
            found = self._candidate(connection, stage)
        except (InvalidCredentials, CacheUnavailable):
            return None  # not ready yet, or nobody can ask for its key: the current ones have decided
        return None if found.minted_by == current.minted_by or _is_barred(found, current, row) else found

    def _candidate(self, connection: Connection, stage: Stage = "AWSCURRENT") -> Candidate:
        return Candidate(connection, self._ports.signers.signer(connection), stage)


def _is_barred(candidate: Candidate, current: Candidate, row: CacheRow) -> bool:
    """Return whether a key is tainted: on the row, or by either version of the secret."""
    in_secret = current.connection.tainted_keys | candidate.connection.tainted_keys
    return candidate.key_id in in_secret or candidate.key_id in (row.tainted_keys or ())


def _has_minted(candidate: Candidate, row: CacheRow) -> bool:
    return candidate.minted_by == (row.key_id, row.config_hash)
