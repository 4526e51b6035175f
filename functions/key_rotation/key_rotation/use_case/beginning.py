"""Who may begin a rotation, and which one goes on where two begin."""

from collections.abc import Collection
from dataclasses import replace
from math import ceil

from key_rotation.errors import RotationPending, RotationRefused
from key_rotation.note import Note
from key_rotation.ports import SetupRefusedError, SetupUnansweredError
from key_rotation.use_case import pace
from key_rotation.use_case.credentials import Credentials
from key_rotation.use_case.hindrance import hindrance
from key_rotation.use_case.look import StuckError, credentials_of
from key_rotation.use_case.work import Work
from key_rotation.versions import CURRENT, PENDING, Versions

_MINUTE_S = 60
_EMPTY = ("The secret has no current version that holds anything.", "Store credentials: sfmint connection add NAME.")


def begin(work: Work, last: Note | None) -> Note:
    """Claim the connection for a rotation, of which nothing is done yet.

    Args:
        work: whose note is the one to begin with.
        last: the note of the last rotation.

    Raises:
        RotationRefused: it cannot begin, and why.
        RotationPending: it could not be found out whether it can.
        OvertakenError: somebody else has begun one.
    """
    versions = work.ports.secrets.describe(work.name)
    _require_arrived(work, last)
    at_current, at_pending = versions.at(CURRENT), versions.at(PENDING)
    _require_free(versions, work.note.own)
    if work.ports.secrets.text(work.name, work.note.rotation) is not None:
        raise RotationRefused(
            "The version that the new key was to be written to holds something already.",
            remedy="Begin again with a new token.",
        )
    current = _checked(work, at_current)
    # A call of the last rotation's that has arrived after its end.
    if at_pending is not None and at_pending not in (at_current, work.note.rotation):
        work.ports.secrets.move(work.name, PENDING, to=None, off=at_pending)
    note = replace(work.note, base=at_current or "", began_at=work.now, **current.noted())
    return replace(work, note=note).save()


def check(work: Work, last: Note | None) -> Credentials:
    """Return the credentials of which a new key would follow, if a rotation could begin now.

    Raises:
        RotationRefused: it could not, and why.
        RotationPending: that could not be found out.
    """
    versions = work.ports.secrets.describe(work.name)
    _require_free(versions, last.versions if last else ())
    current = _checked(work, versions.at(CURRENT))
    _require_app(work, current)
    return current


def _require_app(work: Work, current: Credentials) -> None:
    """Read the app whose certificate a rotation would change: its name, its consumer key and the rights may be wrong."""
    if (admin := current.turns.admin_connection) is None:
        return
    asked = current.asked(admin)
    if (other := current.turns.other_app) is not None:
        asked = replace(asked, app=other, consumer_key=current.next_consumer_key)
    try:
        work.ports.apps.certificate(asked)
    except SetupRefusedError as refused:
        raise RotationRefused(refused.cause, remedy=refused.remedy) from None
    except SetupUnansweredError:
        raise RotationPending(
            f"The org did not answer the admin connection {admin}.", remedy="Begin again in a minute."
        ) from None


def _require_free(versions: Versions, ours: Collection[str]) -> None:
    at_pending = versions.at(PENDING)
    if at_pending not in (None, versions.at(CURRENT), *ours):
        raise RotationRefused(
            "The secret has a version of somebody else's staged as AWSPENDING.",
            remedy="Wait for the rotation that it belongs to, or take the label off: aws secretsmanager describe-secret names"
            " the version, and update-secret-version-stage takes it off.",
        )


def _require_arrived(work: Work, last: Note | None) -> None:
    """Three certificates on their way at once would be more than callers have keys for."""
    if last is None or last.ended_at is None or last.set_at is None:
        return
    if (left_s := last.ended_at + pace.PROPAGATION_S - work.now) > 0:
        raise RotationRefused(
            "The last rotation has ended within ten minutes, and its change of the app may still be on its way.",
            remedy=f"Begin again in {ceil(left_s / _MINUTE_S)} min.",
        )


def _checked(work: Work, at_current: str | None) -> Credentials:
    """Return the current credentials, of which a new key can follow."""
    try:
        current = None if at_current is None else credentials_of(work, at_current)
        found = None if current is None else hindrance(current, work.ports.apps)
    except StuckError as stuck:
        raise RotationRefused(str(stuck), remedy="Correct the secret, then begin again.") from None
    except SetupUnansweredError:
        raise RotationPending(
            "It could not be found out whether the admin connection exists.", remedy="Begin again in a minute."
        ) from None
    if current is None or found is not None:
        cause, remedy = found or _EMPTY
        raise RotationRefused(cause, remedy=remedy)
    return current


def adopt(work: Work, token: str) -> Note | None:
    """Let a rotation that has shown nothing to anybody go on under Secrets Manager's token; None: it goes on as it is.

    AWS refuses RotateSecret while AWSPENDING is on another version, so its token can only come before that is staged.

    Raises:
        RotationRefused: the rotation has gone too far.
        OvertakenError: somebody else has changed it.
    """
    note = work.note
    if work.ports.secrets.describe(work.name).at(PENDING) != token or token in note.versions:
        return None
    is_young = note.set_at is None and not note.is_touched and note.decision is None
    if not is_young or work.ports.secrets.text(work.name, token) is not None:
        raise RotationRefused(
            "Another rotation of this connection goes on.", remedy="Wait until it has ended: sfmint rotate status."
        )
    return work.save(rotation=token, versions=(token,), is_staged=False, is_usable=False, next_at=0.0)
