"""What a refusal of Salesforce's REST API means: the error that callers meet, and what to do about it.

Source: REST API Developer Guide, "Status Codes and Error Responses".
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from sfmint_client.errors import (
    SalesforceBadRequest,
    SalesforceConflict,
    SalesforceForbidden,
    SalesforceNotFound,
    SalesforceRateLimited,
    SalesforceUnavailable,
    SfmintError,
)
from sfmint_values.foreign import Foreign, ForeignBytes
from sfmint_values.redaction import redacted
from sfmint_values.secret import Secret
from sfmint_values.vocabulary import REST

UNSURE = "It may have been carried out, and is not sent twice: look into Salesforce before you send it again."
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,79}|\(redacted\)")
_BAD_TOKEN = b"Bad_OAuth_Token"  # the whole text of a 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One kind of refusal.

    Attributes:
        error: the class that callers meet.
        remedy: what to do, one sentence or two.
        status: the statuses that it is for: one, or the first digit of many.
        code: Salesforce's `errorCode`; empty for any.
        words: a part of Salesforce's message, in lower case; empty for any.
    """

    error: type[SfmintError]
    remedy: str
    status: int
    code: str = ""
    words: str = ""

    def fits(self, status_code: int, code: str, message: str) -> bool:
        """Tell whether a refusal is of this kind."""
        status = self.status in {status_code, status_code // 100}
        return status and self.code in {"", code} and self.words in message.lower()


# The first row that fits counts.
MEANINGS = (
    Meaning(
        status=401,
        code="INVALID_SESSION_ID",
        words="not valid for use with the rest api",
        error=SalesforceForbidden,
        remedy="A new token does not help: give the app the scope api, and look at API Access Control in Setup.",
    ),
    Meaning(
        status=401,
        code="INVALID_SESSION_ID",
        error=SalesforceForbidden,
        remedy="A fresh token is refused too, so the token is not at fault: look at the IP restrictions of the user's"
        " profile, at the session settings, and for whatever logs this user out.",
    ),
    Meaning(
        status=403,
        code="REQUEST_LIMIT_EXCEEDED",
        error=SalesforceRateLimited,
        remedy="The org's API requests are used up: wait, and find out in Setup, under API usage, who uses them.",
    ),
    Meaning(
        status=403,
        code="API_DISABLED_FOR_ORG",
        error=SalesforceForbidden,
        remedy="Give the connection's user the permission API Enabled; the org's edition must include the API.",
    ),
    Meaning(
        status=403,
        words="bad_oauth_token",
        error=SalesforceForbidden,
        remedy="The token is no longer good there: flush the connection, or probe with /services/data/ instead.",
    ),
    Meaning(
        status=400,
        code="INVALID_QUERY_LOCATOR",
        error=SalesforceBadRequest,
        remedy="Run the query again: its next page is no longer kept.",
    ),
    Meaning(
        status=400,
        code="MALFORMED_QUERY",
        error=SalesforceBadRequest,
        remedy="Correct the SOQL where the message points: its quotes, commas and the order of its clauses.",
    ),
    Meaning(
        status=400,
        code="INVALID_FIELD",
        error=SalesforceBadRequest,
        remedy="Check the field's API name, and that field-level security lets the connection's user see it.",
    ),
    Meaning(
        status=400,
        code="INVALID_TYPE",
        error=SalesforceBadRequest,
        remedy="Check the object's API name, and that the connection's user may see the object.",
    ),
    Meaning(
        status=4,
        code="UNABLE_TO_LOCK_ROW",
        error=SalesforceConflict,
        remedy="Somebody else is changing the record or its parent: send it again after a pause, and do not write"
        " children of one parent in parallel.",
    ),
    Meaning(
        status=4,
        code="DUPLICATE_VALUE",
        error=SalesforceBadRequest,
        remedy="Another record has this value in a unique field: update that one, or send another value.",
    ),
    Meaning(
        status=4,
        code="REQUIRED_FIELD_MISSING",
        error=SalesforceBadRequest,
        remedy="Send the fields that the message lists; a default of the page layout does not count.",
    ),
    Meaning(
        status=4,
        code="INSUFFICIENT_ACCESS_OR_READONLY",
        error=SalesforceForbidden,
        remedy="Give the connection's user the permission on the object and share the record with it; some fields"
        " nobody may write.",
    ),
    Meaning(
        status=4,
        code="ENTITY_IS_DELETED",
        error=SalesforceNotFound,
        remedy="Forget the record, or restore it from the Recycle Bin.",
    ),
    Meaning(
        status=404,
        code="NOT_FOUND",
        error=SalesforceNotFound,
        remedy="Check the path, and that the connection's user may see the record.",
    ),
    Meaning(
        status=503,
        code="SERVER_UNAVAILABLE",
        error=SalesforceUnavailable,
        remedy="Call again later; status.salesforce.com tells of outages.",
    ),
    Meaning(
        status=300,
        error=SalesforceConflict,
        remedy="Make the external id unique: several records have this one.",
    ),
    Meaning(
        status=401,
        error=SalesforceForbidden,
        remedy="If there is no reason, as with HEAD, ask by GET; else look at the app's scopes and policies, and at the"
        " user.",
    ),
    Meaning(
        status=403,
        error=SalesforceForbidden,
        remedy="Give the connection's user the permission, or ask for something else.",
    ),
    Meaning(
        status=404,
        error=SalesforceNotFound,
        remedy="Check the path, and that the connection's user may see the record.",
    ),
    Meaning(status=409, error=SalesforceConflict, remedy="Read the record again and decide anew."),
    Meaning(
        status=410,
        error=SalesforceNotFound,
        remedy="Name a newer version in the path: GET /services/data lists them.",
    ),
    Meaning(status=412, error=SalesforceConflict, remedy="The record has changed: read it again and decide anew."),
    Meaning(status=429, error=SalesforceRateLimited, remedy="Call less often, or later."),
    Meaning(
        status=3,
        error=SalesforceUnavailable,
        remedy="Redirects are not followed; if the org has moved to another host, flush the connection's token, and the"
        " next one names it.",
    ),
    Meaning(status=4, error=SalesforceBadRequest, remedy="Correct the request; the same one is refused again."),
    Meaning(status=5, error=SalesforceUnavailable, remedy="Call again later; status.salesforce.com tells of outages."),
)
_STRANGE = Meaning(
    status=0, error=SalesforceUnavailable, remedy="No server of Salesforce answers so: look at proxies on the way."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer that is none: a status, and what Salesforce says of it.

    Attributes:
        status_code: 300 and above.
        code: Salesforce's `errorCode`, or empty; likewise without what looks like a secret.
        message: Salesforce's words, cut, on one line and without what looks like a secret.
    """

    status_code: int
    code: str
    message: str

    @classmethod
    def read(cls, status_code: int, content: ForeignBytes, *, is_json: bool, token: Secret) -> Self:
        """Read a refusal.

        Args:
            status_code: Salesforce's.
            content: the body, or its beginning.
            is_json: whether it calls itself JSON; pages and texts are not quoted, but for one.
            token: the token that was sent: it is hidden wherever it stands, however it is spelled.
        """
        said = _first(content) if is_json else {}
        if content.strip() == _BAD_TOKEN:
            said = {"message": _BAD_TOKEN.decode()}
        code, message = (str(said.get(name) or "") for name in ("errorCode", "message"))
        code, message = (redacted(text, vocabulary=REST, sent=(token,)) for text in (code, message))
        return cls(status_code=status_code, code=code if _is_code(code) else "", message=message)

    def to_error(self, *, is_repeatable: bool, retry_after_s: float | None = None) -> SfmintError:
        """Return the error that callers meet.

        Args:
            is_repeatable: whether the request may be sent twice without harm.
            retry_after_s: how long Salesforce asks to wait, in seconds.
        """
        fitting = (row for row in MEANINGS if row.fits(self.status_code, self.code, self.message))
        meaning = next(fitting, _STRANGE)
        unsure = meaning.error is SalesforceUnavailable and not is_repeatable
        answered = f"Salesforce answered {self.status_code} {self.code}".rstrip()
        quoted = f': "{self.message}".' if self.message else "."
        wait = "" if retry_after_s is None else f" Salesforce asks to wait {retry_after_s:g} s."
        return meaning.error(f"{answered}{quoted} {UNSURE if unsure else meaning.remedy}{wait}")


def _is_code(text: Foreign) -> bool:
    return _CODE.fullmatch(text) is not None


def _first(content: ForeignBytes) -> dict[str, Any]:
    """Return the first error of a list, or the one that stands alone."""
    said: object = None
    with suppress(ValueError, RecursionError):
        said = json.loads(content)
    if isinstance(said, list) and said:
        said = said[0]
    return said if isinstance(said, dict) else {}
