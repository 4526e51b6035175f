"""Is a rotation of the key pending, and since when?"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sfmint.salesforce.connection import parse_connection
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint_cli.connection_secret import PENDING
from sfmint_cli.credentials import signing_key
from sfmint_cli.doctor.case import Case, PendingLogin
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.doctor.secret_checks import removal
from sfmint_cli.instants import written
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed
from sfmint_cli.tainted_keys import key_id_in

LONG = timedelta(days=1)  # an attended rotation waits for a person, but hardly that long


def rotation(case: Case) -> Finding:
    """Look at the version of the secret that a rotation has made ready."""
    if not case.described.has_pending:
        return Finding.ok(f"None is pending{_scheduled(case)}.")
    text, made = case.secret.read_dated(PENDING) or (None, None)
    key_id = None if text is None else key_id_in(text)
    if key_id is None:
        return Finding.warning(
            f"The version of the secret that has the stage {PENDING} holds no key that can be read.",
            f"If no rotation is under way: {removal(case, PENDING, case.described.at[PENDING])}",
        )
    if key_id in case.connection.tainted_keys:
        return Finding.warning(
            f"A rotation to the key {key_id} is pending, and that key is tainted.",
            f"Cancel it, and start another one: {sfmint('rotate', 'cancel', case.name)}",
        )
    with suppress(CredentialFault, Failed):
        connection = parse_connection(case.name, text or "", case.stack.token_hosts)
        case.pending = PendingLogin(connection=connection, key=signing_key(connection, case.account))
    since = "" if made is None else f", since {written(made)}"
    if made is not None and datetime.fromtimestamp(case.clock.now(), UTC) - made > LONG:
        return Finding.warning(
            f"A rotation to the key {key_id} is pending{since}.",
            f"See what it waits for, and finish or cancel it: {sfmint('rotate', 'status', case.name)}",
        )
    return Finding.ok(f"One to the key {key_id} is under way{since}.")


def _scheduled(case: Case) -> str:
    """Return when the next one begins by itself, if one does."""
    if not case.described.is_rotated:
        return ""
    at = case.described.next_rotation
    return "; Secrets Manager begins the next" + ("" if at is None else f" by {written(at)}")
