"""No regular expression reads text that is not marked as somebody else's: marked text is tested for what it costs."""

import pytest

from foreign.regex_lint import findings, lint
from sfmint_local import places

SOURCES = sorted(path for folder in ("cli", "functions", "layers") for path in (places.ROOT / folder).rglob("*.py"))


def test_every_regular_expression_reads_marked_text() -> None:
    assert len(SOURCES) > 100
    found = [line for source in SOURCES for line in lint(source)]
    assert not found, "mark the argument as sfmint_values.foreign.Foreign, which the test of growing text then finds"


GOOD = """
import re
_P = re.compile("a")
def one(text: Foreign): return _P.fullmatch(text)
def two(text: Foreign | None, other: ForeignBytes): return re.search("a", text), _P.sub("b", text), _P.findall(other)
def three(text: Foreign): return re.sub("a", "", cleaned("NFKC", text).casefold()), _P.split(text.removesuffix("/"))
def four(text): return text.split(",")
def five(): return _P.match("constant"), re.findall("a", _OWN)
_OWN = "own text"
class Six:
    path: Foreign
    def seven(self): return _P.fullmatch(self.path)
def eight(text: Foreign): return [word for word in names if _P.search(text)]
"""


def test_what_is_marked_passes() -> None:
    assert findings(GOOD) == []


@pytest.mark.parametrize(
    "body",
    [
        "def f(text: str): return _P.fullmatch(text)",
        "def f(text): return re.search('a', text)",
        "def f(text: str): return re.sub('a', 'b', text)",
        "def f(text: str): return _P.split(text)",
        "def f(text: str): return re.split('a', text)",
        "def f(texts: list[Foreign]): return [t for t in texts if _P.search(t)]",
        "def f(text: Foreign):\n    line = other()\n    return _P.fullmatch(line)",
        "def f(text: Foreign, other: str): return _P.fullmatch(text + other)",
        "def f(other: str): return lambda text: _P.sub('', other)",
        "def f(): return _P.fullmatch(string=read())",
        "def f(): return _P.fullmatch(read())",
        "def f(text: str): return pattern_of('a').finditer(text)",
        "class C:\n    path: str\n    def f(self): return _P.fullmatch(self.path)",
        "def f(error): return _P.sub('', error.cause)",
    ],
)
def test_what_is_not_marked_is_found(body: str) -> None:
    assert len(findings(f"import re\n_P = re.compile('a')\n{body}\n")) == 1
