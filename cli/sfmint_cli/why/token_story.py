"""What became of one token: what the row and the lines that name its fingerprint say of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sfmint.errors import RejectionLimited
from sfmint_cli.status.rows import Row
from sfmint_cli.storing_command import storing
from sfmint_cli.why.calls import Explained
from sfmint_cli.why.log_line import LogLine

MINTED, REJECTED = "token minted", "token rejected by Salesforce"
_ENDED_BY_ORG = (
    "nothing, if it happens once: SalesforceAuth and RestClient get another token by themselves",
    "if it happens again and again, look for what ends sessions: a log-out of this user, or IP rules of the profile",
    "compare token_lifetime in the secret with the session time-out of the app",
)
_OVER = ("ask for a token before each request, with SalesforceAuth or TokenClient, and keep none yourself",)
_REPORT = (
    "send it to its instance_url only",
    "report it: get_token with this fingerprint in the field rejected, as SalesforceAuth and RestClient do",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenStory:
    """One token.

    Attributes:
        connection: whose it should be.
        fingerprint: its name.
        row: the connection's; None: it could not be read.
        lines: of the connection, in the order of time; those that name the token, and what happened around them.
        now: epoch seconds.
    """

    connection: str
    fingerprint: str
    row: Row | None
    lines: Sequence[LogLine]
    now: float

    @property
    def minted(self) -> LogLine | None:
        """The login that gave it."""
        return next((line for line in self._own if line.message == MINTED), None)

    @property
    def rejected(self) -> LogLine | None:
        """When a caller first reported it as refused."""
        return next((line for line in self._own if line.message == REJECTED), None)

    @property
    def successor(self) -> LogLine | None:
        """The login that gave the next token."""
        after = self.minted.at if self.minted else self._own[0].at if self._own else None
        later = (line for line in self.lines if after is not None and line.at > after and line.message == MINTED)
        return next((line for line in later if line.text("fingerprint") != self.fingerprint), None)

    @property
    def other_connection(self) -> str:
        """The connection whose it is, if it is another's; empty: it is the connection's own, or nobody's."""
        if self.is_of_row or any(line.connection == self.connection for line in self._own):
            return ""
        return next((line.connection for line in self._own if line.connection), "")

    @property
    def _own(self) -> list[LogLine]:
        return [line for line in self.lines if line.text("fingerprint") == self.fingerprint]

    @property
    def is_of_row(self) -> bool:
        """Whether it is the token that stands on the row."""
        return self.row is not None and self.row.fingerprint == self.fingerprint

    @property
    def key_id(self) -> str:
        """The key that logged in for it; empty: unknown."""
        if self.is_of_row and self.row and self.row.key_id:
            return self.row.key_id
        return self.minted.text("key_id") if self.minted else ""

    def is_known(self) -> bool:
        """Return whether row or logs know it."""
        return bool(self._own) or self.is_of_row or (self.row is not None and self.row.rejected == self.fingerprint)

    def explain(self) -> list[Explained]:
        """Return why it is not good any more, or was refused all the same: each reason that is known, the surest first."""
        return list(self._reasons()) or [self._unexplained()]

    def _reasons(self) -> Iterator[Explained]:
        row = self.row
        if (row and self.key_id in row.tainted_keys) or self._after("key tainted", key_id=self.key_id):
            yield Explained(
                cause=f"The key that logged in for it, {self.key_id}, is barred.",
                steps=(self._another_key(),),
                name="tainted",
            )
        if self._after("token flushed"):
            yield Explained(
                cause="An operator dropped it (flush): brokers hand it out no more, 30 s after that.", name="flushed"
            )
        if self._is_kept:
            yield Explained(
                cause="Callers reported it, as fresh ones before it, so it was kept: the fault is not the token.",
                steps=(RejectionLimited.usual_remedy,),
                name="limited",
            )
        elif self.rejected or (row and row.rejected == self.fingerprint):
            yield Explained(
                cause="A caller reported that Salesforce refuses it: most often its session was ended there before its time.",
                steps=_ENDED_BY_ORG,
                name="rejected",
            )
        if self.is_of_row and row and row.expires_at is not None and row.expires_at <= self.now:
            yield Explained(cause="Its time is over: it has expired.", steps=_OVER, name="expired")
        elif self.successor:
            yield Explained(
                cause="It is an old one: another token took its place, and it ends with its own time.",
                steps=_OVER,
                name="replaced",
            )

    def _another_key(self) -> str:
        add = storing(self.row.name if self.row else "NAME")
        return f"make another key, upload its certificate, and store it: {add}"

    @property
    def _is_kept(self) -> bool:
        """Whether it was reported, and never dropped for it."""
        outcomes = {line.text("outcome") for line in self._own if line.message == REJECTED}
        return bool(outcomes) and outcomes <= {"limited"} and not (self.row and self.row.rejected == self.fingerprint)

    def _after(self, message: str, **fields: str) -> bool:
        since = self.minted.at if self.minted else 0.0
        until = self.successor.at if self.successor and not fields else self.now
        return any(
            line.message == message
            and since <= line.at <= until
            and all(line.text(name) == fields[name] for name in fields)
            for line in self.lines
        )

    def _unexplained(self) -> Explained:
        if self.is_of_row and self.row and self.row.is_served(self.now):
            return Explained(
                cause="sfmint knows nothing against it: it is the token that is served now, and nobody has reported it.",
                steps=_REPORT,
                name="served",
            )
        return Explained(
            cause="sfmint knows nothing against it, but it is not the token that is served now.",
            steps=_OVER,
            name="not_current",
        )
