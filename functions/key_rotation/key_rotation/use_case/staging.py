"""Create: the new key lies in a version of its own, and that version is AWSPENDING.

A version is written once. Two runs that write it at the same time find afterwards the one key that came first. After an edit of
the secret another version follows, with the same key and what the edit says.
"""

from key_rotation.note import Decision, Note
from key_rotation.use_case.credentials import follows, next_key, successor
from key_rotation.use_case.hindrance import hindrance
from key_rotation.use_case.look import MOST_VERSIONS, Seen, StuckError, credentials_of
from key_rotation.use_case.version_ids import version_id
from key_rotation.use_case.work import OvertakenError, Work
from key_rotation.versions import PENDING
from sfmint.errors import InvalidCredentials


def stage(work: Work, seen: Seen) -> Note:
    """Write the pending version, and make it AWSPENDING."""
    note, secrets = work.note, work.ports.secrets
    if found := None if note.set_at is not None or note.is_touched else hindrance(seen.current, work.ports.apps):
        return work.decide(Decision.CANCEL, found[0])
    pending, versions = seen.pending, seen.versions
    if pending is not None and not seen.is_made(note.version):
        return work.decide(Decision.CANCEL, "No rotation has made the version that was to become the current one.")
    if pending is None:
        secrets.put(work.name, note.version, successor(seen.current, _key(work, seen)))
        pending, versions = credentials_of(work, note.version), secrets.describe(work.name)
    if pending is None or pending.key_id == seen.current.key_id:
        return work.decide(Decision.CANCEL, "The new key is the one that is in use.")
    if not follows(pending, seen.current):
        another = version_id(note.rotation, len(note.versions), seen.at_current)
        return work.save(versions=(*note.versions, another)[-MOST_VERSIONS:])
    at_pending = versions.at(PENDING)
    if at_pending != note.version:
        if at_pending not in (None, seen.at_current, *note.own):
            return work.decide(Decision.CANCEL, "Somebody else has staged credentials as AWSPENDING.")
        # It moves from where it was seen, or not at all.
        secrets.move(work.name, PENDING, to=note.version, off=at_pending)
    return work.save(is_staged=True, why="", next_at=0.0)


def _key(work: Work, seen: Seen) -> dict[str, object]:
    """Return the key's fields: those of a version before, or new ones."""
    for version in filter(seen.is_made, reversed(work.note.versions[:-1])):
        if (before := credentials_of(work, version)) is not None:
            return before.key_fields()
    if len(work.note.versions) > 1 and work.note.set_at is not None:
        raise OvertakenError  # its key is in the org, and cannot be made again
    try:
        return next_key(seen.current, work.ports.keys)
    except InvalidCredentials as error:
        raise StuckError(error.cause) from None
