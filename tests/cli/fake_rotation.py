"""The stack's function that rotates keys, as the command line meets it: a course of standings, one for each question."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from cli.conftest import Account

NOON = 1_796_000_000.0
NOTHING = {"phase": "none", "words": "No rotation.", "next_at": None}
ATTENDED = {"is_attended": True, "app": "my_org"}
WAITING = {
    "phase": "waiting",
    "words": "Somebody has to upload the certificate.",
    "next_at": NOON + 900,
    **ATTENDED,
}
FINISHED = {"phase": "finished", "words": "The new key is the current one.", "next_at": None}
CANCELLED = {"phase": "cancelled", "words": "The old key goes on.", "next_at": None}
VOID = {"phase": "void", "words": "Somebody has stored another login.", "next_at": None}
CANCELLING = {
    "phase": "cancelling",
    "words": "Salesforce refuses the old key.",
    "refusals": 1,
    "next_at": NOON + 60,
    **ATTENDED,
}
SETTING = {"phase": "setting", "words": "The certificate is being published.", "next_at": NOON, "has_moved": True}


def tried(logins: int = 0, refusals: int = 0, next_at: float = NOON) -> dict[str, Any]:
    """Return how a rotation stands whose key is tried."""
    return {
        "phase": "testing",
        "words": "The new key is tried.",
        "logins": logins,
        "refusals": refusals,
        "next_at": next_at,
    }


@dataclass
class FakeRotation:
    """Answers operators; the last answer of a course stays.

    Attributes:
        answers: a course for an action; one that is not named is answered by `advance`'s.
        asked: the actions, in order.
        on_ask: is called before each answer.
    """

    answers: dict[str, list[Any]] = field(default_factory=lambda: {"advance": [NOTHING]})
    asked: list[str] = field(default_factory=list)
    on_ask: Callable[[str], None] = lambda _action: None

    def answer(self, **courses: list[Any]) -> None:
        """Have other courses."""
        self.answers = {"advance": [NOTHING], **courses}

    def __call__(self, event: dict[str, Any]) -> Any:
        """Answer an event."""
        action = event["action"]
        self.asked.append(action)
        self.on_ask(action)
        course = self.answers.get(action) or self.answers["advance"]
        found = course.pop(0) if len(course) > 1 else course[0]
        return found if not isinstance(found, dict) or "errorType" in found else {"connection": "my-org", **found}


def beside_the_keeper(account: Account) -> FakeRotation:
    """Put the function into an account, beside the keeper."""
    rotation, keeper = FakeRotation(), account.keeper

    def route(arn: str, event: Any) -> Any:
        return rotation(event) if ":function:acme-key-rotation:live" in unquote(arn) else keeper(arn, event)

    account.functions.broker = route
    return rotation
