"""What is said of rotations: the words of the log and the names of the metrics.

A record holds no secret; see `sfmint.telemetry`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from key_rotation.errors import RotationPending
from sfmint.telemetry import Record, RequestFailed, Service
from sfmint_values.error_names import CALLERS_MISTAKES

_HERE: tuple[Service, ...] = ("key_rotation",)
_HOUR_S = 3600
FAILED = "RotationFailed"
_NO_FAILURES = CALLERS_MISTAKES | {RotationPending.__name__}


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationFinished(Record):
    """A rotation has ended with the new key."""

    message = "rotation finished"
    metric = "RotationFinished"
    services = _HERE
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationCancelled(Record):
    """A rotation was cancelled or has become void: it has ended without a new key.

    Attributes:
        why: a sentence.
    """

    message = "rotation cancelled"
    metric = "RotationCancelled"
    level = "WARNING"
    services = _HERE
    version: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StillPending(Record):
    """How many whole hours ago a rotation began that has not ended; each run counts it.

    Attributes:
        phase: what is being done.
        why: what is waited for.
        logins: in a row.
        refusals: in a row.
        pending_s: seconds since it began.
    """

    message = "rotation pending"
    metric = "RotationPendingHours"
    services = _HERE
    phase: str
    why: str
    logins: int
    refusals: int
    pending_s: int

    def counts(self) -> Mapping[str, int]:
        """Return the hours."""
        return {self.metric: self.pending_s // _HOUR_S}


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSeen(Record):
    """Whole days until the certificate of a key that logs in ends; each tick counts them, of each connection.

    Attributes:
        days: less than zero: it has ended.
    """

    message = "certificate seen"
    metric = "CertificateDaysLeft"
    services = _HERE
    days: int

    def counts(self) -> Mapping[str, int]:
        """Return the days."""
        return {self.metric: self.days}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAnnounced(Record):
    """SNS has not taken what was to be said of a rotation; the rotation goes on.

    Attributes:
        error_code: AWS's.
    """

    message = "rotation not announced"
    metric = "RotationNotAnnounced"
    level = "WARNING"
    services = _HERE
    error_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed(RequestFailed):
    """A run of a rotation ended in an error; what is done stays done."""

    message = "rotation not done"
    services = _HERE

    def counts(self) -> Mapping[str, int]:
        """Return the metric of its class of error, and whether a rotation does not go on."""
        return {f"{self.metric}{self.error}": 1, FAILED: int(self.error not in _NO_FAILURES)}
