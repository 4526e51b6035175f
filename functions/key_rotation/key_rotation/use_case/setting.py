"""Set: the certificate is published, and with an admin connection deployed."""

from dataclasses import dataclass, replace

from key_rotation.logins import LoginUnanswered
from key_rotation.note import Decision, Note
from key_rotation.ports import AppAsked, News, SetupRefusedError, SetupUnansweredError
from key_rotation.use_case import pace
from key_rotation.use_case.credentials import Credentials
from key_rotation.use_case.look import Seen
from key_rotation.use_case.ownership import objection
from key_rotation.use_case.work import Work
from sfmint_values.invoke_limits import LONGEST_AHEAD_S


def certificate_of(work: Work, credentials: Credentials) -> str:
    """Return a certificate of the key of credentials."""
    return work.ports.keys.certificate(credentials.connection)


def asked_of(work: Work, credentials: Credentials, admin: str) -> AppAsked:
    """Return the app as an admin connection is asked for it, in the org whose tokens callers get."""
    return replace(credentials.asked(admin), org_id=work.ports.keeper.org_of(work.name))


def publish(work: Work, certificate: str) -> None:
    """Publish a certificate, if it is not published already."""
    if work.ports.notes.published(work.name) != certificate:
        work.ports.notes.publish(work.name, certificate)


def announced(work: Work, news: News) -> tuple[str, ...]:
    """Tell people, once, and return what they were told so far."""
    told = work.note.announced
    if news.kind in told or not work.ports.announcer.say(news):
        return told
    return (*told, news.kind)


def set_certificate(work: Work, seen: Seen, pending: Credentials) -> Note:
    """Let callers have a token that outlasts the change, publish the certificate, and deploy it or ask for it."""
    if (waiting := _refreshed(work, seen, pending)) is not None:
        return waiting
    certificate = certificate_of(work, pending)
    publish(work, certificate)
    if (admin := seen.current.turns.admin_connection) is None:
        news = News(kind="upload", connection=work.name, words=_upload(pending), certificate=certificate)
        return work.save(set_at=work.now, announced=announced(work, news), refusals=0, why="", next_at=0.0)
    try:
        return _deploy(work, seen, pending, asked_of(work, pending, admin))
    except SetupRefusedError as refused:
        return work.decide(Decision.CANCEL, refused.cause)


def _refreshed(work: Work, seen: Seen, pending: Credentials) -> Note | None:
    """Mint with the old key before it is replaced; None: that is done, or the old key logs in no more.

    An outage is waited for, however long: callers without a young token would notice what is deployed then. A person uploads
    whenever it suits, so nothing is gained by waiting there.
    """
    is_needless = seen.is_current_tainted or not pending.shares_app(seen.current)
    if is_needless or work.note.refusals >= pace.REFRESH_TRIES:
        return None
    trouble = work.ports.keeper.refresh(work.name, ahead_s=seen.current.connection.lifetime_s)
    if trouble is None:
        return None
    is_outage = isinstance(trouble, LoginUnanswered) and seen.current.turns.admin_connection is not None
    return work.wait(pace.AFTER_OUTAGE_S, trouble.said, refusals=work.note.refusals + (not is_outage))


def _deploy(work: Work, seen: Seen, pending: Credentials, asked: AppAsked) -> Note:
    """Deploy the certificate where the app is the connection's."""
    ports = work.ports
    there = ports.apps.certificate(asked)
    done = {"set_at": work.now, "refusals": 0, "why": "", "next_at": 0.0, "is_touched": True}
    if there is not None and ports.keys.certified_key_id(there) == pending.key_id:
        return work.save(**done)
    if (why := objection(work, seen, asked, there)) is not None:
        return work.decide(Decision.CANCEL, why)
    return deploy(work, asked, certificate_of(work, pending), **done)


def deploy(work: Work, asked: AppAsked, certificate: str, **done: object) -> Note:
    """Deploy a certificate, and note what is done then. Without an answer it stays held, and whoever comes next looks.

    Raises:
        SetupRefusedError: the org refuses for good.
    """
    before = work.note
    held = work.hold(pace.LATE_DEPLOYMENT_S, is_touched=True)
    try:
        work.ports.apps.replace(asked, certificate, meanwhile=_Fresh(work).keep)
    except SetupUnansweredError:
        why = "The org has not answered whether the certificate is deployed."
        return held.wait(pace.AFTER_OUTAGE_S, why, hold_until=held.sent(pace.LATE_DEPLOYMENT_S))
    except SetupRefusedError as refused:
        if held.note.decision is Decision.CANCEL:
            held.release(before)
            raise
        return held.release(
            before, decision=Decision.CANCEL, reason=refused.cause, why=refused.cause, decided_at=work.now, next_at=0.0
        )
    return held.release(before, **done)


@dataclass(slots=True)
class _Fresh:
    """Keeps the callers' token young while a deployment stands in a queue: it has to outlast the change, whenever that comes."""

    work: Work
    due_at: float = 0.0

    def keep(self) -> None:
        """Refresh once a minute, by whichever key logs in."""
        if self.work.now >= self.due_at:
            self.due_at = self.work.now + pace.REFRESH_EACH_S
            self.work.ports.keeper.refresh(self.work.name, ahead_s=LONGEST_AHEAD_S)


def _upload(pending: Credentials) -> str:
    return (
        f"Upload the certificate of the new key {pending.key_id} to the app {pending.app} in Salesforce Setup, in place of the"
        " one that is there."
    )
