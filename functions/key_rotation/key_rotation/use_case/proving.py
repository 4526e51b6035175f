"""Whoever logs in can use the new key: shown before anybody is asked to accept its certificate.

A key in the secret is usable where the secret can be read. A key in KMS is used by others than this function, whom its policy may
deny. Only a login shows that, and one before the certificate is there is refused by Salesforce, and not before.
"""

from key_rotation.logins import LoginUnanswered, LoginUnusable
from key_rotation.note import Decision, Note
from key_rotation.use_case import pace
from key_rotation.use_case.credentials import Credentials
from key_rotation.use_case.testing import try_login
from key_rotation.use_case.work import Work


def prove(work: Work, pending: Credentials) -> Note | None:
    """Try the new key once, where that can tell something; None: it is usable."""
    if pending.connection.signing_key is None or work.note.is_usable or work.note.is_touched:
        return None
    work, outcome = try_login(work, pending)
    match outcome:
        case LoginUnusable(said):
            return work.decide(Decision.CANCEL, f"The new key cannot be used, so the app was left as it is: {said}")
        case LoginUnanswered(said):
            return work.wait(pace.AFTER_OUTAGE_S, said)
        case _:
            return work.save(is_usable=True, next_at=0.0)
