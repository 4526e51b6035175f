"""A text that somebody has pasted, made ready to be looked through: its wrapping taken off, its words counted once."""

import html
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote_plus

from sfmint.salesforce.login_failures.reading import QUOTES, said
from sfmint_values.foreign import Foreign

_BREAKS = (r"\n", r"\r", r"\t")  # as JSON and many logs write them
_CALLED_CODES = frozenset({"errorcode", "exceptioncode", "statemessage", "salesforce"})
_MOST_DOCUMENTS = 20  # JSON objects that are looked into


@dataclass(frozen=True)
class Pasted:
    """A text of any form: an answer of Salesforce, an error of sfmint or AWS, a log that holds one.

    Attributes:
        text: as it came.
    """

    text: Foreign

    @cached_property
    def plain(self) -> str:
        """The text without JSON escapes, form encoding, HTML entities, curly quotes, line breaks and capitals."""
        unwrapped = [self.text, unquote_plus(self.text), html.unescape(_with_short_numbers(self.text))]
        with suppress(ValueError, RecursionError):
            unwrapped.append(json.dumps(json.loads(self.text), ensure_ascii=False))
        together = " ".join(unwrapped).translate(QUOTES)
        for escape in _BREAKS:
            together = together.replace(escape, " ")
        return " ".join(together.lower().split())

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the plain text, hyphens and underscores being parts of them."""
        return frozenset(_words(self.plain))

    @cached_property
    def answer(self) -> tuple[str, str]:
        """`error` and `error_description` of the first answer of a token endpoint in the text; each may be empty."""
        for document in _documents(self.text):
            error, description = said(document)
            if error:
                return error, description
        return "", ""

    def names(self, code: str) -> bool:
        """Return whether the text names a code of Salesforce's.

        One without underscores has to be written as it is; one that is an English word too has to be alone, or called a code.
        """
        if "_" in code:
            return code.lower() in self.words
        is_english = code[1:].islower() or code.isupper()
        is_called_so = self.text.strip() == code or not _CALLED_CODES.isdisjoint(self.words)
        return code in self._as_written and (is_called_so or not is_english)

    @cached_property
    def _as_written(self) -> frozenset[str]:
        return frozenset(_words(self.text))

    def holds(self, words: str) -> bool:
        """Return whether words in lower case stand in the text, and not as a part of others."""
        return words in self.words if _is_one(words) else _between_others(self.plain, words)


def _documents(text: Foreign) -> list[str]:
    """Return what may be an answer: the whole text, and each JSON object on a line of a log."""
    begins = [at for at, char in enumerate(text) if char == "{"][:_MOST_DOCUMENTS]
    decoder = json.JSONDecoder()
    found = [text, text.partition("?")[2]]
    for at in begins:
        with suppress(ValueError, RecursionError):
            found.append(text[at : decoder.raw_decode(text, at)[1]])
    return found


def _with_short_numbers(text: Foreign) -> str:
    """Return a text without the numbers that no character has, which Python would not read."""
    return re.sub("&#[0-9]{8,}", "&#0", text)


def _words(text: Foreign) -> list[str]:
    return re.findall(r"[\w-]+", text)


def _is_one(words: Foreign) -> bool:
    return re.fullmatch(r"[\w-]+", words) is not None


def _between_others(plain: Foreign, words: str) -> bool:
    at = plain.find(words)
    while at >= 0:
        before, after = plain[at - 1 : at], plain[at + len(words) : at + len(words) + 1]
        if not (before.isalnum() or after.isalnum()):
            return True
        at = plain.find(words, at + 1)
    return False
