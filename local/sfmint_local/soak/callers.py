"""The load: callers who ask for tokens in every way there is, use them, and report those that are refused."""

import random
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import requests

from sfmint_local.soak.call import Call, fingerprint_of
from sfmint_local.soak.fleet import Member
from sfmint_local.soak.history import History

PAUSE_S = 0.06  # between two calls of one caller, on average
_LONGEST_PAUSE_S = 0.5
_PROBE_S = 5.0
_PROBE = "/services/data/v67.0/limits"

type Event = dict[str, Any]
type Hear = Callable[[Call | None], object]


class Salesforce:
    """The org as a caller uses it, with a token.

    Args:
        url: its origin.
        authority: the file of its certificate authority, PEM.
    """

    def __init__(self, url: str, authority: str) -> None:
        self._url = url
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = authority

    def refuses(self, token: str) -> bool:
        """Use a token, and tell whether it is refused; no answer is no refusal."""
        headers = {"Authorization": f"Bearer {token}"}
        with suppress(requests.RequestException):
            return self._http.get(self._url + _PROBE, headers=headers, timeout=_PROBE_S).status_code == 401
        return False


class Caller:
    """One caller, who asks one environment.

    Args:
        member: whom it asks.
        weights: the connections, and how often each is asked for beside the others.
        history: is told of a report before it is sent.
        salesforce: where it uses its tokens.
        chance: where its whims come from.
        hear: is told of each call.
    """

    def __init__(
        self,
        member: Member,
        weights: Mapping[str, float],
        *,
        history: History,
        salesforce: Salesforce,
        chance: random.Random,
        hear: Hear,
    ) -> None:
        self._member = member
        self._weights = weights
        self._history = history
        self._salesforce = salesforce
        self._chance = chance
        self._hear = hear
        self._held: dict[str, str] = {}
        self._seen: list[str] = []

    def run(self, over: threading.Event) -> None:
        """Call until it is over."""
        while not over.wait(min(self._chance.expovariate(1 / PAUSE_S), _LONGEST_PAUSE_S)):
            (connection,) = self._chance.choices(list(self._weights), list(self._weights.values()))
            event = self._event(connection)
            if "rejected" in event:
                self._history.note_report(connection)
            call = self._member.ask(connection, event)
            self._hear(call)
            if call is not None and call.error is None and call.action == "get_token":
                self._held[connection] = call.answer["access_token"]

    def _event(self, connection: str) -> Event:
        chance, held = self._chance, self._held.get(connection)
        draw = chance.random()
        if draw < 0.05:
            return {"action": "status"}
        if draw < 0.15:
            return {"deadline_ms": chance.choice((0, 200, 1000, 4000, 20_000))}
        if draw < 0.25:
            return {"min_ttl": chance.randrange(150)}
        if held is None or draw > 0.40:
            return {}
        if draw < 0.26:
            return {"rejected": fingerprint_of(held)}  # though nobody has refused it
        if draw < 0.27:
            return {"rejected": chance.choice([*self._seen, f"{chance.getrandbits(64):016x}"])}
        return self._used(held)

    def _used(self, token: str) -> Event:
        """Use a token; where it is refused, reports that."""
        fingerprint = fingerprint_of(token)
        self._seen = [*self._seen, fingerprint][-20:]
        return {"rejected": fingerprint} if self._salesforce.refuses(token) else {}
