"""Ids of records, 15 or 18 letters and digits, the last three of which tell the case of the others.

Source: Salesforce Help, "What are the differences between 15-character and 18-character record IDs?".
"""

import re

from sfmint_values.foreign import Foreign

SHORT = 15  # characters that count
_RECORD_ID = re.compile("(?P<id>[0-9a][0-9A-Za-z]{14})(?P<case>[A-Z0-5]{3})?")
_CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"  # each tells which of five letters are capitals


def is_record_id(piece: Foreign) -> bool:
    """Return whether a piece is the id of a record."""
    found = _RECORD_ID.fullmatch(piece)
    if found is None:
        return False
    capitals = [
        sum(char.isupper() << at for at, char in enumerate(found["id"][start : start + 5])) for start in (0, 5, 10)
    ]
    return found["case"] in {None, "".join(_CASES[each] for each in capitals)}


def is_org_id(text: Foreign) -> bool:
    """Return whether a text is the id of an org."""
    return text.startswith("00D") and is_record_id(text)


def is_same(one: str, other: str) -> bool:
    """Return whether two ids are of one record, each in either form."""
    return one[:SHORT] == other[:SHORT]
