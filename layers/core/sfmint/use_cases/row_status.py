"""What may be told of a row: all but the token. Nothing here is believed when a token is served."""

from typing import Any

from sfmint.row import decisions
from sfmint.row.rejections import rejections_lately
from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import iso8601
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_values.foreign import Foreign
from sfmint_values.secret import is_fingerprint


def row_status(row: CacheRow, now: float) -> dict[str, Any]:
    """Return what a row says, as `status` tells it (docs/interface.md).

    Args:
        row: as it was read.
        now: epoch seconds.
    """
    error = decisions.remembered(row)
    failure = {
        "error": type(error).__name__,
        "reason": row.failure_reason if row.failure_reason in REASONS else None,
        "message": str(error),
        "count": row.failure_count,
        "until": _instant(row.failure_until),
    }
    return {
        "fence": row.fence,
        "fingerprint": _hint(row.fingerprint),
        "key_id": _hint(row.key_id),
        "key_since": _instant(row.key_since),
        "certificate_until": _instant(row.certificate_until),
        "issued_at": _instant(row.issued_at),
        "soft_expiry": _instant(row.soft_expiry),
        "expires_at": _instant(row.hard_expiry),
        "leased_until": _instant(row.lease_until),
        "rejected": _hint(row.rejected),
        "reject_count": rejections_lately(row, now),
        "tainted_keys": sorted(filter(_hint, row.tainted_keys or ())),
        "failure": failure if row.is_failing(now) else None,
    }


def _hint(text: Foreign | None) -> str | None:
    """Return a fingerprint or key id of a row; any other text is somebody else's, and is not shown."""
    return text if text is not None and is_fingerprint(text) else None


def _instant(value: float | None) -> str | None:
    return None if value is None else iso8601(value)
