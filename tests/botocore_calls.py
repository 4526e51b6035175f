"""Calls that botocore's clients make, counted before any answer."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient


class BotocoreCalls:
    """Counts calls by operation, of all clients, while it is `watching`."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """See the calls of this block."""
        call = vars(BaseClient)["_make_api_call"]

        def see(client: Any, operation: str, given: Any) -> Any:
            self._calls[operation] += 1
            return call(client, operation, given)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(BaseClient, "_make_api_call", see)
            yield

    def during(self, do: Callable[[], object]) -> dict[str, int]:
        """Return how often each operation is called while something is done."""
        self._calls.clear()
        do()
        return dict(self._calls)
