"""Cancel: the app gets the certificate of the old key back, and the new key stays a candidate until the old one logs in again."""

from key_rotation.logins import LoggedIn, LoginRefused, LoginUnanswered, LoginUnusable
from key_rotation.note import Note
from key_rotation.ports import News, SetupRefusedError
from key_rotation.use_case import pace
from key_rotation.use_case.look import Seen
from key_rotation.use_case.setting import announced, asked_of, certificate_of, deploy, publish
from key_rotation.use_case.testing import are_enough, one_more, try_login
from key_rotation.use_case.voiding import clear
from key_rotation.use_case.work import Work
from key_rotation.versions import NEXT, PENDING


def cancel(work: Work, seen: Seen) -> Note:
    """Do the next step of cancelling."""
    if work.is_held():  # a deployment may be under way, after which everything is as it was before
        return work.save(next_at=work.note.hold_until)
    _withdraw_new(work, seen)
    wanted = _logins_wanted(work, seen)
    if wanted == 0:
        return _clear_resting(work, seen) or _end(work, seen)
    if seen.is_current_tainted:
        why = (
            "The old key is tainted, so there is no way back to it: store other credentials with sfmint connection add."
        )
        return work.wait(pace.LOOK_AGAIN_S, why, announced=_stuck(work, why))
    _keep_candidate(work, seen)
    if work.note.is_touched and work.note.returned_at is None:
        return _return_certificate(work, seen)
    arrived_at = max(work.note.decided_at or 0.0, work.note.returned_at or 0.0) + pace.PROPAGATION_S
    if work.now < arrived_at:  # until then the old key may log in although its certificate is not the last to arrive
        return work.save(next_at=arrived_at)
    return _log_in(work, seen, wanted)


def _withdraw_new(work: Work, seen: Seen) -> None:
    """Let nobody upload the new certificate any more."""
    there = work.ports.notes.published(work.name)
    if there is not None and work.ports.keys.certified_key_id(there) != seen.current.key_id:
        work.ports.notes.withdraw(work.name)


def _logins_wanted(work: Work, seen: Seen) -> int:
    """Return how many logins have to show that the old key logs in: none where its app was never touched."""
    note, pending = work.note, seen.pending
    if pending is None or not pending.shares_app(seen.current):
        return 0
    if seen.is_pending_tainted and seen.is_current_tainted:
        return 0  # no key may log in, whatever the app holds
    if note.is_touched or note.is_wanted or note.has_logged_in:
        return pace.LOGINS_WANTED
    # A certificate may have been published, and a person have uploaded it, though nobody has noted it.
    return 1 if note.is_staged and seen.current.is_attended else 0


def _clear_resting(work: Work, seen: Seen) -> Note | None:
    """Take the new key's certificate out of the app that rests, for the key may have leaked; None: it is, or cannot be.

    The present key's takes its place: an app without one could not be told from somebody else's by the next rotation.
    """
    admin = seen.current.turns.admin_connection
    if admin is None or seen.pending is None or not _may_rest_with_new(work, seen) or seen.is_current_tainted:
        return None
    asked = asked_of(work, seen.pending, admin)
    try:
        there = work.ports.apps.certificate(asked)
        if there is None or work.ports.keys.certified_key_id(there) != seen.pending.key_id:
            return work.save(returned_at=work.now)
        return deploy(work, asked, certificate_of(work, seen.current), returned_at=work.now, next_at=0.0)
    except SetupRefusedError:
        return None


def _may_rest_with_new(work: Work, seen: Seen) -> bool:
    """Return whether the app that rests may hold the certificate of the new key."""
    rests = seen.pending is not None and not seen.pending.shares_app(seen.current)
    may_hold = work.note.is_touched or (work.note.set_at is not None and seen.current.is_attended)
    return rests and may_hold and work.note.returned_at is None


def _keep_candidate(work: Work, seen: Seen) -> None:
    """Stage the new key again where somebody has taken AWSPENDING off: the app may hold its certificate only."""
    is_ours = seen.versions.at(NEXT) == work.note.version
    if is_ours and seen.versions.at(PENDING) is None and not seen.is_pending_tainted:
        work.ports.secrets.move(work.name, PENDING, to=work.note.version, off=None)


def _return_certificate(work: Work, seen: Seen) -> Note:
    if (admin := seen.current.turns.admin_connection) is None:
        return work.save(returned_at=work.now, announced=_ask_for_upload(work, seen))
    asked = asked_of(work, seen.current, admin)
    try:
        there = work.ports.apps.certificate(asked)
        if there is not None and work.ports.keys.certified_key_id(there) == seen.current.key_id:
            return work.save(returned_at=work.now, next_at=0.0)
        return deploy(work, asked, certificate_of(work, seen.current), returned_at=work.now, next_at=0.0)
    except SetupRefusedError as refused:
        return _refused(work, f"The old certificate cannot be put back: {refused.cause}")


def _log_in(work: Work, seen: Seen, wanted: int) -> Note:
    work, outcome = try_login(work, seen.current)
    match outcome:
        case LoggedIn():
            is_last = wanted == 1 or are_enough(work)
            return _end(work, seen) if is_last else work.save(**(one_more(work) | {"why": work.note.reason}))
        case LoginRefused() | LoginUnusable():
            said = outcome.words(f"the old key {seen.current.key_id}", seen.current.app)
            if seen.current.is_attended:
                told = _ask_for_upload(work, seen)
                return _refused(work, said, is_wanted=True, announced=told)
            return _refused(work, said, returned_at=None)
        case LoginUnanswered(said):
            return work.wait(pace.AFTER_OUTAGE_S, said)


def _refused(work: Work, why: str, **changes: object) -> Note:
    count = work.note.refusals + 1
    pause = pace.after_refusals(count, pace.LONGEST_PAUSE_OF_RETURN_S)
    told = {"announced": _stuck(work, why)} if count >= pace.REFUSALS_TOLD else {}
    return work.wait(pause, why, **({"refusals": count, "logins": 0, "logins_since": None} | told | changes))


def _stuck(work: Work, why: str) -> tuple[str, ...]:
    return announced(work, News(kind="stuck", connection=work.name, words=why))


def _ask_for_upload(work: Work, seen: Seen) -> tuple[str, ...]:
    certificate = certificate_of(work, seen.current)
    publish(work, certificate)
    words = f"Upload the certificate of the old key {seen.current.key_id} to the app {seen.current.app} again."
    return announced(work, News(kind="put_back", connection=work.name, words=words, certificate=certificate))


def _end(work: Work, seen: Seen) -> Note:
    clear(work, seen.versions)
    words = f"{work.note.verdict} The key {seen.current.key_id} goes on."
    if seen.pending is not None and _may_rest_with_new(work, seen):
        words += (
            f" The app {seen.pending.app} may hold the certificate of the new key {seen.pending.key_id}, which logs in there"
            " then: if that key has leaked, upload the certificate of the present key to it."
        )
    work.ports.announcer.say(News(kind="cancelled", connection=work.name, words=words))
    return work.end()
