"""Calls that moto's clients make, counted before any answer."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore import handlers
from botocore.model import OperationModel


class BotocoreCalls:
    """Counts calls by operation, of the clients that are made while it is `watching`."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """See the calls of the clients that are made in this block: botocore gives these handlers to each session."""
        handler = ("before-call", self._see)
        handlers.BUILTIN_HANDLERS.append(handler)
        try:
            yield
        finally:
            handlers.BUILTIN_HANDLERS.remove(handler)

    def during(self, do: Callable[[], object]) -> dict[str, int]:
        """Return how often each operation is called while something is done."""
        self._calls.clear()
        do()
        return dict(self._calls)

    def _see(self, model: OperationModel, **_: object) -> None:
        self._calls[model.name] += 1
