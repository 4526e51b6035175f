"""A Salesforce org whose apps hold one certificate each, and let logins see a change of it after minutes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rotation.load.manners import Manner
from rotation.load.timeline import Timeline
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_values.secret import Secret

LOGIN_S, SILENCE_S = 0.3, 5.0
SESSION_S = 900.0


@dataclass(slots=True)
class Org:
    """One org: its apps by consumer key, the sessions it has begun, and what it was asked for.

    Attributes:
        clock: time.
        manner: which key fits while a change is under way.
        propagation_s: how long a change takes to arrive.
        silent: spans of time, epoch seconds, in which it does not answer.
        logins: when each login was asked for, with the key id, and whether it was granted.
    """

    clock: Timeline
    manner: Manner
    propagation_s: float = 600.0
    silent: list[tuple[float, float]] = field(default_factory=list)
    logins: list[tuple[float, str, bool]] = field(default_factory=list)
    _changes: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    _ends: dict[str, float] = field(default_factory=dict)

    def behind_s(self) -> float | None:
        """Its clock is ours."""
        return 0.0

    def has_app(self, consumer_key: str, key_id: str) -> None:
        """Have an app for long, with this key's certificate."""
        self._changes[consumer_key] = [(self.clock.now() - self.propagation_s, key_id)]

    def key_of(self, consumer_key: str) -> str:
        """Return the key id of the certificate that Setup shows."""
        return self._changes[consumer_key][-1][1]

    def replace(self, consumer_key: str, key_id: str) -> None:
        """Replace an app's certificate by this key's."""
        self._changes[consumer_key].append((self.clock.now(), key_id))

    def takes(self, consumer_key: str, key_id: str) -> bool:
        """Return whether a login with a key may be granted: one of the states that logins meet now has it."""
        return key_id in self._met(consumer_key)

    def is_silent(self) -> bool:
        """Return whether it does not answer now."""
        return any(begin <= self.clock.now() < end for begin, end in self.silent)

    def lives(self, token: str) -> bool:
        """Return whether it takes a token."""
        return self._ends.get(token, 0.0) > self.clock.now()

    def exchange(self, connection: Connection, assertion: Secret) -> Mapping[str, Any]:
        """Answer a login."""
        if self.is_silent():
            self.clock.sleep(SILENCE_S)
            raise LoginFailed(REASONS["no_answer"])
        key_id = assertion.reveal().split()[1]
        fits = self.manner(self._met(connection.consumer_key)) == key_id
        self.logins.append((self.clock.now(), key_id, fits))
        self.clock.sleep(LOGIN_S)
        if not fits:
            raise LoginFailed(REASONS["wrong_key"])
        return self._session()

    def _met(self, consumer_key: str) -> list[str]:
        """Return the keys of the states that logins may meet now, the oldest first."""
        changes, now = self._changes[consumer_key], self.clock.now()
        arrived = max(place for place, (at, _) in enumerate(changes) if at + self.propagation_s <= now)
        return [known for _, known in changes[arrived:]]

    def _session(self) -> Mapping[str, Any]:
        token = f"00Dxx0000000001!token-{len(self.logins)}"
        self._ends[token] = self.clock.now() + SESSION_S
        return {
            "access_token": token,
            "instance_url": "https://acme.my.salesforce.com",
            "id": "https://login.salesforce.com/id/00Dxx0000000001EAA/005xx000001Sv6AAAS",
            "token_type": "Bearer",
            "scope": "api",
            "issued_at": str(int(self.clock.now() * 1000)),
        }
