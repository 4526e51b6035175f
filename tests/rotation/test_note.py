"""What is noted of a rotation is read back as it was, and nothing else is taken for it."""

import json
import math
from dataclasses import fields
from types import UnionType
from typing import Any, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from key_rotation.note import Decision, Note, note_of
from key_rotation.standing import Phase
from key_rotation.use_case.rotation import phase_of

_TIMES = st.none() | st.floats(0, 1e11)
_TEXTS = st.text(max_size=20)
NOTES = st.builds(
    Note,
    rotation=_TEXTS,
    versions=st.lists(_TEXTS, min_size=1, max_size=3).map(tuple),
    base=_TEXTS,
    login=_TEXTS,
    began_at=st.floats(0, 1e11),
    is_staged=st.booleans(),
    set_at=_TIMES,
    is_touched=st.booleans(),
    logins=st.integers(0, 9),
    logins_since=_TIMES,
    next_at=st.floats(0, 1e11),
    decision=st.none() | st.sampled_from(Decision),
    why=_TEXTS,
    announced=st.lists(_TEXTS, max_size=3).map(tuple),
    ended_at=_TIMES,
    revision=st.integers(1, 99),
)


FIELDS = sorted(field.name for field in fields(Note))
OF_ANY_KIND = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([*Decision, 10**400, "1.0", "", "finished"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=3,
)


def is_of(kind: Any, value: object) -> bool:
    """Tell whether a value is of a field's type."""
    if isinstance(value, bool):
        return kind is bool
    if isinstance(value, tuple):
        return get_origin(kind) is tuple and all(isinstance(each, str) for each in value)
    return isinstance(value, kind if isinstance(kind, UnionType) else get_origin(kind) or kind)


@settings(max_examples=40)
@given(NOTES)
def test_a_note_is_read_back(note: Note) -> None:
    assert note_of(note.to_text(), note.revision) == note


def test_what_a_later_release_writes_is_passed_over() -> None:
    note = Note(rotation="r", versions=("v",), base="b", login="l", began_at=1.0, revision=1)
    later = json.dumps({**json.loads(note.to_text()), "mood": "good"})
    assert note_of(later, 1) == note


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["finish", "cancel", 10**400, float("nan"), float("inf"), -1, 1e300]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(NOTES, st.dictionaries(st.sampled_from([field.name for field in fields(Note)]), _JSON, max_size=3))
def test_whatever_stands_in_a_field_a_note_goes_round_or_is_none(note: Note, forged: dict[str, Any]) -> None:
    text = json.dumps(json.loads(note.to_text()) | forged)
    try:
        read = note_of(text, 7)
    except ValueError:
        return
    assert read.revision == 7
    assert note_of(read.to_text(), 7) == read
    assert phase_of(read) in Phase
    assert read.version in read.own
    assert read.reason.isprintable()
    now, times = 1.8e9, (read.began_at, read.next_at, read.hold_until, read.set_at or 0, read.ended_at or 0)
    assert all(math.isfinite(each + now) for each in times)
    assert read.logins + read.refusals >= 0


@pytest.mark.parametrize("text", ["", "[]", "{}", '"x"', '{"rotation": "r"}'])
def test_anything_else_is_no_note(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        note_of(text, 1)


@settings(max_examples=300)
@given(NOTES, st.sampled_from(FIELDS), OF_ANY_KIND)
def test_a_note_with_a_field_of_another_kind_is_none(note: Note, name: str, value: object) -> None:
    text = json.dumps(json.loads(note.to_text()) | {name: value})
    try:
        found = note_of(text, note.revision)
    except ValueError:
        return
    assert [field.name for field in fields(Note) if not is_of(field.type, getattr(found, field.name))] == []
    assert found.version in found.own
    assert note_of(found.to_text(), found.revision) == found
