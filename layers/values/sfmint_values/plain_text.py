"""Foreign text on one line, and the letters of it without the marks that change how they look."""

from collections.abc import Iterator
from unicodedata import category, combining, normalize

from sfmint_values.foreign import Foreign

MOST_MARKS = 8  # on one letter; no writing needs more, and to sort many of them takes the square of their number


def composed(text: Foreign) -> str:
    """Return a text in its usual letters (NFKC), without the marks that a letter has in excess of `MOST_MARKS`."""
    return text if text.isascii() else normalize("NFC", "".join(_decomposed(text)))


def one_line(text: Foreign, control: str) -> str:
    """Return a text in its usual letters, without line breaks and whatever else cannot be printed.

    Args:
        text: anything.
        control: what stands for a control character; other white space becomes a blank.
    """
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _instead(char, control) for char in text)
    return composed(text)


def letters_and_looks(line: Foreign) -> tuple[str, list[str]]:
    """Return the letters of a line without accents and other marks, which may hide a secret, and how each looks with.

    Args:
        line: as `one_line` returns it.

    Returns:
        The letters, and for each of them what stands for it in the line.
    """
    if line.isascii():
        return line, list(line)
    letters: list[str] = []
    looks: list[str] = []
    for char in line:
        if not _is_mark(char):
            letters.append(_letter(char))
            looks.append(char)
        elif looks:
            looks[-1] += char
    return "".join(letters), looks


def _instead(char: str, control: str) -> str:
    return " " if char.isspace() else control if char < " " else ""


def _decomposed(text: Foreign) -> Iterator[str]:
    """Yield the letters and marks of a text (NFKD), letter by letter: so it takes as long as the text is."""
    marks = 0
    for char in text:
        for part in char if char.isascii() else normalize("NFKD", char):
            marks = marks + 1 if combining(part) else 0
            if marks <= MOST_MARKS:
                yield part


def _letter(char: str) -> str:
    """Return what is left of a character without its marks; of a syllable of Hangul itself, which has several letters."""
    parts = char if char.isascii() else "".join(part for part in normalize("NFKD", char) if not _is_mark(part))
    return parts if len(parts) == 1 else char


def _is_mark(char: str) -> bool:
    return not char.isascii() and (combining(char) != 0 or category(char) in {"Mn", "Me"})
