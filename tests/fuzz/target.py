"""What is fuzzed: a way in, the inputs that it gets, and what has to hold whatever they are."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True, slots=True)
class Target:
    """A reader of what others wrote.

    Attributes:
        name: of the target, for a person and for `TARGETS=`.
        inputs: what it is given: valid things, changed, and others.
        check: reads an input, and fails if the reader raises what its docstring does not name, or returns what it may not.
        found: returns the inputs that were a finding once.
    """

    name: str
    inputs: SearchStrategy[Any]
    check: Callable[[Any], None]
    found: Callable[[], Sequence[Any]] = tuple


def read[Result](call: Callable[[], Result], *named: type[BaseException]) -> Result | None:
    """Return what a reader returns; None where it raises what its docstring names, with a message that can be shown.

    Raises:
        AssertionError: it raises anything else, a library's panic too.
    """
    try:
        return call()
    except named as error:
        is_fit_to_show(str(error))
        return None
    except (KeyboardInterrupt, AssertionError):
        raise
    except BaseException as error:
        raise AssertionError(f"{type(error).__module__}.{type(error).__name__} got out") from error


def is_fit_to_show(text: str, longest: int = 2000) -> None:
    """Check that a text is one short line that every terminal and log can take."""
    assert len(text) <= longest
    assert text.isprintable(), text
    text.encode()


def is_plain_json(value: object) -> None:
    """Check that JSON can say a value, as Lambda's runtime writes it."""
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
