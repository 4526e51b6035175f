"""All connections of a stack at a glance: what its rows say, and whether each has a secret. No secret is read."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sfmint_cli.connection_secret import ConnectionSecret, Described, State
from sfmint_cli.result import Facts, Failed

AT_ONCE = 10  # calls, as many as a client of AWS keeps connections for


class Word(StrEnum):
    """The state of a connection in a word."""

    NO_SECRET = "no secret"  # noqa: S105
    EMPTY = "empty secret"
    RETIRED = "retired"
    FAILING = "failing"
    READY = "ready"
    IDLE = "idle"  # no token, and no failure: the first call logs in
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What is known of one connection.

    Attributes:
        described: its secret; None: AWS does not let it be seen.
        row: what the keeper's `status` says of it; empty: nothing.
        now: epoch seconds.
    """

    described: Described | None
    row: Mapping[str, object]
    now: float

    @property
    def word(self) -> Word:
        """Its state: what keeps it from being served comes first."""
        match self.described:
            case Described(state=State.MISSING):
                return Word.NO_SECRET
            case Described(state=State.DELETED):
                return Word.RETIRED
            case Described(at=at) if "AWSCURRENT" not in at:
                return Word.EMPTY
        if not self.row or "error" in self.row:
            return Word.UNKNOWN
        if self.row.get("failure"):
            return Word.FAILING
        expires = seconds_of(self.row.get("expires_at"))
        return Word.READY if expires is not None and expires > self.now else Word.IDLE

    def to_facts(self) -> Facts:
        """Return it for a program."""
        issued, failure = seconds_of(self.row.get("issued_at")), self.row.get("failure")
        changed = self.described.since if self.described else None
        return {
            "state": str(self.word),
            "key_id": self.row.get("key_id"),
            "token_age_s": None if issued is None or self.word is not Word.READY else max(0, round(self.now - issued)),
            "expires_at": self.row.get("expires_at"),
            "certificate_until": self.row.get("certificate_until"),
            "failure": failure.get("reason") or failure.get("error") if isinstance(failure, dict) else None,
            "secret_changed": None if changed is None else instant_of(changed),
            "kms_key": self.described.kms_key if self.described else None,
        }

    def told(self) -> str:
        """Return it in a line."""
        facts = self.to_facts()
        parts = [str(self.word)]
        if facts["failure"] and self.word is Word.FAILING:
            parts.append(f"({facts['failure']})")
        if facts["key_id"]:
            parts.append(f"key {facts['key_id']}")
        if facts["token_age_s"] is not None:
            parts.append(f"token {facts['token_age_s']} s old")
        if facts["secret_changed"]:
            parts.append(f"secret of {facts['secret_changed']}")
        return ", ".join(parts).replace(", (", " (")


def described_in_parallel(secrets: Mapping[str, ConnectionSecret]) -> tuple[dict[str, Described | None], Failed | None]:
    """Return what there is of secrets, by connection, and why some could not be seen; None in place of those.

    Args:
        secrets: by connection; all share a client.
    """
    refused: list[Failed] = []

    def describe(secret: ConnectionSecret) -> Described | None:
        try:
            return secret.describe()
        except Failed as failed:
            if failed.name != "AccessDenied":
                raise
            refused.append(failed)
            return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(secrets, pool.map(describe, secrets.values()), strict=True))
    return found, next(iter(refused), None)


def seconds_of(instant: object) -> float | None:
    """Return an instant of the keeper's as epoch seconds, or None."""
    if not isinstance(instant, str):
        return None
    try:
        return datetime.fromisoformat(instant).timestamp()
    except ValueError:
        return None


def instant_of(when: datetime) -> str:
    """Return a time of AWS's as sfmint writes it."""
    from sfmint.salesforce.access_token import iso8601

    return iso8601(when.timestamp())
