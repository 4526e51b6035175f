"""What is said of each outcome: the words of the log and the names of the metrics. `operators` has what only the keeper says.

A record holds no secret by construction: names, fingerprints, key ids, numbers, and Salesforce's words as `redacted`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from sfmint.errors import SfmintError
from sfmint_values.error_names import CALLERS_MISTAKES

type Source = Literal["memory", "cache", "minted"]
type RejectionOutcome = Literal["dropped", "known", "limited"]
type Service = Literal["key_rotation", "token_broker", "token_keeper"]

LOGIN_BUDGET_PERCENT, ROW_REPAIRED, CLOCK_OFF = "LoginBudgetPercent", "RowRepaired", "ClockOff"
UNSERVED = "Unserved"  # of a request for a token: 1 where it got none by no mistake of the caller's, else 0
WAITED = "Waited"  # of a token from the row, or fresh: 1 where this caller waited for a login, else 0
CERTIFICATE_DAYS_LEFT = "CertificateDaysLeft"  # no count: its lowest value is what matters
# Counted for each connection too; all others in the totals only. Each name here costs its price for each connection.
BY_CONNECTION = frozenset(
    {"TokenServedFromMemory", "TokenServed", "TokenMinted", "MintFailed", "TokenRejected", "Degraded", UNSERVED}
)
# Kept once for all functions: they spend one budget, write one store, and one alarm hears all of them.
OF_STACK = frozenset({LOGIN_BUDGET_PERCENT, ROW_REPAIRED, CLOCK_OFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One outcome.

    Attributes:
        message: the fixed words of the log line.
        metric: the metric that counts it.
        also: what else each of them counts.
        level: of the log line.
        services: the functions that emit it.
        connection: the connection's name; "-" where there is none.
    """

    message: ClassVar[str]
    metric: ClassVar[str]
    also: ClassVar[Mapping[str, int]] = {}
    level: ClassVar[Literal["DEBUG", "INFO", "WARNING", "ERROR"]] = "INFO"
    services: ClassVar[tuple[Service, ...]] = ("token_broker", "token_keeper")
    connection: str

    def counts(self) -> Mapping[str, int]:
        """Return what it adds to which metrics."""
        return {self.metric: 1, **self.also}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFromMemory(Record):
    """A token was served without any I/O, or after one read that renewed the trust."""

    message = "token served from memory"
    metric = "TokenServedFromMemory"
    also: ClassVar = {UNSERVED: 0}
    level = "DEBUG"  # the hot path: the metric's own line says it all
    services = ("token_broker",)
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Served(Record):
    """A token was served from the row, or fresh.

    Attributes:
        source: where it comes from.
        fingerprint: of the token.
        duration_ms: from the call to the answer.
        waited: this caller waited for a login, its own or another's; None: it did not, and the line says nothing of it.
    """

    message = "token served"
    metric = "TokenServed"
    also: ClassVar = {UNSERVED: 0}
    services = ("token_broker",)
    source: Source
    fingerprint: str
    duration_ms: int
    waited: Literal[True] | None = None

    def counts(self) -> Mapping[str, int]:
        """Return its own metrics, and whether the caller waited for a login."""
        return {self.metric: 1, **self.also, WAITED: int(self.waited is True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginCounted(Record):
    """How many percent of `LoginBudgetPerHour` a Salesforce user has used up in this hour, as each login counts it.

    Attributes:
        logins: of the user in this hour, this one among them.
        limit: the budget.
    """

    message = "login counted"
    metric = LOGIN_BUDGET_PERCENT
    level = "DEBUG"  # what comes of the login is told, and the metric's own line says the rest
    logins: int
    limit: int

    def counts(self) -> Mapping[str, int]:
        """Return the percentage; its highest value is what matters. A count below zero is somebody else's, and no metric."""
        return {self.metric: max(0, 100 * self.logins // self.limit)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted(Record):
    """A login at Salesforce gave a token, and it is published.

    Attributes:
        certificate_days_left: whole days until the key's certificate ends, less than zero after that; None: there is none.
    """

    message = "token minted"
    metric = "TokenMinted"
    fingerprint: str
    key_id: str
    fence: int
    duration_ms: int
    certificate_days_left: int | None = None

    def counts(self) -> Mapping[str, int]:
        """Return its own metric, and how long the certificate is still good."""
        days_left = self.certificate_days_left
        return {self.metric: 1} if days_left is None else {self.metric: 1, CERTIFICATE_DAYS_LEFT: days_left}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMinted(Record):
    """A login at Salesforce gave no token.

    Attributes:
        reason: the code of why.
        said: Salesforce's own words, quoted; empty where it gave none.
    """

    message = "mint failed"
    metric = "MintFailed"
    level = "WARNING"
    reason: str
    said: str = ""
    key_id: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FencedOut(Record):
    """The lease was lost before the new token could be published; the token is dropped."""

    message = "publish fenced out"
    metric = "FencedOut"
    level = "WARNING"
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRejected(Record):
    """A caller reported a token that Salesforce refused."""

    message = "token rejected by Salesforce"
    metric = "TokenRejected"
    level = "WARNING"
    services = ("token_broker",)
    fingerprint: str
    outcome: RejectionOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusableCopy(Record):
    """A sealed copy does not open, or does not agree with itself or its row; it is never served."""

    message = "sealed copy unusable"
    metric = "UnusableCopy"
    level = "ERROR"
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshFailed(Record):
    """A token that is due could not be refreshed, or a secret not be read, and what there was is used meanwhile.

    Attributes:
        error: class name of the failure.
        cause: its sentence.
        remedy: what to do about it, as a caller would have been told.
    """

    message = "served in spite of a failure"
    metric = "Degraded"
    level = "WARNING"
    error: str
    cause: str
    remedy: str = ""

    @classmethod
    def by(cls, connection: str, error: SfmintError) -> Self:
        """Return the record of an error in spite of which a token was served."""
        return cls(connection=connection, error=type(error).__name__, cause=error.cause, remedy=error.remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRepaired(Record):
    """A row held what sfmint does not write, or what a clock far off has written; it was never served.

    Attributes:
        flaw: what it was.
    """

    message = "row repaired"
    metric = ROW_REPAIRED
    level = "ERROR"
    flaw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOff(Record):
    """This machine's clock disagrees with a service's.

    Attributes:
        behind_s: by how many seconds it is behind; less than zero: ahead.
        compared_with: whose clock.
    """

    message = "clock is off"
    metric = CLOCK_OFF
    level = "ERROR"
    behind_s: int
    compared_with: Literal["store", "Salesforce"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockWentBack(Record):
    """This machine's clock shows an earlier time than when the token in memory was confirmed; memory is not trusted."""

    message = "clock went back"
    metric = "ClockWentBack"
    level = "WARNING"
    services = ("token_broker",)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedElsewhere(Record):
    """Requests for AWS, keys and sealed tokens among them, go to a place that the function's environment names.

    Attributes:
        variable: the variable that names it.
        url: the place.
    """

    message = "AWS is asked elsewhere"
    metric = "AskedElsewhere"
    level = "WARNING"
    services = ("key_rotation", "token_broker", "token_keeper")
    variable: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailed(Record):
    """A request ended in an error.

    Attributes:
        error: its class name.
        cause: its sentence; an internal error's place in the code.
        remedy: what to do about it, as the caller was told.
    """

    message = "request refused"
    metric = "Failed"  # the class of the error follows
    level = "WARNING"
    error: str
    cause: str
    remedy: str = ""

    def counts(self) -> Mapping[str, int]:
        """Return the metric of its class of error."""
        return {f"{self.metric}{self.error}": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRefused(RequestFailed):
    """A request for a token ended in an error."""

    services = ("token_broker",)

    def counts(self) -> Mapping[str, int]:
        """Return the metric of its class of error, and whether a caller was let down."""
        return {f"{self.metric}{self.error}": 1, UNSERVED: int(self.error not in CALLERS_MISTAKES)}
