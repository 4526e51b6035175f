"""Takes every call from the callers, and has it judged and counted in one thread."""

import queue
import threading
import time

from sfmint_local.soak.account import Account
from sfmint_local.soak.call import Call
from sfmint_local.soak.grants import Grants
from sfmint_local.soak.judge import Judge
from sfmint_local.soak.log_scan import LogScan

_JUDGED_AFTER_S = 1.5  # that the machine was too slow is noticed a moment late
_LOOK_S = 0.05
_SCAN_EVERY_S = 5.0


class Jury:
    """Where the callers' calls arrive.

    Args:
        judge: tells what is wrong.
        grants: kept up to date meanwhile, so that each grant's time is right.
        scan: of the environments' logs.
        account: where everything is counted.
    """

    def __init__(self, judge: Judge, grants: Grants, scan: LogScan, account: Account) -> None:
        self._judge = judge
        self._grants = grants
        self._scan = scan
        self._account = account
        self._calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._first: Call | None = None

    def hear(self, call: Call | None) -> None:
        """Take a call; None: it had no answer. Any thread may call."""
        if call is None:
            with self._lock:
                self._account.unanswered += 1
        else:
            self._calls.put(call)

    def run(self, over: threading.Event) -> None:
        """Judge until it is over, and then what is left."""
        next_scan = time.monotonic()
        while not over.wait(_LOOK_S):
            self._grants.read()
            self._judge_until(time.time() - _JUDGED_AFTER_S)
            if time.monotonic() >= next_scan:
                self._account.note_wrong(self._scan.look())
                next_scan = time.monotonic() + _SCAN_EVERY_S

    def finish(self) -> None:
        """Judge what is left."""
        self._judge_until(time.time())
        self._account.note_wrong(self._scan.look())

    def _judge_until(self, instant: float) -> None:
        while (call := self._next()) is not None and call.ended <= instant:
            self._first = None
            self._account.count(call)
            self._account.note_wrong(self._judge.judge(call))

    def _next(self) -> Call | None:
        if self._first is None and not self._calls.empty():
            self._first = self._calls.get()
        return self._first
