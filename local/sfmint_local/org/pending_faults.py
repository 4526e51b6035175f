"""Faults to come, in their order."""

import threading
from dataclasses import replace

from sfmint_local.org.values import Fault, Where


class PendingFaults:
    """A queue of faults. Every method is atomic."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Queue a fault."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Forget all; those under way run out."""
        with self._lock:
            self._faults.clear()

    def take(self, *places: Where) -> Fault | None:
        """Take the first fault that meets a request at one of these places."""
        with self._lock:
            for number, fault in enumerate(self._faults):
                if fault.where in {*places, "any"}:
                    if fault.times is not None and fault.times <= 1:
                        del self._faults[number]
                    elif fault.times is not None:
                        self._faults[number] = replace(fault, times=fault.times - 1)
                    return fault
            return None
