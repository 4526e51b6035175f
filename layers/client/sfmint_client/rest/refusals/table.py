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


def meaning_of(status: int, code: str, message: Foreign) -> Meaning:
    """Return the first kind that fits; the last fits anything."""
    return next(row for row in MEANINGS if row.fits(status, code, message))
