"""What a run finds before it acts, and what has happened meanwhile that nobody told it."""

from dataclasses import dataclass

from key_rotation.note import Decision, Note
from key_rotation.use_case.credentials import Credentials, follows, read
from key_rotation.use_case.version_ids import version_id
from key_rotation.use_case.work import Work
from key_rotation.versions import CURRENT, NEXT, PENDING, PREVIOUS, Versions
from sfmint.errors import ConnectionNotFound, InvalidCredentials
from sfmint.salesforce.credential_fault import CredentialFault

MOST_VERSIONS = 20  # that a note remembers


class StuckError(Exception):
    """Nothing can be decided until a person has changed something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The secret, as it was read once.

    Attributes:
        versions: which version has which labels.
        at_current: the version that is AWSCURRENT.
        current: what it says.
        pending: what the rotation's version says; None: it is not written yet.
    """

    versions: Versions
    at_current: str
    current: Credentials
    pending: Credentials | None

    @property
    def tainted(self) -> frozenset[str]:
        """The keys that may not log in, by either version."""
        barred = self.current.connection.tainted_keys
        return barred if self.pending is None else barred | self.pending.connection.tainted_keys

    @property
    def is_pending_tainted(self) -> bool:
        """The new key must not log in."""
        return self.pending is not None and self.pending.key_id in self.tainted

    @property
    def is_current_tainted(self) -> bool:
        """The old key must not log in."""
        return self.current.key_id in self.tainted

    def is_made(self, version: str) -> bool:
        """Return whether a rotation has made a version, or Secrets Manager for one: a label says so, a note may be forged."""
        return bool(self.versions.labels.get(version, frozenset()) & {NEXT, PENDING})

    def has_successor(self, version: str) -> bool:
        """Return whether a version is what a rotation has made of the current one."""
        return self.pending is not None and self.is_made(version) and follows(self.pending, self.current)


def look(work: Work) -> Seen:
    """Return what there is.

    Raises:
        StuckError: the current version cannot be read, so nothing can be told from it.
    """
    try:
        versions = work.ports.secrets.describe(work.name)
    except ConnectionNotFound as error:
        raise StuckError(error.cause) from None  # it may be restored, and then nothing is lost
    at_current = versions.at(CURRENT)
    current = None if at_current is None else credentials_of(work, at_current)
    if at_current is None or current is None:
        raise StuckError("The secret has no current version that holds anything.")
    return Seen(
        versions=versions,
        at_current=at_current,
        current=current,
        pending=credentials_of(work, work.note.version) if work.note.version != at_current else current,
    )


def credentials_of(work: Work, version: str) -> Credentials | None:
    """Return what a version says; None: it holds nothing.

    Raises:
        StuckError: it cannot be used.
    """
    text = work.ports.secrets.text(work.name, version)
    if text is None:
        return None
    try:
        return read(work.name, text, work.listed, work.ports.keys)
    except CredentialFault as fault:
        raise StuckError(fault.to_error(work.name).cause) from None
    except InvalidCredentials as error:
        raise StuckError(error.cause) from None


def meanwhile(work: Work, seen: Seen) -> Note | None:
    """Note what others have done to the secret, where it changes how the rotation goes on; None: nothing."""
    note = work.note
    if note.decision is Decision.VOID or (note.decision is Decision.FINISH and note.is_promoted):
        return None
    if seen.pending is not None and seen.current.login == seen.pending.login:
        return _promoted(work)
    if seen.at_current != note.base:
        return _edited(work, seen)
    if note.decision is Decision.FINISH and seen.versions.at(PREVIOUS) in note.versions:
        return work.decide(Decision.VOID, "Somebody has put back the credentials of before.")
    if note.decision is not Decision.CANCEL:
        return _hindered(work, seen)
    return None


def _promoted(work: Work) -> Note:
    if work.note.decision is Decision.CANCEL:
        return work.decide(
            Decision.VOID,
            "Somebody has made the new key the current one while the rotation was being cancelled: check that the app"
            " holds its certificate.",
        )
    why = work.note.reason if work.note.decision else "Somebody has made the new key the current one."
    return work.decide(Decision.FINISH, why, is_promoted=True)


def _edited(work: Work, seen: Seen) -> Note:
    """Somebody has changed the secret: the same credentials with other words beside them, or other credentials."""
    note = work.note
    if seen.current.login != note.login:
        return work.decide(Decision.VOID, "Somebody has stored other credentials meanwhile.")
    base = {"base": seen.at_current, **seen.current.noted()}
    if note.decision is Decision.CANCEL or seen.pending is None or follows(seen.pending, seen.current):
        return work.save(**base)
    is_set = note.set_at is not None or note.is_touched
    if is_set and seen.pending.connection.consumer_key != seen.current.next_consumer_key:
        why = "Somebody has changed meanwhile which apps take turns."
        return work.decide(Decision.CANCEL, why, **base)
    versions = (*note.versions, version_id(note.rotation, len(note.versions), seen.at_current))[-MOST_VERSIONS:]
    return work.save(versions=versions, **base, is_staged=False, logins=0, logins_since=None, next_at=0.0)


def _hindered(work: Work, seen: Seen) -> Note | None:
    if seen.is_pending_tainted:
        return work.decide(Decision.CANCEL, "The new key is tainted.")
    if work.note.decision is Decision.FINISH and work.note.is_staged and not seen.has_successor(work.note.version):
        return work.decide(Decision.CANCEL, "What was to become the current version is not what follows from it.")
    at_pending = seen.versions.at(PENDING)
    if work.note.decision is None and work.note.is_staged and at_pending != work.note.version:
        if at_pending in work.note.own:  # a call has arrived late
            return work.save(is_staged=False)
        return work.decide(Decision.CANCEL, "Somebody has taken AWSPENDING off the new credentials.")
    return None
