"""What a rotation asks of the world; adapters answer.

Where a method says nothing else it raises `sfmint.errors.CacheUnavailable` if AWS does not answer or refuses (`denied`), and the
call may then have been carried out, or be carried out later. Every method may be called again with the same arguments.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from key_rotation.logins import NoLogin, Tried
from key_rotation.note import Note
from key_rotation.versions import Versions
from sfmint.salesforce.connection import Connection
from sfmint_values.secret import Secret


class StageMovedError(Exception):
    """AWS has refused to move a label, for it is not where it was said to be: nothing was changed."""


class SetupRefusedError(Exception):
    """The org, or the admin connection, has refused for good, or what was found forbids it: nothing was changed.

    Attributes:
        cause: one sentence, redacted.
        remedy: one sentence.
    """

    def __init__(self, cause: str, *, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}")
        self.cause = cause
        self.remedy = remedy


class SetupUnansweredError(Exception):
    """The org gave no answer: what was asked for may have been done, or be done later."""


class Clock(Protocol):
    """Time."""

    def now(self) -> float:
        """Return epoch seconds."""


class Secrets(Protocol):
    """The secret of a connection in Secrets Manager."""

    def describe(self, connection: str) -> Versions:
        """Return which version has which labels.

        Raises:
            ConnectionNotFound: there is no secret, or it is scheduled for deletion.
        """

    def text(self, connection: str, version: str) -> Secret | None:
        """Return what a version holds; None: it is empty, or there is none."""

    def put(self, connection: str, version: str, text: Secret) -> None:
        """Write a version under the id given (ClientRequestToken), with the label SFMINT_NEXT and no other that moves.

        A version that holds something already stays as it is, whatever it holds: whoever calls reads it back. A version that
        has AWSPENDING, as Secrets Manager stages an empty one, keeps it.
        """

    def move(self, connection: str, label: str, *, to: str | None, off: str | None) -> None:
        """Move a label (UpdateSecretVersionStage); with `to` alone only where no version has it.

        Where it is as wanted already (`to` has it, or with `off` alone that has it no more), nothing happens.

        Raises:
            StageMovedError: the label is neither where `off` says nor where `to` says. Nothing was changed.
        """


class Notes(Protocol):
    """The notes of rotations, `/sfmint/STACK/rotations/CONNECTION`, and published certificates, in Parameter Store."""

    def find(self, connection: str) -> Note | None:
        """Return the last revision of a connection's note."""

    def put(self, connection: str, note: Note) -> bool:
        """Write the revision `note.revision + 1`, if `note.revision` is the last one (0: there is none).

        Returns:
            False: somebody else was first, and nothing was changed. Where no answer came the note may have been written; and
            False may be said of one's own write that was repeated: whoever reads again sees.
        """

    def published(self, connection: str) -> str | None:
        """Return the certificate that is published, PEM."""

    def publish(self, connection: str, certificate: str) -> None:
        """Publish a certificate at `/sfmint/STACK/connections/CONNECTION/next-certificate`, in place of any other."""

    def withdraw(self, connection: str) -> None:
        """Take away what is published."""


class Keeper(Protocol):
    """token_keeper: it logs in, out of the connection's budget and from the stack's network."""

    def refresh(self, connection: str, *, ahead_s: int) -> NoLogin | None:
        """Have the row's token be good for some time; the broker's choice of keys applies. Nothing is raised.

        Returns:
            None: it is. Else why not: callers are served as before.
        """

    def try_login(self, connection: str, stage: Literal["AWSCURRENT", "AWSPENDING"]) -> Tried:
        """Log in once with the version that has a label. Nothing is raised: what AWS says is unanswered too."""

    def org_of(self, connection: str) -> str | None:
        """Return the id of the org that the row's token is of; None: there is none, or nobody knows."""

    def minted_by(self, connection: str) -> str | None:
        """Return the id of the key that minted the row's token; None: there is none, or nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A new key and its certificate, both PEM."""

    private_key: Secret
    certificate: str = field(repr=False)


class Keys(Protocol):
    """Keys and certificates. A certificate made here is self-signed and holds for 365 days."""

    def new_pair(self, connection: Connection) -> KeyPair:
        """Return a new pair for a connection: RSA 2048, or 4096 where its present key is that."""

    def key_id(self, connection: Connection) -> str:
        """Return the id of a connection's key: 16 hex digits.

        Raises:
            InvalidCredentials: it cannot be used.
        """

    def certificate(self, connection: Connection) -> str:
        """Return a certificate of a connection's present key, PEM, exactly one.

        It is the one that is stored with the key, out of whatever stands around it there; or a new one, where there is none
        or it has ended.

        Raises:
            InvalidCredentials: the key cannot be used.
        """

    def certificate_by_kms(self, name: str, arn: str) -> str:
        """Return a new certificate of a key in KMS, PEM.

        Raises:
            InvalidCredentials: it cannot be used.
        """

    def certified_key_id(self, certificate: str) -> str | None:
        """Return the id of the key that a certificate is of; None: it cannot be read."""

    def is_named(self, certificate: str, name: str) -> bool:
        """Return whether a certificate was made here, for the connection of a name: its subject says so."""

    def is_had(self, connection: Connection) -> bool:
        """Return whether the key that signs for a connection is that of its certificate, which anybody may have.

        Raises:
            InvalidCredentials: the key cannot be used.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class AppAsked:
    """An app in an org, and who may change it.

    Attributes:
        admin: the admin connection.
        app: the app's API name.
        consumer_key: that it has to have: another app is never changed.
        org_id: of the org in which it is, 15 or 18 characters; None: nobody knows. A sandbox has the apps of its production
            org, with the same names and consumer keys.
    """

    admin: str
    app: str
    consumer_key: str
    org_id: str | None = None


class Apps(Protocol):
    """Apps in Setup, through an admin connection.

    Every method raises `SetupRefusedError` (there is no such app or admin connection, it has another consumer key, a right is
    missing, the deployment failed) or `SetupUnansweredError`.
    """

    def check(self, asked: AppAsked) -> None:
        """Raise `SetupRefusedError` if the admin connection does not exist in the stack; the org is not asked."""

    def certificate(self, asked: AppAsked) -> str | None:
        """Return the certificate that the app has, PEM; None: it has none, or the org does not show it."""

    def replace(self, asked: AppAsked, certificate: str, *, meanwhile: Callable[[], None]) -> None:
        """Give the app another certificate, keep all else, and wait for the end of the deployment.

        Args:
            asked: the app.
            certificate: PEM.
            meanwhile: is called every few seconds while the deployment is waited for: it may stand in a queue for minutes.
        """


type Kind = Literal["upload", "deployed", "finished", "cancelled", "void", "put_back", "stuck"]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What people are told of a rotation.

    Attributes:
        kind: what has happened.
        words: one to three sentences.
        certificate: PEM, where somebody has to upload it.
    """

    kind: Kind
    connection: str
    words: str
    certificate: str | None = None


class Announcer(Protocol):
    """Tells people."""

    def say(self, news: News) -> bool:
        """Tell it; False: nobody could be told. Nothing is raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationPorts:
    """All that a rotation asks of the world, in one value."""

    clock: Clock
    secrets: Secrets
    notes: Notes
    keeper: Keeper
    keys: Keys
    apps: Apps
    announcer: Announcer
