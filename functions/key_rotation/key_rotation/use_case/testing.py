"""Test: real logins with the new key, until five in a row over five minutes have succeeded."""

from dataclasses import replace
from typing import Literal

from key_rotation.logins import LoggedIn, LoginRefused, LoginUnanswered, LoginUnusable, Tried
from key_rotation.note import Decision, Note
from key_rotation.ports import News
from key_rotation.use_case import pace
from key_rotation.use_case.credentials import Credentials
from key_rotation.use_case.look import Seen
from key_rotation.use_case.setting import announced, certificate_of, publish
from key_rotation.use_case.work import Work
from key_rotation.versions import CURRENT, PENDING


def try_key(work: Work, seen: Seen, pending: Credentials) -> Note:
    """Log in with the new key, once, if it may be known to Salesforce."""
    is_attended = seen.current.is_attended
    if is_attended and not work.note.is_wanted:
        return _look_for_upload(work, seen, pending)
    if not is_attended and (told := _told_of_deployment(work, pending)) != work.note.announced:
        return work.save(announced=told)
    work, outcome = try_login(work, pending)
    match outcome:
        case LoggedIn():
            return _logged_in(work)
        case LoginUnusable(said) if not is_attended and pending.connection.signing_key is not None:
            # The app may know this key alone by now, and tokens last no longer than fifteen minutes.
            return work.decide(Decision.CANCEL, f"The new key cannot be used any more: {said}")
        case LoginRefused() | LoginUnusable():
            return _refused(work, pending, outcome, is_attended=is_attended)
        case LoginUnanswered(said):
            return work.wait(pace.AFTER_OUTAGE_S, said)


def _told_of_deployment(work: Work, pending: Credentials) -> tuple[str, ...]:
    words = f"The certificate of the new key {pending.key_id} is deployed to the app {pending.app}."
    return announced(work, News(kind="deployed", connection=work.name, words=words))


def try_login(work: Work, credentials: Credentials) -> tuple[Work, Tried]:
    """Log in once with the pending or the current version.

    It is noted before, so that no other run does it as well; and the row of logins as broken, until the answer is noted.
    """
    stage: Literal["AWSCURRENT", "AWSPENDING"] = PENDING if work.note.decision is None else CURRENT
    before = work.note
    note = work.save(next_at=work.now + pace.AFTER_OUTAGE_S, logins=0, logins_since=None)
    outcome = work.ports.keeper.try_login(work.name, stage)
    if isinstance(outcome, LoggedIn) and outcome.key_id != credentials.key_id:
        outcome = LoginUnanswered("Another version was tried: somebody is changing the secret.")
    return replace(work, note=replace(note, logins=before.logins, logins_since=before.logins_since)), outcome


def one_more(work: Work) -> dict[str, object]:
    """Return what a note says after one more login in a row."""
    since = work.now if work.note.logins_since is None else work.note.logins_since
    counted = {"logins": work.note.logins + 1, "logins_since": since, "refusals": 0}
    return {**counted, "next_at": work.now + pace.AFTER_LOGIN_S, "why": ""}


def are_enough(work: Work) -> bool:
    """Return whether one more login is the last of five in a row over five minutes."""
    since = work.note.logins_since
    return work.note.logins + 1 >= pace.LOGINS_WANTED and since is not None and work.now - since >= pace.LOGINS_OVER_S


def _look_for_upload(work: Work, seen: Seen, pending: Credentials) -> Note:
    """Waste no login before a person has uploaded the certificate: then callers' own mints need the new key."""
    if work.ports.keeper.minted_by(work.name) == pending.key_id:
        return work.save(is_wanted=True, next_at=0.0)
    certificate = certificate_of(work, pending)
    publish(work, certificate)
    words = f"The certificate of the new key {pending.key_id} has to be uploaded to the app {pending.app}."
    if not pending.shares_app(seen.current):  # callers go on with the other app, so nobody sees it
        words += f" Say so with sfmint rotate finish {work.name}."
    news = News(kind="upload", connection=work.name, words=words, certificate=certificate)
    return work.wait(pace.LOOK_AGAIN_S, words, announced=announced(work, news))


def _logged_in(work: Work) -> Note:
    if are_enough(work):
        return work.decide(Decision.FINISH, "", has_logged_in=True)
    return work.save(has_logged_in=True, **one_more(work))


def _refused(work: Work, pending: Credentials, refusal: LoginRefused | LoginUnusable, *, is_attended: bool) -> Note:
    note, said = work.note, refusal.words(f"the new key {pending.key_id}", pending.app)
    if not is_attended and (why := _too_long(work)):
        return work.decide(Decision.CANCEL, f"{why}: {said}")
    count = note.refusals + 1
    told = note.announced
    if is_attended and (count >= pace.REFUSALS_TOLD or isinstance(refusal, LoginUnusable)):
        words = f"Salesforce refuses the new key {pending.key_id}: is its certificate the one in the app {pending.app}?"
        if isinstance(refusal, LoginUnusable):
            words = f"The new key {pending.key_id} cannot be used: {refusal.said}"
        told = announced(work, News(kind="stuck", connection=work.name, words=words))
    return work.wait(pace.after_refusals(count), said, refusals=count, logins=0, logins_since=None, announced=told)


def _too_long(work: Work) -> str:
    since = work.now - (work.note.set_at or work.now)
    if since >= pace.WITHOUT_LOGIN_S and not work.note.has_logged_in:
        return "The new key has not logged in once, 30 minutes after the deployment of its certificate"
    if since >= pace.WITHOUT_FINISH_S:
        return "The new key is refused now and then, two hours after the deployment of its certificate"
    return ""
