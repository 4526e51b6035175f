"""What the keeper alone says, of operators and of its watch: the broker loads none of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sfmint.telemetry import CERTIFICATE_DAYS_LEFT, Record

# Of each run of the watch; docs/metrics.md has a row for each.
OVERLOOKED, FAILING, OPEN, OLDEST = "ConnectionsOverlooked", "ConnectionsFailing", "BreakersOpen", "TokenAgePercent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flushed(Record):
    """An operator dropped a connection's token."""

    message = "token flushed"
    metric = "TokenFlushed"
    services = ("token_keeper",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tainted(Record):
    """An operator barred a key of a connection."""

    message = "key tainted"
    metric = "KeyTainted"
    level = "WARNING"
    services = ("token_keeper",)
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedLoginSucceeded(Record):
    """Credentials that an operator has staged gave a token, which was dropped."""

    message = "staged credentials log in"
    metric = "StagedLogin"
    services = ("token_keeper",)
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedLoginFailed(Record):
    """Credentials that an operator has staged gave no token.

    Attributes:
        reason: the code of why.
        said: Salesforce's own words, quoted; empty where it gave none.
    """

    message = "staged credentials do not log in"
    metric = "StagedLoginFailed"
    services = ("token_keeper",)
    level = "WARNING"
    key_id: str
    reason: str
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched(Record):
    """How many connections the keeper has not looked at for three ticks of its schedule; each run of the watch counts it.

    Attributes:
        overlooked: how many these are.
        failing: how many rows remember a failed login, or cannot be read.
        breakers_open: of how many connections fresh tokens keep being refused.
        oldest: age of the oldest token in percent of its life; 100: one is over and was not replaced; 0: there is none.
        certificate_days_left: whole days until the first of the keys' certificates ends; None: there is none.
        concerned: the connections that are counted in the first three, with what they are counted in; empty: none.
    """

    message = "connections watched"
    metric = OVERLOOKED
    services = ("token_keeper",)
    overlooked: int
    failing: int
    breakers_open: int
    oldest: int
    certificate_days_left: int | None = None
    concerned: str = ""

    def counts(self) -> Mapping[str, int]:
        """Return all of them: an alarm on what only logins count would be over with the next login of another connection."""
        counts = {OVERLOOKED: self.overlooked, FAILING: self.failing, OPEN: self.breakers_open, OLDEST: self.oldest}
        days_left = self.certificate_days_left
        return counts if days_left is None else counts | {CERTIFICATE_DAYS_LEFT: days_left}
