"""The rows of a stack as a table for people, and as facts for programs."""

from collections.abc import Mapping, Sequence

from sfmint.salesforce.access_token import iso8601
from sfmint_cli.result import Facts
from sfmint_cli.status.rows import Row, Rows
from sfmint_cli.status.state import span, state_of

HEADINGS = ("connection", "state", "age", "expires in", "last failure")
_GAP = "  "


def facts_of(found: Rows, now: float) -> Facts:
    """Return all that is known, by connection."""
    return {
        "build": found.build,
        "connections": {name: of_row(row, now) for name, row in found.rows.items()},
    }


def of_row(row: Row, now: float) -> Facts:
    """Return all that is known of one."""
    instants = {
        "issued_at": row.issued_at,
        "soft_expiry": row.soft_expiry,
        "expires_at": row.expires_at,
        "certificate_until": row.certificate_until,
        "looked_at": row.looked_at,
    }
    return {
        "state": state_of(row, now).value,
        "failing": state_of(row, now).is_failing,
        "fingerprint": row.fingerprint,
        "key_id": row.key_id,
        **{name: None if at is None else iso8601(at) for name, at in instants.items()},
        "age_s": None if row.issued_at is None else max(0, int(now - row.issued_at)),
        "expires_in": max(0, int(row.expires_at - now)) if row.expires_at and row.is_served(now) else None,
        "failure": _failure(row),
        "reject_count": row.reject_count,
        "tainted_keys": list(row.tainted_keys),
    }


def _failure(row: Row) -> Mapping[str, object] | None:
    if row.unread:
        return {"name": row.unread.name, "cause": row.unread.cause, "remedy": row.unread.remedy}
    if row.failure is None:
        return None
    until = None if row.failure.until is None else iso8601(row.failure.until)
    told = {"name": row.failure.error, "reason": row.failure.reason, "cause": row.failure.cause}
    return {**told, "remedy": row.failure.remedy, "count": row.failure.count, "until": until}


def lines_of(found: Rows, now: float) -> tuple[str, ...]:
    """Return the table, a line for each connection, and the build below it."""
    cells = [HEADINGS, *(_cells(row, now) for row in found.rows.values())]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return (*(_line(row, widths) for row in cells), f"build {found.build or 'of a plain deploy, which has no name'}")


def _cells(row: Row, now: float) -> tuple[str, ...]:
    served = row.is_served(now)
    age = span(now - row.issued_at) if row.issued_at is not None and served else "-"
    left = span(row.expires_at - now) if row.expires_at is not None and served else "-"
    return (row.name, state_of(row, now).value, age, left, _last_failure(row, now))


def _last_failure(row: Row, now: float) -> str:
    if row.unread:
        return row.unread.cause
    failure = row.failure
    if failure is None:
        return "-"
    times = f"{failure.count} in a row, " if failure.count > 1 else ""
    again = f"{times}next login in {span(failure.until - now)}" if failure.until else times.rstrip(", ")
    return f"{failure.cause} ({again})" if again else failure.cause


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
