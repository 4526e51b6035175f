"""The rows of a stack, as its keeper tells them: through an alias that answers nothing else, so an observer may ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from sfmint.salesforce.login_failures.table import REASONS
from sfmint_cli.instants import instant_of
from sfmint_cli.keeper import ask
from sfmint_cli.result import Failed
from sfmint_values.alias_arn import OBSERVE
from sfmint_values.aws_codes import shown_code
from sfmint_values.connection_name import is_connection_name
from sfmint_values.redaction import redacted
from sfmint_values.secret import is_fingerprint
from sfmint_values.vocabulary import REST

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LONGEST_TEXT = 300
LONGEST_BUILD = 64  # as the template's parameter BuildId


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failed login that a row remembers: until then nobody logs in.

    Attributes:
        error: the class of error that callers meet.
        reason: its code; empty: none.
        cause: one sentence.
        remedy: one sentence.
        count: of failures in a row.
        until: epoch seconds.
    """

    error: str
    reason: str
    cause: str
    remedy: str
    count: int
    until: float | None

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """Return what a row's status says of it."""
        told = Failed.told(_code(said.get("error")), _text(said.get("message")))
        return cls(
            error=told.name,
            reason=_reason(said.get("reason")),
            cause=told.cause,
            remedy=told.remedy,
            count=_count(said.get("count")),
            until=instant_of(said.get("until")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a row says; times are epoch seconds, and what it does not say is None.

    Attributes:
        name: the connection's.
        fence: how many leases were granted.
        fingerprint: of its token.
        key_id: of the key that logged in for it.
        soft_expiry: from then on the token is refreshed.
        expires_at: from then on it is not served.
        leased_until: somebody is logging in until then at most.
        rejected: the fingerprint that callers reported last.
        reject_count: tokens that were reported in ten minutes.
        tainted_keys: the keys that the row bars.
        failure: what is remembered of a failed login.
        looked_at: when the schedule last looked at it.
        unread: why the keeper could not read the row.
    """

    name: str
    fence: int = 0
    fingerprint: str | None = None
    key_id: str | None = None
    issued_at: float | None = None
    soft_expiry: float | None = None
    expires_at: float | None = None
    leased_until: float | None = None
    rejected: str | None = None
    reject_count: int = 0
    certificate_until: float | None = None
    tainted_keys: tuple[str, ...] = ()
    failure: Failure | None = None
    looked_at: float | None = None
    unread: Failed | None = None

    @classmethod
    def read(cls, name: str, said: Mapping[str, Any]) -> Self:
        """Return a row from the keeper's answer."""
        if "error" in said:
            return cls(name=name, unread=Failed.told(_code(said["error"]), _text(said.get("message"))))
        failure = said.get("failure")
        return cls(
            name=name,
            fence=_count(said.get("fence")),
            fingerprint=_id(said.get("fingerprint")),
            key_id=_id(said.get("key_id")),
            issued_at=instant_of(said.get("issued_at")),
            soft_expiry=instant_of(said.get("soft_expiry")),
            expires_at=instant_of(said.get("expires_at")),
            leased_until=instant_of(said.get("leased_until")),
            rejected=_id(said.get("rejected")),
            reject_count=_count(said.get("reject_count")),
            certificate_until=instant_of(said.get("certificate_until")),
            tainted_keys=tuple(filter(None, map(_id, _list(said.get("tainted_keys"))))),
            failure=Failure.read(failure) if isinstance(failure, dict) else None,
            looked_at=instant_of(said.get("looked_at")),
        )

    def is_served(self, now: float) -> bool:
        """Return whether its token may be handed out."""
        is_good = self.fingerprint is not None and self.fingerprint != self.rejected
        return is_good and self.expires_at is not None and now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """All rows, and the build that has told them.

    Attributes:
        build: what `make deploy` has put there; empty: a plain deploy.
        rows: by connection, in the order of the stack.
    """

    build: str
    rows: Mapping[str, Row]

    @classmethod
    def ask(cls, client: "LambdaClient", keeper: str, connection: str | None = None) -> Self:
        """Ask the keeper.

        Args:
            client: of Lambda.
            keeper: the ARN of the keeper's alias `live`.
            connection: for one only.

        Raises:
            Failed: Lambda or the keeper refuses, or does not answer.
        """
        event = {"action": "status", **({"connection": connection} if connection else {})}
        said = ask(client, observing(keeper), event)
        rows = said.get("connections")
        found = rows.items() if isinstance(rows, dict) else ()
        return cls(
            build=build_of(said.get("build")),
            rows={
                name: Row.read(name, row) for name, row in found if isinstance(row, dict) and is_connection_name(name)
            },
        )

    def of(self, names: Iterable[str]) -> Self:
        """Return them with a row for each of these connections, in this order: what the keeper left out is unreadable."""
        wanted = {name: self.rows.get(name) or Row(name=name, unread=_left_out()) for name in names}
        return replace(self, rows={**wanted, **{name: row for name, row in self.rows.items() if name not in wanted}})


def build_of(said: object) -> str:
    """Return the id of a build as it stands, for a redactor would take it for a secret; what is no id is none."""
    return said if isinstance(said, str) and len(said) <= LONGEST_BUILD and said.isascii() and said.isalnum() else ""


def observing(keeper: str) -> str:
    """Return the ARN of the alias that answers `status` alone, from that of the keeper's alias `live`."""
    return f"{keeper.rpartition(':')[0]}:{OBSERVE}"


def _left_out() -> Failed:
    remedy = "Deploy the stack anew (make deploy): its keeper knows other connections than the stack has."
    return Failed("The keeper's answer leaves it out.", remedy=remedy, name="LeftOut")


def _code(said: object) -> str:
    return shown_code(said) if isinstance(said, str) else ""


def _reason(said: object) -> str:
    return said if isinstance(said, str) and said in REASONS else ""


def _text(said: object) -> str:
    return redacted(said, LONGEST_TEXT, vocabulary=REST) if isinstance(said, str) else ""


def _id(said: object) -> str | None:
    return said if isinstance(said, str) and is_fingerprint(said) else None


def _count(said: object) -> int:
    return said if isinstance(said, int) else 0


def _list(said: object) -> list[object]:
    return said if isinstance(said, list) else []
