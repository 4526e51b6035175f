"""How a rotation stands, as the function tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sfmint.lifetime import is_instant
from sfmint.salesforce.access_token import iso8601
from sfmint_cli.instants import instant_of
from sfmint_cli.result import Facts, Failed

NONE, CREATING, SETTING, WAITING, TESTING = "none", "creating", "setting", "waiting", "testing"
FINISHING, CANCELLING, FINISHED, CANCELLED, VOID = "finishing", "cancelling", "finished", "cancelled", "void"
MOST_REFUSALS = 5  # in a row, with growing pauses a quarter of an hour: a change of an app has arrived by then
# What a phase means: docs/rotation.md shows it, and a person is told it where the function says nothing else.
MEANINGS = {
    NONE: "No rotation has begun yet.",
    CREATING: "The new key is being made.",
    SETTING: "Callers are given a token that outlasts the change, and the new certificate is published.",
    WAITING: "The certificate of the new key has to be uploaded to the app.",
    TESTING: "The stack logs in with the new key, until five logins in a row over five minutes have succeeded.",
    FINISHING: "The new key becomes the current one.",
    CANCELLING: "The old key is to go on: the stack sees that it logs in.",
    FINISHED: "The new key is the current one. For half an hour after the change the one before is a way back.",
    CANCELLED: "The last rotation was cancelled: the old key goes on.",
    VOID: "The last rotation is void: somebody has stored another login meanwhile, which goes on.",
}
_ENDED = frozenset({NONE, FINISHED, CANCELLED, VOID})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the rotation of a connection stands.

    Attributes:
        phase: what is being done, or how it ended; `waiting`: for a person.
        words: one or two sentences for a person.
        next_at: epoch seconds before which nothing is due; None: nothing is.
        began_at: epoch seconds.
        version: the pending version of the secret, or the last one; empty: none.
        logins: in a row, with the key that is waited for.
        refusals: in a row.
        is_attended: a person uploads certificates.
        app: of `status`: the API name of the app that is to have the certificate; empty: none is published.
        certificate: that certificate, PEM; None where `app` is empty.
        has_moved: the call has changed something, so the next one may be due at once.
    """

    phase: str
    words: str
    next_at: float | None = None
    began_at: float | None = None
    version: str = ""
    logins: int = 0
    refusals: int = 0
    is_attended: bool = False
    app: str = ""
    certificate: str | None = None
    has_moved: bool = False

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """Return what an answer of the function says.

        Raises:
            Failed: it is none.
        """
        phase, words, certificate = said.get("phase"), said.get("words"), said.get("certificate")
        if not isinstance(phase, str) or not isinstance(words, str):
            raise Failed(
                "The function that rotates keys gave an answer that this program does not know.",
                remedy="Use the program and the stack of one version (make deploy).",
                name="StackTooOld",
            )
        return cls(
            phase=phase,
            words=words or MEANINGS.get(phase, ""),
            next_at=_instant(said.get("next_at")),
            began_at=_instant(said.get("began_at")),
            version=str(said.get("version") or ""),
            logins=_count(said.get("logins")),
            refusals=_count(said.get("refusals")),
            is_attended=said.get("is_attended") is True,
            app=str(said.get("app") or ""),
            certificate=certificate if isinstance(certificate, str) else None,
            has_moved=said.get("has_moved") is True,
        )

    @property
    def is_open(self) -> bool:
        """There is a rotation that has not ended."""
        return self.phase not in _ENDED

    @property
    def is_begun(self) -> bool:
        """What begins a rotation is done: its certificate is published or deployed, or it has ended."""
        return self.phase not in (CREATING, SETTING) and not (self.phase == WAITING and self.has_moved)

    @property
    def waits(self) -> bool:
        """It waits for a person; where the call has changed something, the next one may find more to do."""
        return self.phase == WAITING and not self.has_moved

    @property
    def waits_for_upload(self) -> bool:
        """A person has to upload a certificate: the new one, or when cancelling the old one again."""
        is_refused = self.phase == CANCELLING and self.refusals > 0
        return self.is_attended and (self.waits or is_refused)

    @property
    def is_stuck(self) -> bool:
        """It has been refused for so long that somebody should look."""
        return self.is_open and self.refusals >= MOST_REFUSALS

    @property
    def progress(self) -> tuple[str, int]:
        """What changes with each step forward."""
        return self.phase, self.logins

    def to_facts(self) -> Facts:
        """Return it for a person or a program."""
        return {
            "phase": self.phase,
            "what": self.words,
            "began_at": None if self.began_at is None else iso8601(self.began_at),
            "next_at": None if self.next_at is None else iso8601(self.next_at),
            "version": self.version or None,
            "logins": self.logins,
            "refusals": self.refusals,
        }


def _instant(value: object) -> float | None:
    """Return an instant that the function tells: epoch seconds, or ISO 8601."""
    if isinstance(value, int | float) and is_instant(value) and value >= 0:
        return float(value)
    return instant_of(value)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
