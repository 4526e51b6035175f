"""Files of lines NAME=VALUE, as dotenv and shells read them; nothing in them is expanded or run.

Source: the rules that the packages dotenv (Node.js) and python-dotenv share.
"""

import re

from sfmint_values.foreign import Foreign

_LINE = re.compile(
    r"[ \t]*+(?:(?:export|declare -[A-Za-z]{1,4}|typeset -[A-Za-z]{1,4})[ \t]++)?([A-Za-z_][A-Za-z0-9_.-]{0,99})[ \t]*+=[ \t]*+"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SIGNS = {"n": "\n", "r": "\r", "t": "\t"}
_QUOTES = "'\"`"


def is_dotenv(text: Foreign) -> bool:
    """Return whether the first line that says something has a name and a value."""
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return _begins(next(lines, ""))


def _begins(line: Foreign) -> bool:
    return _LINE.match(line) is not None


def variables_of(text: Foreign) -> dict[str, str]:
    """Return the values by their names; of a name that stands twice the last one counts, as for those who read such files.

    Args:
        text: lines NAME=VALUE, also as `export -p` of a shell prints them. A value may stand in quotes, and then have
            several lines; in double ones, and after $, a backslash begins a sign. Without quotes it ends at a blank and #.
    """
    text = text.replace("\r\n", "\n")
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        if begin := _LINE.match(text, at):
            found[begin[1]], at = _value(text, begin.end())
        at = _next_line(text, at)
    return found


def _next_line(text: Foreign, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _value(text: Foreign, at: int) -> tuple[str, int]:
    """Return the value that begins somewhere, and where it ends: quoted parts side by side are one, as a shell prints them."""
    parts = []
    while found := _quoted(text, at):
        part, at = found
        parts.append(part)
    if parts:
        return "".join(parts), at
    end = _next_line(text, at)
    line = text[at:end].rstrip("\n")
    return line.partition(" #")[0].strip(), max(at, end - 1)


def _quoted(text: Foreign, at: int) -> tuple[str, int] | None:
    """Return what stands in quotes somewhere, and where that ends; None: nothing does."""
    is_ansi = text.startswith("$'", at)
    begin = at + (2 if is_ansi else 1)
    quote = text[begin - 1 : begin]
    escaped = is_ansi or quote == '"'
    if not quote or quote not in _QUOTES or (end := _closing(text, begin, quote, escaped=escaped)) is None:
        return None
    inner = text[begin:end]
    return (_unescaped(inner) if escaped else inner), end + 1


def _closing(text: Foreign, at: int, quote: str, *, escaped: bool = False) -> int | None:
    """Return where a quote is closed; a backslash may keep the next sign from that."""
    while at < len(text):
        if text[at] == quote:
            return at
        at += 2 if escaped and text[at] == "\\" else 1
    return None


def _unescaped(text: Foreign) -> str:
    return _ESCAPED.sub(lambda found: _SIGNS.get(found[1], found[1] if found[1] in _QUOTES + "\\$" else found[0]), text)
