"""How a rotation stands: what a run answers, and what decides whether it goes on."""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """What is being done."""

    NONE = "none"  # no rotation, and none has ended yet
    CREATING = "creating"  # the pending version is being made
    SETTING = "setting"  # its certificate is being published, and deployed with an admin connection
    WAITING = "waiting"  # a person has to upload the certificate, or to repair something
    TESTING = "testing"  # logins with the new key
    FINISHING = "finishing"
    CANCELLING = "cancelling"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    VOID = "void"


ENDED = frozenset({Phase.NONE, Phase.FINISHED, Phase.CANCELLED, Phase.VOID})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the rotation of a connection stands.

    Attributes:
        connection: its name.
        phase: what is being done, or how it ended.
        next_at: epoch seconds before which nothing is due; None: it has ended.
        words: one or two sentences for a person: what happens, or has to be done.
        rotation: its token; empty: none.
        version: the pending version of the secret, or the last one.
        began_at: when it began.
        logins: logins in a row.
        refusals: refusals in a row: of a login, or of an org's administration.
        is_attended: a person uploads certificates; where none goes on and one could begin: would have to.
        app: of `status`, while a certificate is published: the API name of the app that is to have it; else empty.
        certificate: that certificate, PEM, as the secret has it; None where `app` is empty.
        has_moved: this call has changed anything, so the next may be due at once.
    """

    connection: str
    phase: Phase
    next_at: float | None = None
    words: str = ""
    rotation: str = ""
    version: str = ""
    began_at: float | None = None
    logins: int = 0
    refusals: int = 0
    is_attended: bool = False
    app: str = ""
    certificate: str | None = None
    has_moved: bool = False

    @property
    def is_open(self) -> bool:
        """There is a rotation that has not ended."""
        return self.phase not in ENDED
