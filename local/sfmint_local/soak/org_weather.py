"""What fails at the org."""

import random
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from sfmint_local.environments import BareConnection
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.values import Fault
from sfmint_local.soak.history import History

# Seconds after the end of a fault for which an error may still be met: it is remembered, with the longest wait of its
# kind, and a login that met it may last for 14 s.
_OUTAGE = {"SalesforceUnavailable": 75.0, "RefreshInProgress": 45.0}
_REFUSAL = {"AssertionRejected": 920.0, "RefreshInProgress": 45.0}
_RATE = {"LoginRateExceeded": 3620.0, "RefreshInProgress": 45.0}

_FAULTS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("hang", {"seconds": 10}),
    ("status", {"code": 500}),
    ("status", {"code": 503, "retry_after": 3}),
    ("oauth_error", {}),
    ("html", {}),
    ("redirect", {"location": "/services/oauth2/token?followed"}),
    ("missing_field", {"name": "instance_url"}),
    ("changed_field", {"name": "instance_url", "value": "https://elsewhere.example"}),
    ("duplicate_keys", {}),
    ("dead_on_arrival", {}),
    ("large", {"mb": 2}),
    ("endless", {"mb": 4, "seconds": 8}),
    ("gzip_bomb", {"mb": 4}),
    ("truncate", {}),
    ("drip", {"interval_ms": 100}),
    ("drip", {"interval_ms": 100, "headers": True}),
    ("early_hints", {}),
    ("two_answers", {}),
    ("surplus", {}),
    ("no_content", {}),
    ("chunk_size", {"value": "-1"}),
    ("chunk_size", {"value": "-5"}),
    ("chunk_extensions", {"mb": 4}),
    ("endless_continue", {"seconds": 8}),
    ("endless_trailers", {"seconds": 8}),
    ("repeated_assertion", {}),
    ("changed_field", {"name": "scope", "value": "api \ud800"}),
    ("reset", {}),
    ("lost_answer", {}),
)
_CALM_S = (0.3, 2.5)
_LASTS_S = (0.5, 6.0)


class OrgWeather:
    """One trouble of the org's after the other.

    Args:
        control: of the org.
        connections: of the stack.
        history: is told of every trouble.
        chance: what comes next.
        heal: flushes a connection, for some failures are remembered longer than the soak lasts.
    """

    def __init__(
        self,
        control: OrgControl,
        connections: Mapping[str, BareConnection],
        *,
        history: History,
        chance: random.Random,
        heal: Callable[[str], object],
    ) -> None:
        self._control = control
        self._connections = connections
        self._history = history
        self._chance = chance
        self._heal = heal

    def blow(self, calm: threading.Event) -> None:
        """Make troubles until it shall be calm, and end them."""
        kinds = (self._fault, self._slowness, self._same_session, self._revocation, self._refusal, self._rate_limit)
        while not calm.wait(self._chance.uniform(*_CALM_S)):
            (make,) = self._chance.choices(kinds, (12, 2, 3, 4, 1, 1))
            make(calm)

    def _fault(self, calm: threading.Event) -> None:
        kind, params = self._chance.choice(_FAULTS)
        name = f"status {params['code']}" if kind == "status" else kind
        self._strike(Fault(where="token", kind=kind, times=None, params=params), f"org: {name}", _OUTAGE, calm)

    def _rate_limit(self, calm: threading.Event) -> None:
        self._strike(Fault(where="token", kind="status", times=None, params={"code": 429}), "org: 429", _RATE, calm)
        for name in self._connections:
            self._heal(name)

    def _strike(self, fault: Fault, name: str, explains: Mapping[str, float], calm: threading.Event) -> None:
        with self._history.trouble(name, explains):
            self._control.add_fault(fault)
            calm.wait(self._lasts())
            self._control.clear_faults()

    def _slowness(self, calm: threading.Event) -> None:
        with self._history.trouble("org: slow", {"RefreshInProgress": 45.0}):
            self._control.change_settings(token_delay_ms=self._chance.randrange(300, 4000))
            calm.wait(self._lasts())
            self._control.reset_settings()

    def _same_session(self, calm: threading.Event) -> None:
        with self._history.trouble("org: hands out the same session again", _OUTAGE):
            self._control.change_settings(reuse_sessions=True)
            calm.wait(2 * self._lasts())
            self._control.reset_settings()

    def _revocation(self, calm: threading.Event) -> None:
        del calm
        connection = self._chance.choice(list(self._connections.values()))
        with self._trouble_of(connection, "org: sessions revoked", {}):
            self._control.end_sessions(username=connection.username)

    def _refusal(self, calm: threading.Event) -> None:
        connection = self._chance.choice(list(self._connections.values()))
        with self._trouble_of(connection, "org: user no longer approved", _REFUSAL):
            self._control.unapprove(connection.app.consumer_key, connection.username)
            calm.wait(self._lasts())
            self._control.approve(connection.app.consumer_key, connection.username)
        self._heal(connection.name)

    def _trouble_of(
        self, connection: BareConnection, kind: str, explains: Mapping[str, float]
    ) -> AbstractContextManager[None]:
        return self._history.trouble(kind, explains, connection=connection.name)

    def _lasts(self) -> float:
        return self._chance.uniform(*_LASTS_S)
