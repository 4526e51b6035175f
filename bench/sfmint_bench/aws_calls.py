"""Calls to AWS, counted where the functions' own clients make them."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sfmint.adapters.aws.client import AwsClient


class CallCounter:
    """Counts calls by operation, of every client there is in this process while it is `watching`."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """See the calls of all clients in this block."""
        call = AwsClient.call

        def seen(client: AwsClient, operation: str, **request: Any) -> dict[str, Any]:
            self._calls[operation] += 1
            return call(client, operation, **request)

        setattr(AwsClient, "call", seen)  # noqa: B010 - a checker would not have a method replaced
        try:
            yield
        finally:
            setattr(AwsClient, "call", call)  # noqa: B010 - likewise

    def during(self, do: Callable[[], object]) -> dict[str, int]:
        """Return how often each operation is called while something is done."""
        self._calls.clear()
        do()
        return dict(self._calls)
