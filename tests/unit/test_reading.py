"""What an answer says of a failed login, whatever it looks like."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.salesforce.login_failures.reading import plain, plain_code, said

WORDS = ("invalid_grant", "user hasn't approved this consumer")


@pytest.mark.parametrize("error", [WORDS[0], [WORDS[0]], [WORDS[0], "more"]])
@pytest.mark.parametrize("description", [WORDS[1], [WORDS[1]]])
def test_texts_and_lists_of_texts_are_read(error: object, description: object) -> None:
    assert said(json.dumps({"error": error, "error_description": description, "more": 1})) == WORDS


@pytest.mark.parametrize("value", [None, 5, 1.5, True, {}, [], [5], [[]], {"a": "b"}, "9" * 5000])
def test_what_is_no_text_says_nothing(value: object) -> None:
    assert said(json.dumps({"error": value})) in {("", ""), ("9" * 4096, "")}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "plain words",
        "=",
        "&&&",
        "error",
        "error=",
        "<error>",
        "<error>a</err",
        "</error><error>",
        "<html><body>Bad gateway</body></html>",
        '{"error": "a", "error": "b"}',
        '{"error": ' + "[" * 50_000,
        "a=b&" * 5_000,
        '{"error": ' + "9" * 5000 + "}",
    ],
    ids=lambda text: text[:20],
)
def test_what_names_no_error_says_nothing(text: str) -> None:
    assert said(text) == ("", "")


@given(error=st.text(max_size=50), description=st.text(max_size=50))
def test_json_and_forms_say_the_same(error: str, description: str) -> None:
    fields = {"error": error, "error_description": description}
    assert said(json.dumps(fields)) == (error, description)
    shown = urlencode(fields, errors="replace")
    assert said(shown) == tuple(text.encode(errors="replace").decode() for text in (error, description))


@given(st.text(max_size=300))
def test_any_text_is_read_to_an_end(text: str) -> None:
    for each in (text, f"{{{text}", f"<{text}", f"error={text}", f"<error>{text}</error>"):
        assert all(isinstance(part, str) for part in said(each))
    assert plain_code(f" {text}. ") == plain_code(text)


def test_words_are_compared_without_case_blanks_curly_quotes_and_escapes() -> None:
    assert (
        plain(" User\n hasn\N{RIGHT SINGLE QUOTATION MARK}t&nbsp;&amp;#39;approved&#39; ") == "user hasn't 'approved'"
    )
