"""Every clause of every condition, by name: how to leave it out, and which scenario fails then."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from rows import WRITES
from sfmint.row import writes
from sfmint.row.conditional_write import (
    FOREIGN,
    AllOf,
    AnyOf,
    Between,
    Clause,
    Compare,
    ConditionalWrite,
    Contains,
    Missing,
    Not,
    OfType,
    Same,
)
from sfmint.row.row import CacheRow

WHOLE: Final = "the whole condition"
CAUGHT_BY: Final[Mapping[str, str]] = {
    "acquire: failure_code = … and not … in failure_keys": "refused, then repaired",
    "acquire: failure_code = … beside not … in failure_keys": "a failure comes late",
    "acquire: failure_until <= …": "a failure comes late",
    "acquire: failure_until > …": "a failure far ahead",
    "acquire: fence = …": "a new secret past soft expiry",
    "acquire: hard_expiry < … and issued_at <= …": "a long life is asked for",
    "acquire: hard_expiry < … beside issued_at <= …": "a token comes late",
    "acquire: hard_expiry <= …": "past hard expiry, with no other time",
    "acquire: issued_at <= … beside hard_expiry < …": "a young token comes late",
    "acquire: issued_at <= … beside soft_expiry <= …": "a young token comes late to the keeper",
    "acquire: lease_until <= …": "the winner dies",
    "acquire: lease_until > …": "a lease far ahead",
    "acquire: no failure_until": "two cold callers",
    "acquire: no failure_until or 3 others": "a failure comes late",
    "acquire: no fence": "a new secret",
    "acquire: no fingerprint": "a row without fingerprint",
    "acquire: no fingerprint or 9 others": "a token comes late",
    "acquire: no hard_expiry": "a row without hard_expiry",
    "acquire: no lease_until": "two cold callers",
    "acquire: no lease_until or lease_until <= … or lease_until > …": "a clock is put right under a lease",
    "acquire: no sealed": "a row without sealed",
    "acquire: no token_fence": "a row without token_fence",
    "acquire: not issued_at between … and … beside token_fence = …": "a clock is put right before a copy that does not open",
    "acquire: not … in failure_keys beside failure_code = …": "refused for good",
    "acquire: not … in tainted_keys": "a leaked key",
    "acquire: rejected = fingerprint": "a rejected token with its copy",
    "acquire: soft_expiry <= …": "past soft expiry within a minute",
    "acquire: soft_expiry <= … and issued_at <= …": "the keeper before soft expiry",
    "acquire: soft_expiry <= … beside issued_at <= …": "a token comes late",
    "acquire: the whole condition": "a token comes late",
    "acquire: token_fence = … and not issued_at between … and …": "a copy that does not open",
    "acquire: token_fence = … beside not issued_at between … and …": "a token comes late",
    "budget: logins < …": "past soft expiry",
    "budget: no logins": "two cold callers",
    "budget: the whole condition": "a budget of two logins",
    "fail: fence = …": "the fence is raised by hand before a failure",
    "fail: lease_owner = …": "the row is deleted during an outage",
    "fail: the whole condition": "a refusal comes late",
    "publish: fence = … and lease_owner = …": "a new secret past soft expiry",
    "publish: fence = … beside lease_owner = …": "the fence is raised by hand before a publish",
    "publish: fingerprint <> …": "past hard expiry",
    "publish: lease_owner = … beside fence = …": "the row is deleted during an outage",
    "publish: no fingerprint": "two cold callers",
    "publish: no fingerprint or fingerprint <> …": "a token is put back by hand before a publish",
    "publish: no rejected": "two cold callers",
    "publish: no rejected or rejected <> …": "a token is called rejected by hand before its publish",
    "publish: not … in tainted_keys": "a key is barred by hand before a publish",
    "publish: rejected <> …": "the same session again, after another was rejected",
    "publish: the whole condition": "a new secret past soft expiry",
    "reaffirm-2: fence = … and lease_owner = …": "the fence is raised by hand before a second reaffirm",
    "reaffirm-2: fence = … beside lease_owner = …": "the fence is raised by hand before a second reaffirm",
    "reaffirm-2: fingerprint <> …": "a token that comes is called rejected long ago by hand",
    "reaffirm-2: fingerprint = …": "a token is taken off by hand before a second reaffirm",
    "reaffirm-2: last_rejected_at <= … beside rejected = …": "the same session again, a minute after it was rejected",
    "reaffirm-2: lease_owner = … beside fence = …": "the row of a rejected session is restored",
    "reaffirm-2: no fingerprint": "the same session again, ten minutes after it was rejected and flushed",
    "reaffirm-2: no fingerprint or fingerprint <> …": "a token is put back by hand before a second reaffirm",
    "reaffirm-2: not … in tainted_keys": "a key is barred by hand before a second reaffirm",
    "reaffirm-2: rejected = … and last_rejected_at <= …": "the same session again, a minute after it was rejected",
    "reaffirm-2: rejected = … beside last_rejected_at <= …": "a rejection of another token is put by hand before a second reaffirm",
    "reaffirm-2: the whole condition": "the same session again, a minute after it was rejected",
    "reaffirm: fence = … and lease_owner = …": "the row is restored",
    "reaffirm: fence = … beside lease_owner = …": "the fence is raised by hand before a reaffirm",
    "reaffirm: fingerprint = …": "a token is taken off by hand before a reaffirm",
    "reaffirm: lease_owner = … beside fence = …": "the row is restored",
    "reaffirm: no rejected": "the same session ten seconds later",
    "reaffirm: no rejected or rejected <> …": "the same session again, rejected meanwhile",
    "reaffirm: not … in tainted_keys": "a key is barred by hand before a reaffirm",
    "reaffirm: rejected <> …": "the same session again, after another was rejected",
    "reaffirm: the whole condition": "the row is restored",
    "reject-again: fingerprint = …": "a 401 of a successor",
    "reject-again: last_rejected_at <= …": "the fourth 401",
    "reject-again: no last_rejected_at": "a window without its last rejection",
    "reject-again: no last_rejected_at or last_rejected_at <= …": "another 401 within the minute",
    "reject-again: no rejected": "a window without its rejected token",
    "reject-again: no rejected or rejected <> …": "a 401 that was on its way for a minute",
    "reject-again: reject_count < …": "the fourth 401",
    "reject-again: reject_window > …": "a window is put back by hand before a report",
    "reject-again: rejected <> …": "the fourth 401",
    "reject-again: the whole condition": "the fourth 401",
    "reject: fingerprint = …": "a 401 past soft expiry",
    "reject: last_rejected_at <= …": "another 401 ten minutes later",
    "reject: no last_rejected_at": "the same session again, rejected again",
    "reject: no last_rejected_at or last_rejected_at <= …": "a 401 ten minutes after the first and less than one after the last",
    "reject: no reject_window": "the same session again, rejected again",
    "reject: no reject_window or reject_window <= …": "the fourth 401",
    "reject: no rejected": "the same session again, rejected again",
    "reject: no rejected or rejected <> …": "the same session again, rejected again",
    "reject: reject_window <= …": "another 401 ten minutes later",
    "reject: rejected <> …": "another 401 ten minutes later",
    "reject: the whole condition": "the same session again, rejected again",
    "release: fence = …": "the fence is raised by hand before a release",
    "release: lease_owner = …": "the row is deleted, and a lease given back late",
    "release: the whole condition": "the row is deleted, and a lease given back late",
    "repair: lease_until = …": "a lease's end in words",
    "repair: not lease_until of its type": "a lease's end of no type of ours",
    "repair: the whole condition": "a lease's end in words",
    "taint of another's: key_id <> …": "another key leaked",
    "taint of another's: no key_id": "a leaked key among cold callers",
    "taint of another's: the whole condition": "a leaked key among cold callers",
    "taint: the whole condition": "another key leaked",
}
_LONGEST = 3  # alternatives that a name spells out


def write_of(update: ConditionalWrite) -> str:
    """Return the name of a write; the two ways to taint have one each."""
    return "taint of another's" if update.name == "taint" and "sealed" not in update.remove else update.name


def clauses_of(update: ConditionalWrite) -> Iterator[tuple[str, ConditionalWrite]]:
    """Give the name of each clause of a write's condition, at every level, and the write without it."""
    if update.condition is None:
        return
    write = write_of(update)
    yield f"{write}: {WHOLE}", replace(update, condition=None)
    for name, condition in _thinned(update.condition, nested=False):
        yield f"{write}: {name}", replace(update, condition=condition)


def without(clause: str) -> Callable[[ConditionalWrite], ConditionalWrite]:
    """Return what leaves a clause out of each write that has it."""

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
    repairs = (writes.repair(CacheRow.from_item({"lease_until": value})) for value in ("soon", FOREIGN))
    return (*(update for update, _ in WRITES.values()), *repairs, writes.flush())


def _thinned(clause: Clause, *, nested: bool) -> Iterator[tuple[str, Clause]]:
    if not isinstance(clause, AllOf | AnyOf):
        return
    kind, parts = type(clause), clause.clauses
    for number, part in enumerate(parts):
        before, after = parts[:number], parts[number + 1 :]
        name = _name(part)
        if kind is AllOf and nested:
            name += f" beside {_name(AllOf(*before, *after))}"
        yield name, kind(*before, *after)
        for inner, thinned in _thinned(part, nested=True):
            yield inner, kind(*before, thinned, *after)


def _name(clause: Clause) -> str:
    match clause:
        case Missing(name):
            return f"no {name}"
        case Compare(name, operator, _):
            return f"{name} {operator} …"
        case Same(name, other):
            return f"{name} = {other}"
        case Between(name, _, _):
            return f"{name} between … and …"
        case Contains(name, _):
            return f"… in {name}"
        case OfType(name, _):
            return f"{name} of its type"
        case Not(inner):
            return f"not {_name(inner)}"
        case AllOf(clauses):
            return " and ".join(map(_name, clauses))
        case AnyOf(clauses):
            first, *others = map(_name, clauses)
            return " or ".join((first, *others)) if len(clauses) <= _LONGEST else f"{first} or {len(others)} others"
