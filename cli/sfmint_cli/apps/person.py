"""The person in front of the command: told on stderr, asked on a terminal, and not asked at all with `--yes`."""

import sys
from dataclasses import dataclass
from typing import Protocol

import click

from sfmint_cli import render
from sfmint_cli.consent import agree
from sfmint_cli.options import LONGEST_TEXT
from sfmint_cli.result import Failed
from sfmint_values.foreign import Foreign


class Person(Protocol):
    """Who is asked and told."""

    @property
    def is_asked(self) -> bool:
        """Whether questions are put at all."""
        ...

    def tell(self, text: str) -> None:
        """Tell what is going on."""
        ...

    def agree(self, question: str) -> None:
        """Ask whether to go on.

        Raises:
            Failed: the answer is no, or there is nobody to ask.
        """
        ...

    def allows(self, question: str) -> bool:
        """Ask whether something may be done that there is another way for."""
        ...

    def consumer_key(self, app: str) -> str | None:
        """Have the consumer key of an app read in Setup and typed; None: there is nobody to ask."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """A person at a terminal, or a program.

    Attributes:
        yes: everything that was shown is agreed to.
        as_json: a program reads the result, so nothing can be typed.
    """

    yes: bool
    as_json: bool

    @property
    def is_asked(self) -> bool:
        """Whether questions are put at all."""
        return not self.yes

    def tell(self, text: str) -> None:
        """Tell what is going on, on stderr."""
        render.say(text)

    def agree(self, question: str) -> None:
        """See `Person.agree`."""
        unasked = Failed(
            "Nothing was changed, for there is no terminal to ask whether to go on.",
            remedy="Read above what is to be done, then agree to it with --yes; production needs --org-id ID too.",
            name="NotConfirmed",
        )
        agree(question, yes=self.yes, what="go on", unasked=unasked)

    def allows(self, question: str) -> bool:
        """See `Person.allows`."""
        return self.yes or (self._is_there and click.confirm(question, err=True))

    def consumer_key(self, app: str) -> str | None:
        """See `Person.consumer_key`."""
        if self.as_json or not self._is_there:
            return None
        render.say(
            "The org does not show the consumer key by API. Read it in Setup: External Client App Manager,"
            f" {app}, Settings, OAuth Settings, Consumer Key and Secret; the secret is not needed."
        )
        while not is_consumer_key(typed := str(click.prompt("Consumer key", err=True)).strip()):
            render.say("A consumer key is one word of letters, digits, dots and underscores. Paste it whole.")
        return typed

    @property
    def _is_there(self) -> bool:
        return sys.stdin.isatty()


def is_consumer_key(text: Foreign) -> bool:
    """Return whether a text may be a consumer key."""
    return 0 < len(text) <= LONGEST_TEXT and text.isascii() and text.replace(".", "").replace("_", "").isalnum()
