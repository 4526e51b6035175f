"""What stands around a key or certificate by the time it is stored, taken off layer by layer.

Forms, shells, mail, templates and editors wrap a text in quotes, escapes, base64 and more. Each layer here is taken off only
because no key and no certificate can hold its signs.
"""

import base64
import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

from sfmint_values.foreign import Foreign
from sfmint_values.text_bytes import text_of

DASHES = "-----"
_DEEPEST = 6
_TIMES = 3  # that a text may have been encoded for a URL
_TWO_RULES = 10  # dashes that stand for the end of one border and the beginning of the next
_INVISIBLE = dict.fromkeys(map(ord, "\0\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\xad"))
_LOOK_ALIKES = {
    **dict.fromkeys(map(ord, "\xa0\u1680\u202f\u205f\u3000"), " "),
    **dict.fromkeys(range(0x2000, 0x200B), " "),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"), "-"),
    **dict.fromkeys(map(ord, "\u2014\u2015\ufe58"), "---"),  # what editors make of several
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\xab\xbb`"), '"'),
}
SIGNS = ">|,:;#*~{}()[]$"
_AROUND = str.maketrans("", "", SIGNS)  # what mail and programs put before a line or after it
_ESCAPED = re.compile(r"\\(?:u00|x)([0-9A-Fa-f]{2})")
_NO_CHARACTER = re.compile("&#[0-9]{8,}+")  # Python reads no number of some thousand digits
_ELEMENT = re.compile(r"</?(?:br|code|div|li|p|pre|span)\b[^<>]{0,200}>", re.IGNORECASE)
_JOINED = re.compile(r"""["']\s*+[+,.&]?+\s*+["']""")  # texts of a program that are put together
_RULE = re.compile("-{3,}+")
# A border line of which a part was not copied: few dashes before it, or few after it.
_CUT_BEFORE = re.compile(f"(?<!-)-{{0,2}}(?=(?:BEGIN|END) [A-Z0-9 ]{{0,40}}(?:PRIVATE KEY|CERTIFICATE){DASHES})")
_CUT_AFTER = re.compile(
    f"(?<={DASHES})((?:BEGIN|END) [A-Z0-9 ]{{0,40}}?(?:PRIVATE KEY|CERTIFICATE))(?:-{{1,2}}(?!-)|(?=\\s{{0,3}}$))",
    re.MULTILINE,
)
_BORDER = re.compile(
    f"{DASHES}[ \\t]{{0,3}}(BEGIN|END)[ \\t_]{{1,3}}([A-Z0-9 _#]{{1,60}}?)[ \\t]{{0,3}}(?={DASHES})", re.IGNORECASE
)
_DATA = re.compile(r"\s*+data:[\w/+.;=-]{0,80},")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){32,}+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}+={0,4}")


def layers(text: Foreign) -> Iterator[str | bytes]:
    """Yield the text in its usual letters, then what it wraps, the outermost first: texts, and octets where it is base64.

    Args:
        text: whatever was stored as a key or certificate.
    """
    for _ in range(_DEEPEST):
        text = plain(text)
        yield text
        inner = _inner(text)
        if inner is None:
            return
        if isinstance(inner, bytes):
            yield inner
            try:
                inner = text_of(inner)
            except ValueError:
                return
        text = inner


def plain(text: Foreign) -> str:
    """Return a text in plain letters: no escapes, quotes or look-alikes, PEM's border lines as RFC 7468 has them."""
    text = _without_escapes(_without_entities(_without_percents(text.translate(_INVISIBLE))))
    text = text.translate(_INVISIBLE).translate(_LOOK_ALIKES)
    text = _JOINED.sub("\n", text).replace('"', "").replace("'", "")
    text = _RULE.sub(lambda found: DASHES * (1 if len(found[0]) < _TWO_RULES else 2), text)
    text = _BORDER.sub(lambda found: f"{DASHES}{found[1]} {found[2].replace('_', ' ')}".upper(), text)
    return _CUT_AFTER.sub(rf"\1{DASHES}", _CUT_BEFORE.sub(DASHES, text))


def octets_of(text: Foreign) -> bytes | None:
    """Return what a text of base64 or of hexadecimal digits stands for, or None where it is neither.

    Padding may be missing, and the alphabet may be that of URLs (RFC 4648 section 5).
    """
    if _HEX.fullmatch("".join(text.translate(_AROUND).split())):
        return bytes.fromhex(text.translate(_AROUND))
    if not _BASE64.fullmatch("".join(text.translate(_AROUND).split())):
        return None
    packed = "".join(text.translate(_AROUND).split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except ValueError:
        return None


def _without_percents(text: Foreign) -> str:
    """Return a text that was encoded for a URL, or for a form, where a plus is a blank; twice perhaps."""
    for _ in range(_TIMES):
        if "%" not in text:
            break
        text = unquote_plus(text) if "BEGIN+" in text.upper() else unquote(text)
    return text


def _without_entities(text: Foreign) -> str:
    """Return a text as a page shows it; an entity may have been escaped once more, `&amp;#10;`."""
    if "&" in text:
        from html import unescape  # its table is long, and hardly anyone needs it

        for _ in range(_TIMES):
            text = unescape(_NO_CHARACTER.sub("", text))
    return _ELEMENT.sub("\n", text)


def _without_escapes(text: Foreign) -> str:
    text = text.replace("^M", "").replace("`r", "").replace("`n", "\n")  # as terminals and PowerShell write them
    if "\\" not in text:
        return text
    text = re.sub(r"\\++", r"\\", text)  # escaped twice, or more often
    text = text.replace("\\r", "").replace("\\n", "\n").replace("\\t", " ")
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).replace("\\", "")


def _inner(text: Foreign) -> str | bytes | None:
    """Return what a text wraps, or None where it wraps nothing."""
    if found := _DATA.match(text):
        return text[found.end() :]
    return octets_of(text)
