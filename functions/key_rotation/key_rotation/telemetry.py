"""What is said of rotations: the words of the log and the names of the metrics. A record holds no secret; see `sfmint.telemetry`."""

from collections.abc import Mapping
from dataclasses import dataclass

from sfmint.telemetry import Record, RequestFailed, Service
from sfmint_values.error_names import CALLERS_MISTAKES

_HERE: tuple[Service, ...] = ("key_rotation",)
_DAY_S, _HOUR_S = 86_400.0, 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationEnded(Record):
    """A rotation has ended: the new key logs in, and the old one is no longer AWSCURRENT."""

    message = "rotation finished"
    metric = "RotationFinished"
    services = _HERE
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationCancelled(Record):
    """A rotation was cancelled or has become void: the old key goes on.

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
class RotationPendingFor(Record):
    """Whole hours since a rotation began that is still pending; each tick counts each of them.

    Attributes:
        phase: where it stands.
        pending_s: seconds since it began.
    """

    message = "rotation pending"
    metric = "RotationPendingHours"
    services = _HERE
    phase: str
    pending_s: int

    def counts(self) -> Mapping[str, int]:
        """Return the hours."""
        return {self.metric: int(self.pending_s // _HOUR_S)}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAnnounced(Record):
    """What was to be said of a rotation was not taken by SNS; the rotation goes on.

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
    """A run of a rotation ended in an error that is no caller's mistake; what is done stays done."""

    message = "rotation run failed"
    services = _HERE

    def counts(self) -> Mapping[str, int]:
        """Return the metric of its class of error, and that a rotation did not go on."""
        return {f"{self.metric}{self.error}": 1, "RotationFailed": int(self.error not in CALLERS_MISTAKES)}
