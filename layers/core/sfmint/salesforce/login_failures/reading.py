"""What an answer of the token endpoint says of a failed login, in whatever form it says it.

Source: RFC 6749 section 5.2; Salesforce Help, "OAuth 2.0 JWT Bearer Flow": JSON, and XML or a form for who asks for it.
"""

import re
from contextlib import suppress
from html import unescape
from typing import Any
from urllib.parse import parse_qsl

from sfmint.json_object import parse_object
from sfmint_values.foreign import Foreign

LONGEST_READ = 4096  # characters of a field; what follows is not looked at
QUOTES = str.maketrans(  # what a page makes of an apostrophe
    dict.fromkeys("\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}`\N{ACUTE ACCENT}", "'")
)
# An escape of JSON, HTML or a URL that is left in what was escaped twice.
_ESCAPED = re.compile(r"\\(?:u[0-9a-f]{4}|[nrt])|&(?:amp;)*+#?\w{1,8};|%[0-9a-f]{2}")
_PAGE = ("<!doctype html", "<html")
_ENDS = " .,:;'\""
_FIELDS = 20  # of a form
_ERROR, _DESCRIPTION = "error", "error_description"


def said(text: Foreign) -> tuple[str, str]:
    """Return `error` and `error_description` of an answer; each is empty where it is not there.

    Args:
        text: the body, as JSON, as a form or as XML.
    """
    text = text.strip()
    fields: dict[str, Any] = {}
    if text.startswith("{"):
        with suppress(ValueError):
            fields = parse_object(text)
    elif text.startswith("<"):
        fields = {name: _element(text, name) for name in (_ERROR, _DESCRIPTION)}
    else:
        with suppress(ValueError):
            fields = dict(parse_qsl(text[:LONGEST_READ].removeprefix("?"), max_num_fields=_FIELDS))
    return _text(fields.get(_ERROR)), _text(fields.get(_DESCRIPTION))


def plain(text: Foreign) -> str:
    """Return words as the table has them: in lower case, on one line, without what a page makes of an apostrophe."""
    for _ in range(2):  # an escaped escape
        text = unescape(text[:LONGEST_READ])
    return " ".join(text.translate(QUOTES).lower().split())


def plain_code(error: Foreign) -> str:
    """Return an `error` as the table has it."""
    return plain(error).strip(_ENDS)


def letters(words: Foreign) -> str:
    """Return the letters and digits of plain words, which are what two spellings of one sentence share.

    Apostrophes of any shape or none, escapes, hyphens, blanks and invisible signs between them make no difference.
    """
    return "".join(char for char in _unescaped(words) if char.isascii() and char.isalnum())


def _unescaped(words: Foreign) -> str:
    return _ESCAPED.sub(" ", words)


def is_page(content_type: Foreign, text: Foreign) -> bool:
    """Return whether an answer is a page of HTML, whatever it calls itself; a proxy may call an answer of JSON one."""
    head = text[:LONGEST_READ].lstrip().lower()
    return head.startswith(_PAGE) or (content_type == "text/html" and not head.startswith("{"))


def _text(value: object) -> str:
    """Return a field that is a text, or a list of texts, of which the first counts."""
    if isinstance(value, list) and value:
        value = value[0]
    return value[:LONGEST_READ] if isinstance(value, str) else ""


def _element(text: Foreign, name: str) -> str:
    """Return what stands in the first element of a name."""
    _, _, rest = text.partition(f"<{name}>")
    inside, end, _ = rest.partition(f"</{name}>")
    return inside if end else ""
