"""The sentence by which the broker says after how many seconds the same call will do, and its reading by a client."""

import re

from sfmint_values.foreign import Foreign

_WORDS = re.compile(r"Call again in ([0-9]{1,4}) s\b")


def in_words(seconds: int) -> str:
    """Return the beginning of a remedy, such as `Call again in 42 s`."""
    return f"Call again in {seconds} s"


def seconds_of(message: Foreign) -> float | None:
    """Return after how many seconds a message says to call again, or None where it does not say so."""
    found = _WORDS.search(message)
    return float(found[1]) if found else None
