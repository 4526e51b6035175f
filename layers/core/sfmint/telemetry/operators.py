"""What is said of what operators do: the broker loads none of it."""

from dataclasses import dataclass

from sfmint.telemetry import Record


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
