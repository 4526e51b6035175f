"""A text that must be one of a few."""

from typing import Any, get_args


def one_of(name: str, value: str, choices: Any) -> None:
    """Check that a value is one of a ``Literal``'s.

    Raises:
        ValueError: it is not.
    """
    allowed = get_args(choices.__value__)
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}. It must be one of {', '.join(allowed)}.")
