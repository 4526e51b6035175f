"""A secret's text, as people store it: what is read all the same, and what is named with its place."""

import base64
import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.secret_text import fields_of

FIELDS = {"username": "zo\xeb@acme.example", "private_key": "Canary\nkey\tof\r\nlines"}
PLAIN = json.dumps(FIELDS, ensure_ascii=False)

STORED: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "after a byte order mark": lambda text: f"\ufeff{text}",
    "with blanks around": lambda text: f"\n\n  {text} \r\n",
    "raw line breaks in a text": lambda text: text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t"),
    "a JSON text that holds the object": json.dumps,
    "the same, with letters of Unicode": lambda text: json.dumps(text, ensure_ascii=False),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 in lines": lambda text: base64.encodebytes(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16")).decode(),
}


RAW = {"raw line breaks in a text"}
TEXTS = {"a JSON text that holds the object", "the same, with letters of Unicode"}
# Who makes line breaks of the escapes of escapes leaves a backslash behind, which means nothing.
PAIRS = [(first, second) for first in STORED for second in STORED if not (second in RAW and first in TEXTS)]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_what_can_only_mean_one_object_is_read(first: str, second: str) -> None:
    assert fields_of(STORED[second](STORED[first](PLAIN))) == FIELDS


def refusal(text: str) -> str:
    """Return what is the matter with a text."""
    with pytest.raises(CredentialFault) as caught:
        fields_of(text)
    assert caught.value.fault is Fault.UNREADABLE
    assert "Canary" not in f"{caught.value!r} {caught.value.details} {caught.value.to_error('orders')}"
    assert caught.value.__cause__ is None
    return str(caught.value.details["what"])


@pytest.mark.parametrize(
    ("text", "line", "column", "cause"),
    [
        (str(FIELDS), 1, 2, "single quotes"),
        ('{"a": "Canary",}', 1, 15, "a comma after the last field"),
        ('{"a": ["Canary",]}', 1, 16, "a comma after the last field"),
        ('{\n  "a": "Canary", // why\n  "b": 1}', 2, 18, "a comment"),
        ('{\n  "a": 1, # why\n  "b": 1}', 2, 11, "a comment"),
        ('{"a": 1 /* why */}', 1, 9, "a comment"),
        ("{\u201ca\u201d: 1}", 1, 2, "curly quotes"),
        ('{"a": \u2018Canary\u2019}', 1, 7, "curly quotes"),
        ('{"a": "Can"ary"}', 1, 12, "a double quote in a text without a backslash"),
        ('{"a": "Canary" "b": 1}', 1, 16, "no comma after a field"),
        ('{"a" "Canary"}', 1, 6, "no colon"),
        ("{a: 1}", 1, 2, "a field's name without double quotes"),
        ('{"a": None}', 1, 7, "a word of Python's"),
        ('{"a": -----BEGIN Canary}', 1, 7, "a text without double quotes"),
        ('{"a": Canary}', 1, 7, "no value of JSON's"),
        ('{"a": "C:\\Canary"}', 1, 10, "a backslash in a text that is not doubled"),
        ('{\\"a\\": \\"Canary\\"}', 1, 2, "a backslash outside a text"),
        ('{"a":\n "Canary', 2, 2, "a text that has no end"),
        ('{"a": "Canary"', 1, 15, "the text ends too early"),
        ('{"a": 1}\n{"b": 2}', 2, 1, "something after the object"),
        ('{"a": "Can\x00ary"}', 1, 11, "a control character"),
        ('{"a":\n"Can\x1bary"}', 2, 5, "a control character"),
        ('{\n\xa0\xa0"a": 1}', 2, 1, "an invisible sign"),
        ('{"a": 1,\u200b"b": 2}', 1, 9, "an invisible sign"),
        ("{\uff02a\uff02: 1}", 1, 2, "a wide sign"),
        ('{"a"\uff1a1}', 1, 5, "a wide sign"),
        ("{&quot;a&quot;: 1}", 1, 2, "an entity of HTML"),
        ('"a": "Canary", "b": 1', 1, 4, "the object has to begin with {"),
        ('"{"a": "Canary"}"', 1, 4, "a double quote in a text with a backslash"),
        ("", 1, 1, "the text ends too early"),
    ],
)
def test_the_place_is_named_where_json_breaks(text: str, line: int, column: int, cause: str) -> None:
    said = refusal(text)
    assert said.startswith(f"not JSON: line {line}, column {column}: ")
    assert cause in said


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("username: a\nprivate_key: |\n  Canary", "YAML, not JSON"),
        ("---\nusername: a", "YAML, not JSON"),
        ("USERNAME=a\nPRIVATE_KEY=Canary", "lines of NAME=VALUE, not JSON"),
        ('export SF_USERNAME="a"', "lines of NAME=VALUE, not JSON"),
        ("-----BEGIN A-----\nCanary\n-----END A-----", "a bare PEM block"),
        ("%7B%22a%22%3A%20%22Canary%22%7D", "encoded for a URL"),
        ("file://secret.json", "the name of a file"),
        ("C:\\\\work\\\\secret.json", "the name of a file"),
        ("keys/orders.pem", "the name of a file"),
        ("//8/" * 12, "base64 of something else"),
        ("CanaryCanaryCanary", "one word"),
        ("<xml>Canary</xml>", "XML"),
        ('{"a": NaN}', "it holds NaN or Infinity"),
        ('{"a": -Infinity}', "it holds NaN or Infinity"),
        ('{"a": 1, "Canary!": 2, "Canary!": 3}', "the name (not a name) stands twice"),
        ('{"username": 1, "username": 1}', "the name username stands twice"),
        ("[" * 100_000, "nested too deep"),
        ("1" * 5000, "a number of too many digits"),
        ('["Canary"]', "not a JSON object"),
        ('"Canary"', "not a JSON object"),
        (json.dumps(json.dumps(json.dumps(json.dumps(PLAIN)))), "not a JSON object"),
    ],
)
def test_what_is_something_else_is_named(text: str, form: str) -> None:
    assert form in refusal(text)


@given(at=st.integers(0, len(PLAIN)), stray=st.text(max_size=3), cut=st.integers(0, 3))
def test_a_text_that_breaks_anywhere_is_read_or_named_and_never_quoted(at: int, stray: str, cut: int) -> None:
    text = PLAIN[:at] + stray + PLAIN[at + cut :]
    try:
        fields = fields_of(text)
    except CredentialFault as fault:
        what = str(fault.details["what"])
        assert "Canary" not in what
        place = re.search(r"line (\d+), column (\d+)", what)
        assert place is None or (int(place[1]), int(place[2])) <= (text.count("\n") + 1, len(text) + 1)
    else:
        assert isinstance(fields, dict)


@given(st.text())
def test_any_text_is_an_object_or_refused_in_words(text: str) -> None:
    try:
        assert isinstance(fields_of(text), dict)
    except CredentialFault as fault:
        assert fault.details["what"]  # noqa: PT017 - both ends are fine
