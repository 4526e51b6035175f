"""The text of a secret, read as people store it: JSON, and where it is not, what it is instead and where it breaks.

Nothing here quotes the text, which holds a private key.
"""

import base64
import json
import re
from typing import Any, NoReturn

from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint_values.foreign import Foreign, plain_name
from sfmint_values.text_bytes import MARK, text_of

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LINE_OF = re.compile(r"(?:export +)?[A-Za-z_][\w.-]{0,60} ?([=:])(?!//)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_FILE_NAME = re.compile(r"(?:file|fileb)://\S{1,300}|[^\s{}\"=]{1,300}\.(?:json|pem|key|txt|ya?ml)", re.IGNORECASE)
_WRAPPINGS = 4  # rounds, each of which takes one wrapping off: a JSON text, or base64

# What a character means that stands where JSON has another, by how the text goes on there.
_SIGNS = (
    (
        ("\xa0", "\u2028", "\u2029", "\u200b", "\u200c", "\u200d", "\u2060", "\u3000", "\ufeff"),
        "a blank or an invisible sign that JSON does not have",
    ),
    (("\uff02", "\uff0c", "\uff1a", "\uff5b", "\uff5d"), "a wide sign, where JSON has a plain one"),
    (("&quot;", "&#"), "an entity of HTML, where JSON has a double quote"),
    (("'",), "single quotes, as in a printed Python dictionary, where JSON has double ones"),
    (
        ("\u201c", "\u201d", "\u201e", "\u2018", "\u2019", "\u2033", "\xab", "\xbb"),
        "curly quotes, where JSON has straight ones",
    ),
    (("//", "/*", "#"), "a comment, which JSON does not have"),
    (("True", "False", "None"), "a word of Python's, where JSON has true, false or null"),
    (('\\"', "\\n", "\\"), "a backslash outside a text"),
    (("-----BEGIN", "`", "$"), "a text without double quotes"),
)
# What the parser of the standard library says, and the same in words that tell what to do.
_SAID = (
    ("Illegal trailing comma", "a comma after the last field"),
    ("Invalid \\", "a backslash in a text that is not doubled"),
    ("Unterminated string", "a text that has no end"),
    ("Extra data", "something after the object"),
    ("Expecting ',' delimiter", "no comma after a field, or a double quote in a text without a backslash before it"),
    ("Expecting ':' delimiter", "no colon after a field's name"),
    ("Expecting property name", "a field's name without double quotes"),
)


def fields_of(text: Foreign) -> dict[str, Any]:
    """Return the fields of a secret.

    Args:
        text: a JSON object. Line breaks and tabs may stand in its texts as they are, a byte order mark before it; and the
            object may itself be a JSON text, or base64.

    Raises:
        CredentialFault: it is something else, or a name stands in it twice.

    Source: RFC 8259; section 4 for names that stand twice, section 6 for NaN, section 7 for control characters.
    """
    for _ in range(_WRAPPINGS):
        text = _trimmed(text)
        inner: object = _unpacked(text)
        if inner is None:
            inner = _read(text)
        if isinstance(inner, dict):
            return inner
        if not isinstance(inner, str) or not _may_be_object(_trimmed(inner)):
            break
        text = inner
    raise _unreadable("not a JSON object")


def _read(text: Foreign) -> object:
    if found := _CONTROL.search(text):
        raise _unreadable(_at(text, found.start(), "a control character in a text"))
    try:
        return json.loads(text, strict=False, object_pairs_hook=_unique, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        what = _whole(text) or _at(text, error.pos, _cause(text, error.pos, error.msg))
    except RecursionError:
        what = "not JSON: it is nested too deep"
    except ValueError:
        what = "not JSON: it holds a number of too many digits"
    raise _unreadable(what)


def _trimmed(text: Foreign) -> str:
    return text.strip(f"{MARK} \t\r\n")


def _may_be_object(text: Foreign) -> bool:
    return text.startswith(("{", '"')) or _is_base64(text)


def _is_base64(text: Foreign) -> bool:
    return _BASE64.fullmatch("".join(text.split())) is not None


def _unpacked(text: Foreign) -> str | None:
    """Return what a text of base64 holds, if that may be an object, else None."""
    if not _is_base64(text):
        return None
    packed = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        inner = text_of(base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True))
    except ValueError:
        return None
    return inner if _may_be_object(_trimmed(inner)) else None


def _whole(text: Foreign) -> str:
    """Return what a text is that does not even begin as JSON does; empty where nothing is known of it."""
    if text.startswith("-----BEGIN"):
        return "a bare PEM block, not a JSON object: the other fields are missing"
    if text.startswith(("---\n", "---\r", "%YAML")):
        return "YAML, not JSON"
    if text[:3].upper() == "%7B":
        return "encoded for a URL, not JSON"
    if _is_file_name(text):
        return "the name of a file, not what is in it"
    if _is_base64(text):
        return "one word, or base64 of something else, not a JSON object"
    if text.startswith("<"):
        return "XML or a page, not JSON"
    if found := _LINE_OF.match(text):
        return "YAML, not JSON" if found[1] == ":" else "lines of NAME=VALUE, not JSON"
    return ""


def _is_file_name(text: Foreign) -> bool:
    return _FILE_NAME.fullmatch(text) is not None


def _cause(text: Foreign, at: int, said: str) -> str:
    if at >= len(text):
        return "the text ends too early"
    if said.startswith("Extra") and not text.startswith("{"):
        return "something after the first text: the object has to begin with {, and a double quote in a text with a backslash"
    known = ((begins, meaning) for begins, meaning in _SIGNS if text.startswith(begins, at))
    told = ((begin, meaning) for begin, meaning in _SAID if said.startswith(begin))
    is_open = said.startswith(("Expecting", "Extra"))  # what stands there is none of JSON's signs
    return next((meaning for _, meaning in (*(known if is_open else ()), *told)), "no value of JSON's")


def _at(text: Foreign, at: int, what: str) -> str:
    """Return what stands where, counted from 1 as editors do."""
    line = text.count("\n", 0, at) + 1
    return f"not JSON: line {line}, column {at - text.rfind('\n', 0, at)}: {what}"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise _unreadable(f"a JSON object in which the name {plain_name(name)} stands twice")
        fields[name] = value
    return fields


def _no_number(_: str) -> NoReturn:
    raise _unreadable("not JSON: it holds NaN or Infinity, which JSON does not have")


def _unreadable(what: str) -> CredentialFault:
    return CredentialFault(Fault.UNREADABLE, what=what)
