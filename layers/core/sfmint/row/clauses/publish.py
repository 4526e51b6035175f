"""When a new token may be put on the row: the lease is mine, and nothing has overtaken the login."""

from sfmint.row.clauses.lease import mine, untainted
from sfmint.row.conditional_write import AllOf, AnyOf, Clause, Compare, Missing, Named
from sfmint.row.decisions import Lease
from sfmint.row.rejections import REJECT_WINDOW_S
from sfmint.salesforce.access_token import AccessToken


def may_publish(lease: Lease, token: AccessToken, *, is_the_row_s: bool, is_rejected: bool) -> AllOf:
    """Return the condition of `publish`, `reaffirm` and `reaffirm-2`.

    Args:
        lease: under which the login was made.
        token: what it gave.
        is_the_row_s: the row had this session when the lease was granted.
        is_rejected: the row had this session as rejected.
    """
    lease_mine = Named(
        "lease_mine", "the write of a process that froze past the end of its lease must be refused", mine(lease)
    )
    rejection = _rejected_long_ago(token) if is_rejected else _not_rejected(token.fingerprint)
    session = _same_session(token) if is_the_row_s else _another_session(token)
    return AllOf(lease_mine, untainted(lease.attempt.key_id), rejection, session)


def _not_rejected(fingerprint: str) -> Named:
    return Named(
        "not_rejected",
        "a token that Salesforce has refused does not come back as a new one",
        unmarked(fingerprint),
    )


def unmarked(fingerprint: str) -> AnyOf:
    """Return that nothing, or another token, is marked as rejected."""
    return AnyOf(
        Named("none_rejected", "nothing was ever rejected", Missing("rejected")),
        Named("another_rejected", "the rejected one is another", Compare("rejected", "<>", fingerprint)),
    )


def _rejected_long_ago(token: AccessToken) -> Named:
    this_rejected = Named(
        "this_rejected", "it must be the session that was rejected", Compare("rejected", "=", token.fingerprint)
    )
    long_ago = Named(
        "long_ago",
        "earlier, Salesforce has only not noticed yet",
        Compare("last_rejected_at", "<=", token.issued_at - REJECT_WINDOW_S),
    )
    return Named(
        "rejected_long_ago", "ten minutes must have passed since it was rejected", AllOf(this_rejected, long_ago)
    )


def _same_session(token: AccessToken) -> Clause:
    return Named(
        "same_session",
        "the session that is confirmed must be the one on the row",
        Compare("fingerprint", "=", token.fingerprint),
    )


def _another_session(token: AccessToken) -> Clause:
    no_token = Named("no_token", "there is no token", Missing("fingerprint"))
    another = Named("another_token", "the row's token is another one", Compare("fingerprint", "<>", token.fingerprint))
    return Named(
        "another_session",
        "the row's own session, published as a new one, would get its whole life again, and another key's name",
        AnyOf(no_token, another),
    )
