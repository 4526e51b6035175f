"""What a person sees and is asked."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from deploying.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Where a person reads and answers, and the time that passes meanwhile.

    Attributes:
        out: what is said.
        answers: what the person types; None if nobody is there, or nobody shall be asked.
        agreed: whether the person has said yes beforehand (``CONFIRM=no``).
        clock: seconds that only grow.
        sleep: waits for some seconds.
    """

    out: IO[str]
    answers: IO[str] | None = None
    agreed: bool = False
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def say(self, text: str) -> None:
        """Show a line, or several."""
        print(text, file=self.out, flush=True)

    def check_can_ask(self) -> None:
        """Check that a person has agreed, or can be asked.

        Raises:
            Refused: there is no terminal.
        """
        if not self.agreed and self.answers is None:
            raise Refused(
                "Nobody can be asked here: there is no terminal. Say CONFIRM=no to go ahead, or PLAN=1 to look."
            )

    def ask(self, question: str) -> None:
        """Ask for a yes.

        Raises:
            Refused: the person does not agree, or there is none.
        """
        if self.agreed:
            return
        self.check_can_ask()
        print(f"{question} [y/N] ", end="", file=self.out, flush=True)
        answer = self.answers.readline() if self.answers else ""
        if answer.strip().lower() not in {"y", "yes"}:
            raise Refused("You did not say yes. Nothing of the stack is changed; run it again to change your mind.")


def terminal(*, agreed: bool) -> Console:
    """Return the terminal that the program runs in."""
    return Console(out=sys.stdout, answers=sys.stdin if sys.stdin.isatty() else None, agreed=agreed)
