"""Elements as XML and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint_local.org.setup.xml_tree import read_tree
from sfmint_setup.component import PERMISSION_SET, Component
from sfmint_setup.xml_text import DEEPEST, UnusableXml, document, elements_of, written

NAMES = st.from_regex(r"[a-z][A-Za-z]{0,8}", fullmatch=True).filter(lambda name: name != "consumerSecret")
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff").filter(
    lambda char: char >= " " or char in "\t\n\r"
)
TEXTS = st.text(CHARACTERS, max_size=40)
INNER = st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3)
VALUES = st.one_of(TEXTS, INNER, st.lists(TEXTS, min_size=2, max_size=4).map(tuple))
ELEMENTS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=6)


def component(elements: Any) -> Component:
    return Component(type=PERMISSION_SET, full_name="x", elements=elements)


@given(elements=ELEMENTS)
def test_what_is_written_is_read_back_as_it_was(elements: dict[str, Any]) -> None:
    assert elements_of(document(component(elements))) == {PERMISSION_SET: elements}


@given(elements=st.dictionaries(NAMES, TEXTS, min_size=1, max_size=6))
def test_another_reader_reads_the_same_in_alphabetical_order(elements: dict[str, str]) -> None:
    tree = read_tree(document(component(elements)))
    assert [child.name for child in tree.children] == sorted(elements)
    assert [child.text for child in tree.children] == [elements[name] for name in sorted(elements)]


@given(before=ELEMENTS, secret=st.text("abcXYZ0123456789", min_size=12, max_size=30))
def test_a_consumers_secret_is_never_read_however_deep_it_stands(before: dict[str, Any], secret: str) -> None:
    inner = document(component(before)).decode().partition("\n")[2]
    hidden = f"<consumerSecret>{secret}<more>{secret}</more></consumerSecret>"
    read = elements_of(f"<a>{hidden}<b>{hidden}{inner}</b>{hidden}</a>".encode())
    assert secret not in repr(read)
    assert read == {"a": {"b": {PERMISSION_SET: before}}}


def test_the_prefixes_of_namespaces_do_not_matter() -> None:
    text = b'<s:Envelope xmlns:s="urn:s"><s:Body><m:x xmlns:m="urn:m" m:y="1">t</m:x><y xsi:nil="true" xmlns:xsi="urn:i"/></s:Body></s:Envelope>'
    assert elements_of(text) == {"Envelope": {"Body": {"x": "t", "y": ""}}}


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY a "1"><!ENTITY b "&a;&a;">]><a>&b;</a>',
        "<!DOCTYPE a><a/>",
        "<a>&e;</a>",
        "<a>",
        "<a></b>",
        "a",
        "",
        "<a/><b/>",
        "<a" * 30,
        "<p:a/>",
        "<a>" * (DEEPEST + 1) + "</a>" * (DEEPEST + 1),
    ],
)
def test_what_is_no_plain_xml_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(UnusableXml) as caught:
        elements_of(text.encode())
    assert len(str(caught.value)) < 80
    assert "passwd" not in str(caught.value)


def test_an_entity_of_a_file_is_not_opened(tmp_path: Any) -> None:
    file = tmp_path / "secret.txt"
    file.write_text("what the file says")
    with pytest.raises(UnusableXml):
        elements_of(f'<!DOCTYPE a [<!ENTITY e SYSTEM "{file.as_uri()}">]><a>&e;</a>'.encode())


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\x0b", "\ufffe", "\ud800"])
def test_a_character_that_xml_cannot_say_is_refused(char: str) -> None:
    with pytest.raises(UnusableXml):
        written(f"a{char}b")
