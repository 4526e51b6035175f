"""Errors that nobody has foreseen: which they are, and what may be said of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import extract_tb

# These end a process or a generator from outside. All else is an error, also where it is no `Exception`, as a panic
# of an extension.
EXITS = (KeyboardInterrupt, SystemExit, GeneratorExit)


def place_of(error: BaseException) -> str:
    """Return type and place of an error as a log may have it: its message may quote a secret."""
    places = extract_tb(error.__traceback__)
    place = f" at {places[-1].name}:{places[-1].lineno}" if places else ""
    return f"{type(error).__name__}{place}"


@contextmanager
def as_far_as_possible() -> Iterator[None]:
    """Let nothing but an exit out of the block: it clears up after an error, which is the one that goes on."""
    try:
        yield
    except EXITS:
        raise
    except BaseException:  # noqa: BLE001, S110 - a panic of an extension is no Exception
        pass
