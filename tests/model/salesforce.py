"""Salesforce in the model: sessions, and what it refuses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_testing.fakes import FakeSigners
from sfmint_values.secret import fingerprint_of

type Refusal = Callable[[Connection, int], str | None]
"""From who asks and the how-manieth login it is to the code of the reason for which it is refused."""


def key_id_of(connection: Connection) -> str:
    """Return the key id of a connection's key."""
    return FakeSigners().signer(connection).key_id


def token_named(number: int) -> str:
    """Return the token that Salesforce gives the how-manieth time, from 1."""
    return f"00Dxx0000000001!token-{number}"


def accept(connection: Connection, login: int) -> str | None:
    """Refuse nobody."""
    return None


def everybody(code: str) -> Refusal:
    """Refuse everybody."""
    return lambda connection, login: code


def first(code: str) -> Refusal:
    """Refuse the first login."""
    return lambda connection, login: code if login == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session: a token, until when it is good by itself, and the key that began it."""

    token: str
    began_at: float
    ends_at: float
    key_id: str
    ended: bool = False


@dataclass(slots=True)
class Salesforce:
    """One org and one user.

    Attributes:
        refuse: whom it refuses, and why.
        same_session: it hands out the session that lives, as some orgs do.
        logins: how many it has been asked for.
    """

    refuse: Refusal
    same_session: bool
    logins: int = 0
    sessions: list[Session] = field(default_factory=list)

    def login(self, connection: Connection, now: float) -> Mapping[str, Any]:
        """Return a token answer.

        Raises:
            LoginFailed: it refuses.
        """
        self.logins += 1
        if code := self.refuse(connection, self.logins):
            raise LoginFailed(REASONS[code])
        last = self.sessions[-1] if self.sessions else None
        if not (self.same_session and last and not last.ended and last.ends_at > now):
            token, ends_at = token_named(len(self.sessions) + 1), now + connection.lifetime_s
            last = Session(token=token, began_at=now, ends_at=ends_at, key_id=key_id_of(connection))
            self.sessions.append(last)
        return {
            "access_token": last.token,
            "instance_url": "https://acme.my.salesforce.com",
            "id": "https://login.salesforce.com/id/00Dxx0000000001EAA/005xx000001Sv6AAAS",
            "token_type": "Bearer",
            "scope": "api",
            "issued_at": str(int(last.began_at * 1000)),
        }

    def session(self, fingerprint: str) -> Session:
        """Return the session whose token has this fingerprint."""
        return next(each for each in self.sessions if fingerprint_of(each.token) == fingerprint)
