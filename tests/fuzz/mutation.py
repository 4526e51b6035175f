"""Valid things and what is near them: random bytes alone never get past the first check.

Every choice is read from a tape of bytes that Hypothesis draws: that is ten times faster than a draw for each choice, and
smaller bytes on it mean fewer and simpler changes, so a finding still shrinks.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

TAPE = 40  # bytes; of a length that is left open Hypothesis draws five
MOST_CHANGES = 4
_SEPARATORS = b'\n /:.,;={}[]"%&-'
DEEPEST = 3

# What has been the end of readers before.
ODD_TEXTS = (
    "", " ", "\x00", "\ud800", "\N{LATIN SMALL LETTER E WITH ACUTE}", "\N{FULLWIDTH FULL STOP}", "\u2028", "a" * 300, "ab_" * 60 + "!",
    "-----BEGIN A-----", "%2e%2e", "..", "//", "\\", "\r\nHost: evil.example", "{{", "NaN", "1e300", "-1", "٣", "²", "None",
)  # fmt: skip
ODD_NUMBERS = (0, -1, 1, 2**31, 2**63, 10**400, -(10**20), 0.5, -0.0, 1e300, float("nan"), float("inf"), float("-inf"))


class Tape:
    """Choices, one after the other; past its end each is the first.

    Args:
        data: what is read.
    """

    def __init__(self, data: bytes) -> None:
        self._left = iter(data)

    def below(self, end: int) -> int:
        """Return a number from 0 to the end, without it."""
        number, size = next(self._left, 0), end
        while size > 256:
            number, size = number << 8 | next(self._left, 0), size >> 8
        return number % end

    def choice[Each](self, of: Sequence[Each]) -> Each:
        """Return one of several."""
        return of[self.below(len(of))]


def taped[Made](make: Callable[[Tape], Made]) -> st.SearchStrategy[Made]:
    """Return what a function makes of a tape."""
    return st.binary(min_size=TAPE, max_size=TAPE).map(lambda data: make(Tape(data)))


def _odd_text(tape: Tape) -> str:
    if tape.below(3):
        return tape.choice(ODD_TEXTS)
    return "".join(chr(tape.below(128) if tape.below(4) else tape.below(0xD800)) for _ in range(tape.below(12)))


def _odd_value(tape: Tape, depth: int = 0) -> Any:
    kinds: list[Callable[[], Any]] = [
        lambda: None,
        *[lambda: _odd_text(tape)] * 3,
        *[lambda: tape.choice(ODD_NUMBERS)] * 3,
        lambda: tape.below(2) == 1,
        lambda: tape.below(2**24) - 2**23,
        lambda: [_odd_value(tape, depth + 1) for _ in range(tape.below(4))],
        lambda: {_odd_text(tape): _odd_value(tape, depth + 1) for _ in range(tape.below(4))},
    ]
    return tape.choice(kinds[:-2] if depth >= DEEPEST else kinds)()


def _changed(tape: Tape, valid: Sequence[Mapping[str, Any]], also: Sequence[str]) -> dict[str, Any]:
    fields = dict(tape.choice(valid))
    for _ in range(tape.below(MOST_CHANGES + 1)):
        name = tape.choice([*fields, *also]) if fields or also else _odd_text(tape)
        before = fields.get(name)
        match tape.below(6):
            case 0:
                fields.pop(name, None)
            case 1 if isinstance(before, dict):
                fields[name] = _changed(tape, (before,), ())
            case 1 | 2 if isinstance(before, str):
                fields[name] = _mutated_text(tape, (before,), ODD_TEXTS)
            case 3:
                fields[_odd_text(tape)] = _odd_value(tape)
            case _:
                fields[name] = _odd_value(tape)
    return fields


def _borders(data: bytes) -> list[int]:
    """Return where one part of something ends and the next begins: there a change means most."""
    return [0, *(at + 1 for at, byte in enumerate(data) if byte in _SEPARATORS), len(data)]


def _mutated(tape: Tape, valid: Sequence[bytes], pieces: Sequence[bytes]) -> bytes:
    data = tape.choice(valid)
    for _ in range(tape.below(MOST_CHANGES + 1)):
        at = tape.choice(_borders(data)) if tape.below(2) else tape.below(len(data) + 1)
        end = min(len(data), at + tape.below(12))
        piece = tape.choice(pieces) if pieces and tape.below(4) else bytes([tape.below(256)])
        match tape.below(6):
            case 0:
                data = data[:at] + data[end:]
            case 1:
                data = data[:at] + piece + data[end:]
            case 2 | 3:
                data = data[:at] + piece + data[at:]
            case 4:
                data = data[:end] + data[at:end] * tape.choice((1, 2, 50)) + data[end:]
            case _:
                data = data[:at]
    return data


def _mutated_text(tape: Tape, valid: Sequence[str], pieces: Sequence[str]) -> str:
    if not tape.below(16):
        return _odd_text(tape)
    encoded = [piece.encode("utf-8", "surrogatepass") for piece in pieces]
    near = _mutated(tape, [text.encode("utf-8", "surrogatepass") for text in valid], encoded)
    return near.decode("utf-8", "replace")


def _json_text(tape: Tape, valid: Sequence[Mapping[str, Any]], also: Sequence[str]) -> str:
    value = _changed(tape, valid, also)
    text = json.dumps(value, ensure_ascii=tape.below(2) == 0)
    match tape.below(12):
        case 8:
            return _mutated_text(tape, (text,), ODD_TEXTS)
        case 9:
            return "[" * tape.choice((1, 1000, 200_000)) + text
        case 10:
            return f"{{{json.dumps(tape.choice([*value, 'x']))}: 1, {text.removeprefix('{')}"
        case 11:
            return text.replace(" 9", " 1e999").replace(" 8", " " + "9" * 5000)
        case _:
            return text


odd_texts = taped(_odd_text)
odd_values = taped(_odd_value)


def changed(*valid: Mapping[str, Any], also: Sequence[str] = ()) -> st.SearchStrategy[dict[str, Any]]:
    """Return valid objects with a few fields lost, added or of another value, at any depth.

    Args:
        valid: objects to begin with.
        also: names of fields that may be added.
    """
    return taped(lambda tape: _changed(tape, valid, also))


def mutated(*valid: bytes, pieces: Sequence[bytes] = ()) -> st.SearchStrategy[bytes]:
    """Return valid bytes with a few places cut, doubled, replaced or filled.

    Args:
        valid: bytes to begin with.
        pieces: what may be put in, beside any byte.
    """
    return taped(lambda tape: _mutated(tape, valid, pieces))


def mutated_text(*valid: str, pieces: Sequence[str] = ODD_TEXTS) -> st.SearchStrategy[str]:
    """Return valid texts, changed likewise; or a text of any kind."""
    return taped(lambda tape: _mutated_text(tape, valid, pieces))


def json_texts(*valid: Mapping[str, Any], also: Sequence[str] = ()) -> st.SearchStrategy[str]:
    """Return JSON texts of changed objects; now and then one that is damaged itself, or nested deep."""
    return taped(lambda tape: _json_text(tape, valid, also))


def as_bytes(texts: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Return texts as bytes; half a character stays half a one."""
    return texts.map(lambda text: text.encode("utf-8", "surrogatepass"))
