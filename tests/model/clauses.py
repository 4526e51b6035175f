"""Every clause of every condition, by its name: how to leave it out, and which scenario fails then."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from sfmint.row import writes
from sfmint.row.conditional_write import FOREIGN, AllOf, AnyOf, Clause, ConditionalWrite, Named
from sfmint.row.row import CacheRow
from sfmint_testing.rows import WRITES

WHOLE: Final = "the whole condition"
CAUGHT_BY: Final[Mapping[str, str]] = {
    "acquire: copy_unreadable": "a copy that does not open",
    "acquire: credentials_untried": "refused for good",
    "acquire: failure_absurd": "a failure far ahead",
    "acquire: failure_of_credentials": "a failure comes late",
    "acquire: failure_over": "a failure comes late",
    "acquire: hard_expired": "past hard expiry, with no other time",
    "acquire: key_untainted": "a leaked key",
    "acquire: lease_absurd": "a lease far ahead",
    "acquire: lease_free": "a clock is put right under a lease",
    "acquire: lease_given_back": "two cold callers",
    "acquire: lease_over": "the winner dies",
    "acquire: life_too_short": "a long life is asked for",
    "acquire: login_due": "a token comes late",
    "acquire: no_copy": "a row without sealed",
    "acquire: no_failure": "two cold callers",
    "acquire: no_failure_holds": "a failure comes late",
    "acquire: no_hard_expiry": "a row without hard_expiry",
    "acquire: no_token": "a row without fingerprint",
    "acquire: no_token_fence": "a row without token_fence",
    "acquire: not_just_refreshed": "a young token comes late to the keeper",
    "acquire: not_young": "a young token comes late",
    "acquire: old_copy": "a clock is put right before a copy that does not open",
    "acquire: other_credentials": "refused, then repaired",
    "acquire: row_new": "a new secret",
    "acquire: row_unmoved": "a new secret past soft expiry",
    "acquire: same_copy": "a token comes late",
    "acquire: shorter_than_wanted": "a token comes late",
    "acquire: soft_expired": "past soft expiry within a minute",
    "acquire: soft_soon": "the keeper before soft expiry",
    "acquire: soft_within_horizon": "a token comes late",
    "acquire: the whole condition": "a token comes late",
    "acquire: token_rejected": "a rejected token with its copy",
    "budget: first_login": "two cold callers",
    "budget: budget_left": "a budget of two logins",
    "budget: under_limit": "past soft expiry",
    "fail: fence_mine": "the fence is raised by hand before a failure",
    "fail: owner_mine": "the row is deleted during an outage",
    "fail: the whole condition": "a refusal comes late",
    "publish: another_rejected": "the same session again, after another was rejected",
    "publish: another_session": "a token is put back by hand before a publish",
    "publish: another_token": "past hard expiry",
    "publish: fence_mine": "the fence is raised by hand before a publish",
    "publish: key_untainted": "a key is barred by hand before a publish",
    "publish: lease_mine": "a new secret past soft expiry",
    "publish: no_token": "two cold callers",
    "publish: none_rejected": "two cold callers",
    "publish: not_rejected": "a token is called rejected by hand before its publish",
    "publish: owner_mine": "the row is deleted during an outage",
    "publish: the whole condition": "a new secret past soft expiry",
    "reaffirm-2: another_session": "a token is put back by hand before a second reaffirm",
    "reaffirm-2: another_token": "a token that comes is called rejected long ago by hand",
    "reaffirm-2: fence_mine": "the fence is raised by hand before a second reaffirm",
    "reaffirm-2: key_untainted": "a key is barred by hand before a second reaffirm",
    "reaffirm-2: lease_mine": "the fence is raised by hand before a second reaffirm",
    "reaffirm-2: long_ago": "the same session again, a minute after it was rejected",
    "reaffirm-2: no_token": "the same session again, ten minutes after it was rejected and flushed",
    "reaffirm-2: owner_mine": "the row of a rejected session is restored",
    "reaffirm-2: rejected_long_ago": "the same session again, a minute after it was rejected",
    "reaffirm-2: same_session": "a token is taken off by hand before a second reaffirm",
    "reaffirm-2: the whole condition": "the same session again, a minute after it was rejected",
    "reaffirm-2: this_rejected": "a rejection of another token is put by hand before a second reaffirm",
    "reaffirm: another_rejected": "the same session again, after another was rejected",
    "reaffirm: fence_mine": "the fence is raised by hand before a reaffirm",
    "reaffirm: key_untainted": "a key is barred by hand before a reaffirm",
    "reaffirm: lease_mine": "the row is restored",
    "reaffirm: none_rejected": "the same session ten seconds later",
    "reaffirm: not_rejected": "the same session again, rejected meanwhile",
    "reaffirm: owner_mine": "the row is restored",
    "reaffirm: same_session": "a token is taken off by hand before a reaffirm",
    "reaffirm: the whole condition": "the row is restored",
    "reject-again: another_rejected": "the fourth 401",
    "reject-again: is_the_row_s": "a 401 of a successor",
    "reject-again: minute_over": "the fourth 401",
    "reject-again: never_rejected": "a window without its last rejection",
    "reject-again: none_rejected": "a window without its rejected token",
    "reject-again: not_marked": "a 401 that was on its way for a minute",
    "reject-again: spaced": "another 401 within the minute",
    "reject-again: the whole condition": "the fourth 401",
    "reject-again: under_limit": "the fourth 401",
    "reject-again: window_runs": "a window is put back by hand before a report",
    "reject: another_rejected": "another 401 ten minutes later",
    "reject: is_the_row_s": "a 401 past soft expiry",
    "reject: minute_over": "another 401 ten minutes later",
    "reject: never_rejected": "the same session again, rejected again",
    "reject: no_window": "the same session again, rejected again",
    "reject: no_window_runs": "the fourth 401",
    "reject: none_rejected": "the same session again, rejected again",
    "reject: not_marked": "the same session again, rejected again",
    "reject: spaced": "a 401 ten minutes after the first and less than one after the last",
    "reject: the whole condition": "the same session again, rejected again",
    "reject: window_over": "another 401 ten minutes later",
    "release: fence_mine": "the fence is raised by hand before a release",
    "release: owner_mine": "the row is deleted, and a lease given back late",
    "release: the whole condition": "the row is deleted, and a lease given back late",
    "repair: lease_until_still_foreign": "a lease's end of no type of ours",
    "repair: lease_until_still_out_of_range": "a lease's end in milliseconds",
    "repair: lease_until_unchanged": "a lease's end in words",
    "repair: the whole condition": "a lease's end in words",
    "taint of another's: another_key": "another key leaked",
    "taint of another's: list_short": "another key leaks after ninety-nine",
    "taint of another's: minted_by_another": "a leaked key among cold callers",
    "taint of another's: no_key": "a leaked key among cold callers",
    "taint of another's: none_tainted": "another key leaked",
    "taint of another's: room_left": "another key leaks after a hundred",
    "taint of another's: tainted_already": "another key leaks again, one of a hundred",
    "taint of another's: the whole condition": "a leaked key among cold callers",
    "taint: list_short": "the row's key leaks after ninety-nine",
    "taint: minted_by_key": "another key leaked",
    "taint: none_tainted": "a leaked key",
    "taint: room_left": "the row's key leaks after a hundred",
    "taint: tainted_already": "the row's key leaks again, one of a hundred",
    "taint: the whole condition": "another key leaked",
}


def write_of(update: ConditionalWrite) -> str:
    """Return the name of a write; the two ways to taint have one each."""
    return "taint of another's" if update.name == "taint" and "sealed" not in update.remove else update.name


def clauses_of(update: ConditionalWrite) -> Iterator[tuple[str, ConditionalWrite]]:
    """Give the name of each clause of a write's condition, at every level, and the write without it."""
    if update.condition is None:
        return
    write = write_of(update)
    whole = update.condition.name if isinstance(update.condition, Named) else WHOLE
    yield f"{write}: {whole}", replace(update, condition=None)
    for clause, thinned in _thinned(update.condition):
        yield f"{write}: {clause.name}", replace(update, condition=thinned)


def without(clause: str) -> Callable[[ConditionalWrite], ConditionalWrite]:
    """Return what leaves one clause out of each write that has it."""

    def thin(update: ConditionalWrite) -> ConditionalWrite:
        if not clause.startswith(f"{write_of(update)}: "):
            return update
        return next((thinned for name, thinned in clauses_of(update) if name == clause), update)

    return thin


def every_clause() -> frozenset[str]:
    """Return the names of all clauses."""
    return frozenset(name for update in every_write() for name, _ in clauses_of(update))


def every_write() -> tuple[ConditionalWrite, ...]:
    """Return each write of the protocol once, or once for each form that its condition has."""
    repairs = (writes.repair(CacheRow.from_item({"lease_until": value})) for value in ("soon", FOREIGN, 1.7e12))
    return (*(update for update, _ in WRITES.values()), *repairs, writes.flush())


def _thinned(clause: Clause) -> Iterator[tuple[Named, Clause]]:
    """Give each named clause below this one, and this one without it.

    Raises:
        TypeError: a clause has no name.
    """
    inner = clause.clause if isinstance(clause, Named) else clause
    if not isinstance(inner, AllOf | AnyOf):
        return
    kind, parts = type(inner), inner.clauses
    for number, part in enumerate(parts):
        if not isinstance(part, Named):
            raise TypeError(f"a clause without a name: {part}")
        before, after = parts[:number], parts[number + 1 :]
        yield part, kind(*before, *after)
        for below, thinned in _thinned(part):
            yield below, kind(*before, thinned, *after)
