"""When somebody may take the lease: nobody holds it, a login is due, and nothing speaks against one."""

from sfmint.errors import AssertionRejected
from sfmint.lifetime import YOUNG_S
from sfmint.row.clauses.lease import untainted
from sfmint.row.conditional_write import AllOf, AnyOf, Between, Compare, Contains, Missing, Named, Not, Same
from sfmint.row.decisions import Attempt, Progress, Want
from sfmint.row.row import ABSURD_S, NEVER_S, CacheRow


def may_acquire(attempt: Attempt, row: CacheRow, want: Want, progress: Progress) -> AllOf:
    """Return the condition of `acquire`."""
    return AllOf(
        _unmoved(attempt.seen),
        _lease_free(attempt.since),
        _login_due(row, want, progress, attempt.since),
        _no_failure_holds(attempt),
        untainted(attempt.key_id),
    )


def _unmoved(seen: int | None) -> Named:
    if seen is None:
        return Named("row_new", "the very first lease is granted once", Missing("fence"))
    return Named(
        "row_unmoved",
        "the row has not moved since it was read, so the secret, which was read in between, is the current one",
        Compare("fence", "=", seen),
    )


def _lease_free(now: float) -> Named:
    given_back = Named("lease_given_back", "the lease was given back, or never taken", Missing("lease_until"))
    over = Named(
        "lease_over",
        "its holder died or froze: after 20 s anybody may log in",
        Compare("lease_until", "<=", now),
    )
    absurd = Named(
        "lease_absurd",
        "only a broken clock writes an end more than a minute ahead; it must not bar everybody for ever",
        Compare("lease_until", ">", now + ABSURD_S),
    )
    return Named("lease_free", "there is one login at a time", AnyOf(given_back, over, absurd))


def _login_due(row: CacheRow, want: Want, progress: Progress, now: float) -> Named:
    return Named(
        "login_due",
        "a login is due by the row as it is now, not as it was read",
        AnyOf(
            Named("no_token", "there is no token", Missing("fingerprint")),
            Named("no_copy", "the token was rejected, or the row is half a row", Missing("sealed")),
            Named("no_token_fence", "the row is half a row: no copy opens without it", Missing("token_fence")),
            Named("no_hard_expiry", "the row is half a row: nobody knows how long it is good", Missing("hard_expiry")),
            Named(
                "soft_expired",
                "the middle of its life is over: it is refreshed while it is still served",
                Compare("soft_expiry", "<=", now),
            ),
            _soft_soon(want, now),
            Named("hard_expired", "the token is over", Compare("hard_expiry", "<=", now)),
            Named("token_rejected", "Salesforce has refused the token", Same("rejected", "fingerprint")),
            _life_too_short(row, want, now),
            _copy_unreadable(progress, now),
        ),
    )


def _soft_soon(want: Want, now: float) -> Named:
    within_horizon = Named(
        "soft_within_horizon",
        "only what reaches soft expiry before the next tick",
        Compare("soft_expiry", "<=", now + want.horizon_s),
    )
    settled = Named(
        "not_just_refreshed",
        "two ticks together, or an interval longer than a life, must not log in each time",
        Compare("issued_at", "<=", now - YOUNG_S),
    )
    return Named(
        "soft_soon",
        "the keeper refreshes ahead what would reach soft expiry before its next tick",
        AllOf(within_horizon, settled),
    )


def _life_too_short(row: CacheRow, want: Want, now: float) -> Named:
    shorter = Named(
        "shorter_than_wanted",
        "only a token with less life than that",
        Compare("hard_expiry", "<", now + row.lifetime.clamped(want.min_ttl)),
    )
    settled = Named(
        "not_young",
        "where no token lives as long as that, a login a minute is enough",
        Compare("issued_at", "<=", now - YOUNG_S),
    )
    return Named(
        "life_too_short", "a caller wants a longer life (`min_ttl`) than the token has left", AllOf(shorter, settled)
    )


def _copy_unreadable(progress: Progress, now: float) -> Named:
    same_copy = Named(
        "same_copy",
        "only the very copy that did not open for me",
        Compare("token_fence", "=", -1 if progress.bad_fence is None else progress.bad_fence),
    )
    old_copy = Named(
        "old_copy",
        "a young copy may only be newer than my code: wait first",
        Not(Between("issued_at", now - YOUNG_S, now + ABSURD_S)),
    )
    return Named(
        "copy_unreadable", "its copy does not open: somebody must log in and replace it", AllOf(same_copy, old_copy)
    )


def _no_failure_holds(attempt: Attempt) -> Named:
    now = attempt.since
    no_failure = Named("no_failure", "there is none", Missing("failure_until"))
    over = Named("failure_over", "its pause is over", Compare("failure_until", "<=", now))
    absurd = Named(
        "failure_absurd",
        "only a broken clock writes a pause of more than an hour",
        Compare("failure_until", ">", now + NEVER_S),
    )
    of_credentials = Named(
        "failure_of_credentials",
        "a rate limit or a fault of Salesforce's holds for every key",
        Compare("failure_code", "=", AssertionRejected.__name__),
    )
    untried = Named(
        "credentials_untried",
        "the same key and configuration would be refused again",
        Not(Contains("failure_keys", attempt.failure_key)),
    )
    other_credentials = Named("other_credentials", "a repaired secret heals at once", AllOf(of_credentials, untried))
    return Named(
        "no_failure_holds",
        "a failure is remembered, so that a storm of callers costs one login",
        AnyOf(no_failure, over, absurd, other_credentials),
    )
