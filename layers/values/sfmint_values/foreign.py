"""Text that somebody else wrote: Salesforce, AWS, a caller, a person at a terminal, a file.

An argument of such text is marked with one of these two types. A test finds every function that has one, and lets it
read hostile text of growing length; a lint refuses a regular expression over text that is not marked.
"""

from collections.abc import Iterable

type Foreign = str
type ForeignBytes = bytes

LONGEST_NAME = 40
MOST_NAMES = 10  # that an error lists: a caller may send a million, and a log line has at most one megabyte


def plain_name(name: Foreign) -> str:
    """Return a field's name as it may stand in an error: what is no plain name may be anything, a token included."""
    plain = len(name) <= LONGEST_NAME and name.isascii() and name.replace("_", "a").isalpha()
    return name if plain else "(not a name)"


def plain_names(names: Iterable[Foreign]) -> str:
    """Return names of fields in order, as an error may list them: the first ones, and how many there are beside."""
    ordered = sorted(names)
    said = [plain_name(name) for name in ordered[:MOST_NAMES]]
    more = f" and {len(ordered) - MOST_NAMES} more" if len(ordered) > MOST_NAMES else ""
    return ", ".join(said) + more
