"""All connections of a stack at a glance: what its rows say, and whether each has a secret. No secret is read."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sfmint_cli.connection_secret import ConnectionSecret, Described
from sfmint_cli.connection_secret import State as SecretState
from sfmint_cli.instants import written
from sfmint_cli.result import Facts, Failed
from sfmint_cli.status.rows import Row
from sfmint_cli.status.state import State, span, state_of
from sfmint_cli.status.table import of_row

# What hides everything, and not one thing of many.
ENDS_ALL = frozenset({"ExpiredCredentials", "InvalidCredentials", "NoCredentials", "NotAws", "Unreachable"})
AT_ONCE = 10  # calls, as many as a client of AWS keeps connections for


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What is known of one connection.

    Attributes:
        described: its secret; None: AWS does not let it be seen.
        row: its row; None: the keeper says nothing of it.
        now: epoch seconds.
    """

    described: Described | None
    row: Row | None
    now: float

    @property
    def word(self) -> str:
        """Its state: what its secret keeps from being served comes first, then that of its row."""
        match self.described:
            case Described(state=SecretState.MISSING):
                return "no secret"
            case Described(state=SecretState.DELETED):
                return "retired"
            case Described(at=at) if "AWSCURRENT" not in at:
                return "empty secret"
        return State.UNREADABLE.value if self.row is None else state_of(self.row, self.now).value

    def to_facts(self) -> Facts:
        """Return it for a program."""
        changed = self.described.since if self.described else None
        return {
            **(of_row(self.row, self.now) if self.row else {}),
            "state": self.word,
            "secret_changed": None if changed is None else written(changed),
            "kms_key": self.described.kms_key if self.described else None,
            "rotation_pending": self.described.has_pending if self.described else None,
        }

    def told(self) -> str:
        """Return it in a line."""
        failure = self.row.failure if self.row else None
        parts = [f"{self.word} ({failure.reason or failure.error})" if failure else self.word]
        if self.row and self.row.key_id:
            parts.append(f"key {self.row.key_id}")
        if self.row and self.row.is_served(self.now) and self.row.issued_at is not None:
            parts.append(f"token {span(self.now - self.row.issued_at)} old")
        if self.described and self.described.has_pending:
            parts.append("a rotation is pending")
        if self.described and self.described.since:
            is_deleted = self.described.state is SecretState.DELETED
            parts.append(f"secret {'deleted on' if is_deleted else 'of'} {written(self.described.since)}")
        return ", ".join(parts)


def described_in_parallel(secrets: Mapping[str, ConnectionSecret]) -> tuple[dict[str, Described | None], Failed | None]:
    """Return what there is of secrets, by connection, and why some could not be; None in place of those.

    Args:
        secrets: by connection; all share a client.
    """
    refused: list[Failed] = []

    def describe(secret: ConnectionSecret) -> Described | None:
        try:
            return secret.describe()
        except Failed as failed:
            if failed.name in ENDS_ALL:
                raise
            refused.append(failed)
            return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(secrets, pool.map(describe, secrets.values()), strict=True))
    return found, next(iter(refused), None)
