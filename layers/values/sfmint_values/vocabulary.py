"""What counts as plain words in foreign text. All that does not is taken for a secret."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sfmint_values.foreign import Foreign
from sfmint_values.record_id import is_record_id
from sfmint_values.spans import Span

_LETTERS = "A-Za-z0-9"
_HUMP = "[A-Z]{1,5}[a-z]{1,15}"
_LONGEST_WORD = 110  # letters of the longest one that a pattern below takes


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The words of one kind of text.

    Attributes:
        signs: what a secret may be written in beside letters and digits: base64, JWT, form encoding.
        joints: those of the signs that may join words, as in `invalid_grant` or `login.salesforce.com`.
        word: what one word looks like, letters and digits only.
        control: what stands for a control character.
        keeps_marks: whether letters keep their accents in a text that holds a secret.
        has_ids: whether record ids are words.
    """

    signs: str
    joints: str
    word: re.Pattern[str]
    control: str
    keeps_marks: bool
    has_ids: bool

    @cached_property
    def _run(self) -> re.Pattern[str]:
        return re.compile(f"[{_LETTERS}{re.escape(self.signs)}]+")

    def runs(self, text: Foreign) -> Iterator[Span]:
        """Yield where the characters stand in a row of which a secret may consist."""
        for run in self._run.finditer(text):
            yield run.span()

    def is_word(self, piece: Foreign) -> bool:
        """Return whether letters and digits are a word."""
        if len(piece) > _LONGEST_WORD:
            return False
        return self.word.fullmatch(piece) is not None or (self.has_ids and is_record_id(piece))

    def is_words(self, run: Foreign) -> bool:
        """Return whether a run of letters, digits and signs consists of words and joints alone."""
        pieces = run.translate({ord(joint): " " for joint in self.joints}).split()
        return all(map(self.is_word, pieces))


# What the token endpoint says of a login: prose, error codes, hosts.
LOGIN = Vocabulary(
    signs="+/=_.!%~-",
    joints="_./-",
    word=re.compile("[A-Za-z]?[a-z]{1,15}[0-9]{0,3}|[A-Z]{1,15}[0-9]{0,3}|[0-9]{1,15}"),
    control="",
    keeps_marks=False,
    has_ids=False,
)
# What the REST API says, and paths of it: names such as External_Id__c and record ids are words too.
REST = Vocabulary(
    signs="+=_.!%~-",
    joints="_.-",
    word=re.compile(
        f"(?:[a-z]{{1,15}}|{_HUMP})(?:{_HUMP}){{0,4}}[A-Z]{{0,4}}[0-9]{{0,3}}|[A-Z]{{1,15}}[0-9]{{0,3}}|[0-9]{{1,15}}"
    ),
    control=" ",
    keeps_marks=True,
    has_ids=True,
)
