"""One call of a function, as its caller saw it, and what is wrong with its answer."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sfmint_local.promises import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call. Instants are epoch seconds of a clock that is not off.

    Attributes:
        caller: who called.
        connection: for which connection.
        event: the payload.
        began: when it was sent.
        ended: when its answer had arrived.
        took_s: seconds in the handler.
        frozen_from: when the environment was stopped first during the call; None: never.
        frozen_s: for how long it stood still during the call.
        answer: as Lambda hands it on.
    """

    caller: str
    connection: str
    event: Mapping[str, Any]
    began: float
    ended: float
    took_s: float
    frozen_from: float | None = None
    frozen_s: float = 0.0
    answer: Mapping[str, Any] = field(repr=False)  # it may hold a token

    @property
    def error(self) -> str | None:
        """The name of the error, or None where there is an answer."""
        return self.answer.get("errorType")

    @property
    def action(self) -> str:
        """What was asked for."""
        return str(self.event.get("action", "get_token"))

    @property
    def rejected(self) -> str | None:
        """The fingerprint of the token that the caller reports as refused."""
        return self.event.get("rejected")

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint of the token that was served, computed from the token."""
        token = self.answer.get("access_token")
        return fingerprint_of(token) if isinstance(token, str) else None

    @property
    def decided_at(self) -> float:
        """Until when the environment may have taken its decision at the least: who stands still answers late."""
        return self.ended if self.frozen_from is None else max(self.began, self.frozen_from)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongAnswer:
    """An answer that must not be, or something else that must not.

    Attributes:
        promise: which one it breaks.
        detail: how.
        call: the call; it does not show the token.
    """

    promise: Promise
    detail: str
    call: Call | None = None

    def __str__(self) -> str:
        call = self.call
        if call is None:
            return f"{self.promise.value}: {self.detail}"
        return (
            f"{self.promise.value}: {self.detail}; {call.caller} asked {call.connection} {dict(call.event)} at {call.began:.3f}, was"
            f" answered at {call.ended:.3f} after {call.took_s:.3f} s, {call.frozen_s:.1f} s of it frozen, with"
            f" {call.error or call.fingerprint or 'no token'}"
        )


def fingerprint_of(token: str) -> str:
    """Return the first 16 hex digits of SHA-256 of the access token."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]
