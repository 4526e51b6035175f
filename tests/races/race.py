"""One connection, and execution environments that ask for its token at the same moment."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import requests

from sfmint_local.environments import BareStack, Environment, Environments, Reply

LONG_MS = 40_000  # the deadline of a caller who outlasts a lease
_WAIT_S = 60.0
_LOOK_S = 0.02


@dataclass(frozen=True, kw_only=True)
class Race:
    """What a test has in its hands.

    Attributes:
        connection: a connection of its own.
    """

    stack: BareStack
    environments: Environments
    connection: str

    def end(self) -> None:
        """End its environments, and undo what was done to time and to the org."""
        self.environments.end_all()
        self.environments.later_s = 0.0
        self.stack.control.clear_faults()
        self.stack.control.reset_settings()

    @property
    def username(self) -> str:
        return f"{self.connection}@sfmint.example"

    @property
    def logins(self) -> int:
        return self.stack.logins(self.connection)

    def callers(self, count: int, *, skew_s: float = 0.0, stops_before: str = "", **settings: str) -> list[Environment]:
        """Start execution environments and wait until each is ready."""
        variables = self.stack.settings(**settings)
        return self.environments.start_many(count, variables, skew_s=skew_s, stops_before=stops_before)

    def begin(self, callers: Sequence[Environment], **event: object) -> None:
        """Let all ask at once."""
        for caller in callers:
            caller.begin({"connection": self.connection, "deadline_ms": LONG_MS, **event})

    def finish(self, callers: Sequence[Environment]) -> list[Reply]:
        """Wait for the answers."""
        return [caller.finish(_WAIT_S) for caller in callers]

    def ask(self, callers: Sequence[Environment], **event: object) -> list[Reply]:
        """Let all ask at once, and wait for the answers."""
        self.begin(callers, **event)
        return self.finish(callers)

    def finish_but_one(self, callers: Sequence[Environment]) -> tuple[list[Reply], Environment]:
        """Wait until all but one have answered; return their replies, and the one."""
        asking = list(callers)
        last = time.monotonic() + _WAIT_S
        while len(asking) > 1:
            assert time.monotonic() < last, f"{len(asking)} of {len(callers)} callers are without an answer"
            asking = [caller for caller in asking if not caller.has_answered()]
            time.sleep(_LOOK_S)
        (one,) = asking
        return self.finish([caller for caller in callers if caller is not one]), one

    def wait_for_token_requests(self, count: int) -> None:
        """Wait until the org has got so many requests for a token, answered or not."""
        last = time.monotonic() + _WAIT_S
        while self.stack.control.counters().token_requests < count:
            assert time.monotonic() < last, "nobody has asked the org for a token"
            time.sleep(_LOOK_S)

    def move_on(self, seconds: float) -> None:
        """Let time pass at once: for all environments, for AWS as they see it, and for the org."""
        self.environments.later_s += seconds
        self.stack.control.change_settings(clock_offset_s=self.environments.later_s)

    def move_to(self, attribute: str) -> None:
        """Let time pass until an instant that the connection's row names."""
        row = self.stack.row(self.connection)
        assert row is not None
        self.move_on(float(row[attribute]) - self.environments.later_s - time.time())

    def is_live(self, token: str) -> bool:
        """Use a token at the org."""
        with requests.Session() as http:
            http.trust_env = False
            answer = http.get(
                f"{self.stack.control.url}/services/data/v67.0/limits",
                headers={"Authorization": f"Bearer {token}"},
                verify=self.stack.control.ca,
                timeout=10,
            )
        return answer.status_code == 200


def tokens_of(replies: Sequence[Reply]) -> set[str]:
    """Return the different tokens of answers, after a look that each holds one."""
    assert {reply.error for reply in replies} == {None}
    return {reply.answer["access_token"] for reply in replies}


def fingerprint_of(reply: Reply) -> str:
    """Return the fingerprint of the token that was answered."""
    return str(reply.answer["fingerprint"])
