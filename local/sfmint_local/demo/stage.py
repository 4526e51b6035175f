"""What the steps of the demo act on, and what they remember."""

import time
from dataclasses import dataclass, field
from typing import Any

import requests

from sfmint_local.demo.outcome import FalseClaimError
from sfmint_local.embedded_stack import EmbeddedStack, LocalConnection
from sfmint_local.functions import Answer

MAIN = LocalConnection("orders")
# So short a life that the keeper, which looks every five minutes, would come too late next time.
RUSH = LocalConnection("rush", token_lifetime=400)
MISFIT = LocalConnection("misfit")

_API = "/services/data/v64.0"


@dataclass(frozen=True, slots=True)
class Stage:
    """The local stack in the demo's hands.

    Attributes:
        stack: the local stack.
        began: epoch seconds.
    """

    stack: EmbeddedStack
    began: float = field(default_factory=time.time)

    def get_token(self, connection: LocalConnection, **request: object) -> Answer:
        """Ask the broker as any caller does."""
        return self.stack.functions.broker(connection.name, **request)

    def query(self, answer: Answer, soql: str = "SELECT Id, Name FROM Account") -> requests.Response:
        """Query over REST with a token, at the place that came with it."""
        return self._send(answer, "GET", "query", params={"q": soql})

    def create_account(self, answer: Answer, **fields: str) -> None:
        """Create an Account with a token, likewise."""
        self._send(answer, "POST", "sobjects/Account", json=fields).raise_for_status()

    def _send(self, answer: Answer, method: str, resource: str, **request: Any) -> requests.Response:
        with requests.Session() as http:
            http.trust_env = False
            return http.request(
                method,
                f"{answer['instance_url']}{_API}/{resource}",
                headers={"Authorization": f"Bearer {answer['access_token']}"},
                verify=self.stack.org.ca,
                timeout=10,
                **request,
            )


def claim(true: bool, otherwise: str) -> None:  # noqa: FBT001 - it reads as `assert` does
    """Check a claim.

    Raises:
        FalseClaimError: it is not true; ``otherwise`` says what was seen.
    """
    if not true:
        raise FalseClaimError(otherwise)


def equal(seen: Any, promised: Any, what: str) -> None:
    """Check that something is as promised.

    Raises:
        FalseClaimError: it is not.
    """
    claim(seen == promised, f"{what} should be {promised!r} and is {seen!r}")
