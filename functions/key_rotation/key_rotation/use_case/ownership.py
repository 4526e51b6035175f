"""Which app a rotation may change: one that holds the certificate of a key that the connection has.

Who may write a connection's secret names the app, its consumer key, the admin connection and a certificate there, and all four can
be another connection's. A key cannot be named: the connection has it, or not.
"""

from collections.abc import Iterator

from key_rotation.logins import LoggedIn, LoginUnanswered
from key_rotation.ports import AppAsked
from key_rotation.use_case.credentials import Credentials
from key_rotation.use_case.look import Seen, StuckError, credentials_of
from key_rotation.use_case.work import Work
from key_rotation.versions import CURRENT, PREVIOUS
from sfmint.errors import InvalidCredentials


def objection(work: Work, seen: Seen, asked: AppAsked, certificate: str | None) -> str | None:
    """Return why an app may not be given the new certificate; None: it is the connection's.

    Args:
        work: whose rotation it is.
        seen: the secret.
        asked: the app, which is the present one or the other one of two.
        certificate: that the org shows for it; None: none.

    Raises:
        StuckError: it cannot be found out now.
    """
    rests = asked.consumer_key != seen.current.connection.consumer_key
    if certificate is None:
        return _without_certificate(work, seen, asked, rests=rests)
    key_id = work.ports.keys.certified_key_id(certificate)
    if any(key_id == each.key_id and _is_had(work, each) for each in _holders(work, seen, rests=rests)):
        return None
    if rests and work.ports.keys.is_named(certificate, work.name):  # of an earlier rotation
        return None
    return f"The app {asked.app} holds the certificate of a key that is not the connection's."


def _without_certificate(work: Work, seen: Seen, asked: AppAsked, *, rests: bool) -> str | None:
    """Let a login show what the org does not."""
    if rests:
        return f"The org shows no certificate of the app {asked.app}: upload that of the present key {seen.current.key_id}."
    tried = work.ports.keeper.try_login(work.name, CURRENT)
    if isinstance(tried, LoginUnanswered):
        raise StuckError(tried.said)
    if isinstance(tried, LoggedIn) and tried.key_id == seen.current.key_id:
        return None
    return f"The org shows no certificate of the app {asked.app}, and the present key does not log in."


def _holders(work: Work, seen: Seen, *, rests: bool) -> Iterator[Credentials]:
    """Give the credentials whose certificate an app may hold: the one that rests, that of the version before too."""
    yield seen.current
    if rests and (before := seen.versions.at(PREVIOUS)) is not None:
        try:
            found = credentials_of(work, before)
        except StuckError:
            return
        if found is not None:
            yield found


def _is_had(work: Work, credentials: Credentials) -> bool:
    try:
        return work.ports.keys.is_had(credentials.connection)
    except InvalidCredentials as error:
        raise StuckError(error.cause) from None
