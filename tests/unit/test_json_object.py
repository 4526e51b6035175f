import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint.json_object import parse_object

TWICE = "a JSON object in which a name stands twice"
MESSAGES = {"not JSON", "not a JSON object", TWICE}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_an_object_is_read_from_text_and_from_bytes(encoding: str) -> None:
    text = '{"name": "Zoë", "inner": {"name": [1, 2.5, true, null]}}'
    expected = {"name": "Zoë", "inner": {"name": [1, 2.5, True, None]}}
    assert parse_object(text) == parse_object(text.encode(encoding)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "{}{}",
        "{'a': 1}",
        '{"a": 1,}',
        "Canary",
        "<html>",
        "\ufeff{}",
        b"",
        b"\xff\xfe\xfd",
        b'{"a": "\xe9"}',
    ],
)
def test_what_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"\Anot JSON\Z"):
        parse_object(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_only_python_writes_are_not_json(number: str) -> None:
    with pytest.raises(ValueError, match=r"\Anot JSON\Z"):
        parse_object(f'{{"a": [{number}]}}')


@pytest.mark.parametrize("text", ["null", "true", "7", "7.5", '"Canary"', "[]", '[{"a": 1}]', b"[]"])
def test_what_is_no_object_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"\Anot a JSON object\Z"):
        parse_object(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a": 1, "a": 1}',
        '{"a": 1, "b": 2, "\\u0061": 3}',
        '{"outer": {"a": 1, "a": 2}}',
        '{"outer": [{}, {"a": 1, "a": 2}]}',
        '{"a": {"b": 1, "b": 2}, "a": 3}',
        '[{"a": 1, "a": 2}]',
        b'{"a": 1, "a": 2}',
    ],
)
def test_a_name_that_stands_twice_is_refused_however_deep_and_however_written(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=rf"\A{TWICE}\Z"):
        parse_object(text)


def test_one_name_may_stand_in_several_objects() -> None:
    assert parse_object('{"a": {"a": [{"a": 1}, {"a": 2}]}, "A": 3}') == {"a": {"a": [{"a": 1}, {"a": 2}]}, "A": 3}


@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]")])
def test_what_is_nested_too_deep_is_refused_and_not_a_crash(opening: str, closing: str) -> None:
    with pytest.raises(ValueError, match=r"\Anot JSON\Z"):
        parse_object(f'{{"a": {opening * 100_000}1{closing * 100_000}}}')


@given(text=st.text() | st.binary() | st.text().map(lambda inner: f'{{"Canary{inner}": 1, "Canary{inner}": Canary'))
def test_any_input_is_an_object_or_a_fault_in_fixed_words(text: str | bytes) -> None:
    try:
        assert isinstance(parse_object(text), dict)
    except ValueError as error:
        assert str(error) in MESSAGES  # noqa: PT017 - both ends are fine
