"""What ends a program from outside, and moments in which it may not."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


def interrupt_by_all() -> None:
    """Let whatever asks this process to end raise KeyboardInterrupt, so that it leaves things in order."""
    for each in ENDING:
        if signal.getsignal(each) != signal.SIG_IGN:  # as nohup has it
            signal.signal(each, signal.default_int_handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let nothing interrupt the block, nor the programs that it starts: it takes no more than a moment."""
    before = {each: signal.signal(each, signal.SIG_IGN) for each in ENDING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
