"""Notices when Parameter Store has no date left, so that whoever wants to log in, or to flush, has to wait."""

import re
import threading
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sfmint.adapters.stores.parameter_store import LEASES_AHEAD
from sfmint_local.environments.bare_stack import STACK
from sfmint_local.soak.history import History, Trouble
from sfmint_local.soak.judge import SKEW_S

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

DATE_S = 20
_LOOK_S = 0.5
_EXPLAINS = {"RefreshInProgress": 5.0, "flush CacheUnavailable": 5.0}
_NAME = re.compile(rf"/sfmint/{STACK}/cache/t1/(?P<connection>[^/]+)/(?P<date>[0-9]{{10}})")


class Dates:
    """Looks at the names of the parameters, past every trouble.

    Args:
        parameters: a client of the embedded AWS itself.
        history: is told.
    """

    def __init__(self, parameters: "SSMClient", history: History) -> None:
        self._parameters = parameters
        self._history = history
        self._missing: dict[str, Trouble] = {}

    def run(self, over: threading.Event) -> None:
        """Look until it is over."""
        while not over.wait(_LOOK_S):
            self._note(_newest(self._names()))

    def _names(self) -> Iterable[str]:
        pages = self._parameters.get_paginator("get_parameters_by_path")
        for page in pages.paginate(Path=f"/sfmint/{STACK}/cache", Recursive=True):
            yield from (parameter["Name"] for parameter in page["Parameters"])

    def _note(self, newest: Mapping[str, int]) -> None:
        now = time.time()
        today = (now - SKEW_S) // DATE_S
        for connection, date in newest.items():
            is_missing, known = date + 1 > today + LEASES_AHEAD, self._missing.get(connection)
            if is_missing and known is None:
                trouble = Trouble(kind="no date left", explains=_EXPLAINS, connection=connection, outlives_flush=True)
                self._missing[connection] = trouble
                self._history.note(trouble)
            elif known is not None and not is_missing:
                known.ended = now
                del self._missing[connection]


def _newest(names: Iterable[str]) -> dict[str, int]:
    newest: dict[str, int] = {}
    for match in map(_NAME.fullmatch, names):
        if match:
            newest[match["connection"]] = max(int(match["date"]), newest.get(match["connection"], 0))
    return newest
