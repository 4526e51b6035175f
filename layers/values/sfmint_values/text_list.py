"""A list of texts, as people write one: JSON's, the same as one text, or a text with something between its parts."""

from sfmint_values.foreign import Foreign

_BETWEEN = str.maketrans(dict.fromkeys(",[]\"'", " "))


def texts_of(value: object) -> list[str]:
    """Return the texts of a list, without blanks around them; those that are empty are left out.

    Args:
        value: a list of texts; or one text with commas or blanks between its parts, which may be a list of
            JSON's, as forms of names and values store it.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, str):
        return _parts(value)
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return [text.strip() for text in value if text.strip()]
    raise ValueError("is neither a list of texts nor one text")


def _parts(text: Foreign) -> list[str]:
    return text.translate(_BETWEEN).split()
