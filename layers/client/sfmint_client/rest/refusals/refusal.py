"""A refusal of Salesforce's REST API, read from its answer."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from sfmint_client.errors import SalesforceBusy, SalesforceUnavailable, SfmintError
from sfmint_client.rest.refusals.meaning import Meaning
from sfmint_client.rest.refusals.table import KNOWN_CODES, meaning_of
from sfmint_values.foreign import Foreign, ForeignBytes
from sfmint_values.redaction import redacted
from sfmint_values.secret import Secret
from sfmint_values.vocabulary import REST

UNSURE = "It may have been carried out, and is not sent twice: look into Salesforce before you send it again."
_CODE = re.compile(r"[A-Z][A-Za-z0-9_]{0,79}|\(redacted\)")
_TEXTS = {
    b"Bad_OAuth_Token",
    b"Missing_OAuth_Token",
    b"Wrong_Org",
    b"No_Access",
    b"Bad_Id",
}  # the whole of a 403 or 404
_LONGEST_WORDS = (
    4096  # characters of a message that are understood; a trigger's may be long before it comes to the point
)
_DEPTH = 4  # of lists and objects that an error is looked for in
# The names of code and message: of REST, of Bulk API 1.0, of one record among many,
# of REST's newer resources and of OAuth.
_NAMES = (
    *(("errorCode", "message"), ("exceptionCode", "exceptionMessage"), ("statusCode", "message"), ("code", "message")),
    *(("", "error_description"), ("", "error")),
)
# What answers in XML: Bulk API 1.0; REST that was asked for it; SOAP.
_XML = re.compile(
    rb"<exceptionCode>([^<]{1,80})</exceptionCode>(?:\s*<exceptionMessage>)?([^<]{0,4096})"
    rb"|<errorCode>([^<]{1,80})</errorCode>(?:\s*<message>)?([^<]{0,4096})"
    rb"|<faultcode>(?:[A-Za-z]{1,20}:)?([^<:]{1,80})</faultcode>(?:\s*<faultstring>)?([^<]{0,4096})"
)
_REFUSED, _BAD_REQUEST = 300, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer that is none: a status, and what Salesforce says of it.

    Attributes:
        status_code: 300 and above; of one part of an answer its own.
        code: Salesforce's `errorCode`, or empty; likewise without what looks like a secret.
        message: Salesforce's words, cut, on one line and without what looks like a secret.
        words: Salesforce's words as they came, to be understood and never shown.
    """

    status_code: int
    code: str
    message: str
    words: Foreign = field(default="", repr=False)

    @classmethod
    def read(cls, status_code: int, content: ForeignBytes, *, is_json: bool, token: Secret) -> Self:
        """Read a refusal.

        Args:
            status_code: Salesforce's.
            content: the body, or its beginning.
            is_json: whether it calls itself JSON; of pages and texts only a few are quoted.
            token: the token that was sent: it is hidden wherever it stands, however it is spelled.
        """
        if content.strip() in _TEXTS:
            return cls.said(status_code, "", content.strip().decode(), (token,))
        code, message = _said(_parsed(content)) if is_json else _said_in_xml(content)
        return cls.said(status_code, code, message, (token,))

    @classmethod
    def said(cls, status_code: int, code: Foreign, message: Foreign, tokens: tuple[Secret, ...]) -> Self:
        """Return a refusal in Salesforce's words, made fit to be shown."""
        shown = code if code in KNOWN_CODES else redacted(code, vocabulary=REST, sent=tokens)
        return cls(
            status_code=status_code,
            code=shown if _is_code(shown) else "",
            message=redacted(message, vocabulary=REST, sent=tokens),
            words=message[:_LONGEST_WORDS],
        )

    @classmethod
    def of_part(cls, status_code: int, value: object) -> Self:
        """Return the refusal of one part of an answer, whose whole holds no token.

        Args:
            status_code: the part's own, or that of the whole.
            value: what JSON says of it.
        """
        return cls.said(status_code, *_said(value), ())

    @property
    def meaning(self) -> Meaning:
        """What it means."""
        status = (
            self.status_code if self.status_code >= _REFUSED else _BAD_REQUEST
        )  # a part, of a whole that was answered
        return meaning_of(status, self.code, self.words or self.message)

    @property
    def quoted(self) -> str:
        """What Salesforce answered, as a clause."""
        answered = f"{self.status_code} {self.code}".rstrip()
        return f'{answered}: "{self.message}"' if self.message else answered

    def to_error(self, *, unsure: bool, retry_after_s: float | None = None) -> SfmintError:
        """Return the error that callers meet.

        Args:
            unsure: nobody knows whether the request was carried out; such an error is no `SalesforceBusy`.
            retry_after_s: how long Salesforce asks to wait, in seconds.
        """
        error = SalesforceUnavailable if unsure and self.meaning.error is SalesforceBusy else self.meaning.error
        unsure = unsure and error is SalesforceUnavailable
        wait = "" if retry_after_s is None else f" Salesforce asks to wait {retry_after_s:g} s."
        return error(f"Salesforce answered {self.quoted}. {UNSURE if unsure else self.meaning.remedy}{wait}")


def _is_code(text: Foreign) -> bool:
    return _CODE.fullmatch(text) is not None


def _parsed(content: ForeignBytes) -> object:
    with suppress(ValueError, RecursionError):
        return json.loads(content)
    return None


def _said(value: Any, depth: int = _DEPTH) -> tuple[str, str]:
    """Return code and message of the first error in an answer; where there is none, two empty texts."""
    if depth and isinstance(value, list):
        return next(filter(any, (_said(part, depth - 1) for part in value)), ("", ""))
    if not isinstance(value, dict):
        return "", ""
    own = [(_text(value.get(code)), _text(value.get(message))) for code, message in _NAMES]
    below = (_said(value.get(name), depth - 1) for name in ("errors", "results", "error") if depth)
    with_code = ((code, message) for code, message in own if code)
    return next(filter(any, (*with_code, *below, *own)), ("", ""))


def _text(value: object) -> str:
    return str(value or "") if isinstance(value, (str, int)) else ""


def _said_in_xml(content: ForeignBytes) -> tuple[str, str]:
    """Return code and message of an error in XML."""
    found = _XML.search(content)
    code, message = (part for part in found.groups() if part is not None) if found else (b"", b"")
    return code.decode(errors="replace"), message.decode(errors="replace")
