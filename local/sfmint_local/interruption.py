"""Ctrl-C, SIGTERM and SIGHUP: each ends a program in order, at a moment when nothing is half begun or half ended."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130  # 128 + SIGINT, what a shell reports
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_in_order() -> None:
    """Make SIGINT raise KeyboardInterrupt, even where a shell has ignored it, and the others exit with 128 + number."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _unwind)
    signal.signal(signal.SIGHUP, _unwind)


@contextmanager
def deferred() -> Iterator[None]:
    """Let them take effect after the block, which must be short: a process just begun is not yet known to us."""
    arrived: list[int] = []
    before = {number: signal.signal(number, lambda arriving, _frame: arrived.append(arriving)) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if arrived:
            signal.raise_signal(arrived[0])


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore them in the block, which must be short."""
    # No SIG_IGN: a process that starts in the block would inherit it.
    before = {number: signal.signal(number, _ignore) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    pass


def _unwind(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
