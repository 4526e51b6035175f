"""Finish: the version that has logged in becomes the current one, and the one before may still log in for 30 minutes."""

from key_rotation.note import Note
from key_rotation.ports import News, StageMovedError
from key_rotation.use_case import pace
from key_rotation.use_case.look import Seen
from key_rotation.use_case.staging import stage
from key_rotation.use_case.voiding import clear
from key_rotation.use_case.work import Work
from key_rotation.versions import CURRENT
from sfmint.errors import CacheUnavailable
from sfmint.salesforce.grace import GRACE_S, grace_label


def finish(work: Work, seen: Seen) -> Note:
    """Do the next step of finishing."""
    if work.note.is_promoted:
        return _tidy(work, seen)
    if not work.note.is_staged:
        return stage(work, seen)
    return _promote(work, seen)


def _promote(work: Work, seen: Seen) -> Note:
    """Move AWSCURRENT, unless somebody has moved it; the grace begins before, so that it has no gap."""
    if not seen.is_current_tainted:
        _give_grace(work, seen)
    before = work.note
    held = work.hold(pace.LATE_CALL_S)
    try:
        work.ports.secrets.move(work.name, CURRENT, to=before.version, off=before.base)
    except StageMovedError:
        return held.release(before)
    except CacheUnavailable:
        held.save(hold_until=held.sent(pace.LATE_CALL_S))
        raise
    return held.release(before, is_promoted=True)


def _give_grace(work: Work, seen: Seen) -> None:
    least = work.now + pace.LEAST_GRACE_S
    if any(grace.version == seen.at_current and grace.ends_at >= least for grace in seen.versions.graces):
        return
    label = grace_label(work.now + GRACE_S)
    work.ports.secrets.move(work.name, label, to=seen.at_current, off=seen.versions.at(label))


def _tidy(work: Work, seen: Seen) -> Note:
    """Take away what only a rotation needs, then let callers have a token of the new key."""
    for grace in seen.versions.graces:
        if grace.version != work.note.base or grace.ends_at <= work.now:
            work.ports.secrets.move(work.name, grace.label, to=None, off=grace.version)
    clear(work, seen.versions)
    if work.is_held():
        return work.save(next_at=work.note.hold_until)
    work.ports.keeper.refresh(work.name, ahead_s=seen.current.connection.lifetime_s)
    words = f"The key {seen.current.key_id} is the current one now."
    work.ports.announcer.say(News(kind="finished", connection=work.name, words=words))
    return work.end()
