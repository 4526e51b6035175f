"""SOQL whose values are quoted, so that no value is ever read as a part of the query.

Source: SOQL and SOSL Reference, "Quoted String Escape Sequences", "Character Limits for SOQL Statements".
"""

from sfmint_values.foreign import Foreign

_ESCAPES = {
    ord("\\"): "\\\\",
    ord("'"): "\\'",
    ord('"'): '\\"',
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    ord("\b"): "\\b",
    ord("\f"): "\\f",
}


def quoted(value: Foreign) -> str:
    """Return a text as a literal of SOQL, quotes included."""
    return f"'{value.translate(_ESCAPES)}'"


def select(fields: str, kind: str, where: str = "", *values: str, rest: str = "") -> str:
    """Return a query.

    Args:
        fields: of our own making.
        kind: an object's name, of our own making.
        where: a condition of our own making with `{}` in the place of each value.
        values: anything; they are quoted.
        rest: what follows the condition, such as a limit, of our own making.
    """
    condition = f"WHERE {where.format(*map(quoted, values))}" if where else ""
    return " ".join(filter(None, ("SELECT", fields, "FROM", kind, condition, rest)))
