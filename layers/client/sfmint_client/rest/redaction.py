"""What somebody else said, made fit to be shown: one line, cut, and without anything that looks like a secret."""

import re

LONGEST = 200  # characters; some errors quote a whole query
REDACTED = "(redacted)"

_RUN = re.compile(r"[A-Za-z0-9+=_.!%~-]{8,}")  # whatever base64, a JWT or a token in a URL is written in
_HUMP = "[A-Z]{1,5}[a-z]{1,15}"
_RECORD_ID = "[0-9a][0-9A-Za-z]{14}(?:[A-Z0-5]{3})?"
_WORD = rf"(?:(?:[a-z]{{1,15}}|{_HUMP})(?:{_HUMP}){{0,4}}[A-Z]{{0,4}}\d{{0,3}}|[A-Z]{{1,15}}\d{{0,3}}|\d{{1,15}}|{_RECORD_ID})"
_WORDS = re.compile(rf"[_.-]*(?:{_WORD}(?:[_.-]+{_WORD})*[_.-]*)?")


def redacted(text: str, longest: int = LONGEST) -> str:
    """Return foreign text as it may stand in a log line or an error.

    What is not plainly words, names such as `External_Id__c` or record ids, is taken for a secret: a word too many
    redacted costs a look into Salesforce, a token shown costs the token.

    Args:
        text: anything, of any length.
        longest: where it is cut, in characters.
    """
    line = "".join(char if char.isprintable() else " " * (char.isspace() or char < " ") for char in text)
    line = " ".join(_RUN.sub(_words_only, line).split())
    return line if len(line) <= longest else f"{line[: longest - 4].rstrip()} ..."


def _words_only(run: re.Match[str]) -> str:
    return run[0] if _WORDS.fullmatch(run[0]) else REDACTED
