"""When a token may be dropped because Salesforce refused it: once for each token, and not more often than a limit."""

from sfmint.row.clauses.publish import unmarked
from sfmint.row.conditional_write import AllOf, AnyOf, Compare, Missing, Named
from sfmint.row.rejections import REJECT_GAP_S, REJECT_LIMIT, REJECT_WINDOW_S


def may_reject(fingerprint: str, now: float) -> AllOf:
    """Return the condition of `reject`, which begins a window."""
    no_window = Named("no_window", "there was none", Missing("reject_window"))
    over = Named("window_over", "the last window is over", Compare("reject_window", "<=", now - REJECT_WINDOW_S))
    no_window_runs = Named(
        "no_window_runs", "inside a window reports are counted; they begin no new one", AnyOf(no_window, over)
    )
    return AllOf(*_rejectable(fingerprint, now), no_window_runs)


def may_reject_again(fingerprint: str, now: float) -> AllOf:
    """Return the condition of `reject-again`, inside a window."""
    window_runs = Named(
        "window_runs", "the count of an old window says nothing", Compare("reject_window", ">", now - REJECT_WINDOW_S)
    )
    under_limit = Named(
        "under_limit",
        "after three logins in ten minutes the fault is not the token",
        Compare("reject_count", "<", REJECT_LIMIT),
    )
    return AllOf(*_rejectable(fingerprint, now), window_runs, under_limit)


def _rejectable(fingerprint: str, now: float) -> tuple[Named, Named, Named]:
    is_the_row_s = Named(
        "is_the_row_s",
        "a late report must not drop the successor of the token that it means",
        Compare("fingerprint", "=", fingerprint),
    )
    not_marked = Named("not_marked", "fifty callers that report one token count once", unmarked(fingerprint))
    never = Named("never_rejected", "nothing was ever rejected", Missing("last_rejected_at"))
    minute_over = Named("minute_over", "the minute is over", Compare("last_rejected_at", "<=", now - REJECT_GAP_S))
    spaced = Named(
        "spaced", "a caller that refuses every token causes one login a minute at most", AnyOf(never, minute_over)
    )
    return is_the_row_s, not_marked, spaced
