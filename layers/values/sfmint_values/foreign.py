"""Text that somebody else wrote: Salesforce, AWS, a caller, a person at a terminal, a file.

An argument of such text is marked with one of these two types. A test finds every function that has one, and lets it
read hostile text of growing length; a lint refuses a regular expression over text that is not marked.
"""

type Foreign = str
type ForeignBytes = bytes

LONGEST_NAME = 40


def plain_name(name: Foreign) -> str:
    """Return a field's name as it may stand in an error: what is no plain name may be anything, a token included."""
    plain = len(name) <= LONGEST_NAME and name.isascii() and name.replace("_", "a").isalpha()
    return name if plain else "(not a name)"
