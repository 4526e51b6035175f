"""Calls to AWS, counted where botocore makes them: whoever made the client, and before any answer."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore import handlers
from botocore.model import OperationModel


@contextmanager
def watched(see: Callable[[OperationModel, Any], None]) -> Iterator[None]:
    """Shows every call of the clients that are made in this block, then and later: its operation, its client's settings.

    botocore gives these handlers to each session that is made; the code under watch makes its own.
    """

    def before_call(model: OperationModel, context: dict[str, Any], **_: Any) -> None:
        see(model, context["client_config"])

    handler = ("before-call", before_call)
    handlers.BUILTIN_HANDLERS.append(handler)
    try:
        yield
    finally:
        handlers.BUILTIN_HANDLERS.remove(handler)


class CallCounter:
    """Counts calls by operation."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()

    def see(self, model: OperationModel, _settings: Any) -> None:
        """Takes a call into account; for `watched`."""
        self._calls[model.name] += 1

    def during(self, do: Callable[[], object]) -> dict[str, int]:
        """Returns how often each operation is called while something is done."""
        self._calls.clear()
        do()
        return dict(self._calls)
