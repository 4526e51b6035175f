"""All kinds of refusals, in the order in which they count."""

from sfmint_client.rest.refusals.access import ACCESS
from sfmint_client.rest.refusals.data import DATA
from sfmint_client.rest.refusals.meaning import Meaning
from sfmint_client.rest.refusals.own_code import OWN_CODE
from sfmint_client.rest.refusals.passing import PASSING
from sfmint_client.rest.refusals.request import REQUEST
from sfmint_client.rest.refusals.statuses import STATUSES
from sfmint_values.foreign import Foreign

_ROWS = (*ACCESS, *PASSING, *OWN_CODE, *REQUEST, *DATA, *STATUSES)
# A code says more than words, and words more than a status.
MEANINGS = (*(row for row in _ROWS if row.codes), *(row for row in _ROWS if not row.codes))
KNOWN_CODES = frozenset(code for row in _ROWS for code in row.codes)


def meanings_of(status: int, code: str, error: str) -> tuple[Meaning, ...]:
    """Return the kinds that a refusal may be of where Salesforce's words are not known, in the order in which they count.

    Args:
        status: the HTTP status.
        code: Salesforce's `errorCode`, or empty.
        error: the class that the caller met.
    """
    found: list[Meaning] = []
    for row in (row for row in MEANINGS if row.codes) if code in KNOWN_CODES else ():
        if row.error.__name__ == error and row.fits(status, code, row.words[0] if row.words else ""):
            found.append(row)
            if not row.words:
                break
    usual = meaning_of(status, code, "")
    return tuple(found) or ((usual,) if usual.error.__name__ == error else ())


def meaning_of(status: int, code: str, message: Foreign) -> Meaning:
    """Return the first kind that fits; the last fits anything."""
    return next(row for row in MEANINGS if row.fits(status, code, message))
