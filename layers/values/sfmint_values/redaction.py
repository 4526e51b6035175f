"""What somebody else said, made fit to be shown: one line, cut, and without anything that looks like a secret."""

import re
from unicodedata import combining, normalize

LONGEST = 200
REDACTED = "(redacted)"

_KEY = re.compile(r"-----BEGIN.*?(?:-----END[^-]*-----|\Z)")
_RUN = re.compile(r"[A-Za-z0-9+/=_.!%~-]{8,}")  # whatever base64, hexadecimal, a JWT or a form is written in
_WORD = r"(?:[A-Za-z]?[a-z]{1,15}\d{0,3}|[A-Z]{1,15}\d{0,3}|\d{1,15})"
_WORDS = re.compile(rf"[_./-]*(?:{_WORD}(?:[_./-]+{_WORD})*[_./-]*)?")
_PIECE, _GAP = "[A-Za-z0-9]", "[^A-Za-z0-9]+"
_DUMP = re.compile(rf"(?<!{_PIECE})(?:{_PIECE}{{1,2}}{_GAP}){{11,}}{_PIECE}++")  # bytes or letters one by one
_ODD = rf"(?!{_WORD}(?!{_PIECE})){_PIECE}++"  # too short for a run, and yet no word
_SPLIT = re.compile(rf"(?<!{_PIECE}){_ODD}(?:{_GAP}(?:{_PIECE}++{_GAP}){{0,2}}?{_ODD}){{2,}}")  # three close together


def redacted(text: str, longest: int = LONGEST) -> str:
    """Return foreign text as it may stand in a log line or an error.

    What is not plainly words, such as `invalid_grant` or `login.salesforce.com`, is taken for a secret: a word too many
    redacted costs a look into Salesforce, a token shown costs the token.

    Args:
        text: anything, of any length.
        longest: where it is cut, in characters.
    """
    line = normalize("NFKC", "".join(char if char.isprintable() else " " * char.isspace() for char in text))
    bare = normalize("NFC", "".join(char for char in normalize("NFKD", line) if not combining(char)))
    shown = _RUN.sub(_words_only, _KEY.sub(REDACTED, bare))
    shown = _SPLIT.sub(REDACTED, _DUMP.sub(REDACTED, shown))
    line = " ".join((line if shown == bare else shown).split())  # accents hide letters, so they go with a secret
    return line if len(line) <= longest else f"{line[: longest - 4].rstrip()} ..."


def _words_only(run: re.Match[str]) -> str:
    return run[0] if _WORDS.fullmatch(run[0]) else REDACTED
