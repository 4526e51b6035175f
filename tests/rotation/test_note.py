"""What is noted of a rotation is read back as it was, and nothing else is taken for it."""

import json
import math
from contextlib import suppress
from dataclasses import fields
from types import UnionType
from typing import Any, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from key_rotation.errors import RotationError
from key_rotation.note import Decision, Note, note_of
from key_rotation.standing import Phase
from key_rotation.use_case.rotation import Rotation, phase_of
from key_rotation.use_case.work import Run
from sfmint.errors import SfmintError
from sfmint_testing.rotation.account import NAME
from sfmint_testing.rotation.world import RotationWorld

_TIMES = st.none() | st.floats(0, 1e11)
_TEXTS = st.text(max_size=20)
_IDS = st.text("abcdef0123456789-", min_size=32, max_size=64)
NOTES = st.builds(
    Note,
    rotation=_TEXTS,
    versions=st.lists(_IDS, min_size=1, max_size=3).map(tuple),
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
    note = Note(rotation="r", versions=("v" * 32,), base="b", login="l", began_at=1.0, revision=1)
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
    assert read.words.isprintable()
    now, times = 1.8e9, (read.began_at, read.next_at, read.hold_until, read.set_at or 0, read.ended_at or 0)
    assert all(math.isfinite(each + now) for each in times)
    assert read.logins + read.refusals >= 0


@pytest.mark.parametrize("text", ["", "[]", "{}", '"x"', '{"rotation": "r"}'])
def test_anything_else_is_no_note(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        note_of(text, 1)


@settings(max_examples=150)
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


# --- what somebody has written by hand ---

_IDLE = {"rotation": "r" * 32, "versions": ["v" * 32], "base": "b", "login": "l", "began_at": 1.0}
_ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.lists(st.text(max_size=40) | st.integers(), max_size=3)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
    | st.sampled_from(
        [
            "finish",
            "cancel",
            "void",
            "version-0000000000000000000000000",
            "version-0000000000000000000000000" * 4,
            9e10,
            1e300,
            10**30,
        ]
    )
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from([each.name for each in fields(Note)]), _ANYTHING, max_size=4))
def test_whatever_stands_in_a_note_it_is_none_or_a_rotation_can_go_on_from_it(said: dict[str, Any]) -> None:
    world = RotationWorld()
    try:
        note = note_of(json.dumps(_IDLE | said), 1)
    except ValueError:
        return
    world.notes.text, world.notes.revision, world.notes.certificate = note.to_text(), 1, None
    vars(world.notes)["_note"] = note
    rotation, run = Rotation(ports=world.ports()), Run(id="run", ends_at=world.time + 900)
    for order in (rotation.standing, rotation.check):
        with suppress(RotationError, SfmintError):
            order(NAME)
    for step in (rotation.advance, rotation.finish, rotation.cancel, rotation.advance, rotation.advance):
        standing = step(NAME, run)
        assert standing.next_at is None or standing.next_at <= world.time + 7200
        assert standing.began_at is None or standing.began_at <= world.time


@pytest.mark.parametrize("ahead_s", [3600, 86_400, 365 * 86_400, 9e10])
def test_a_rotation_that_is_said_to_end_in_the_future_holds_up_the_next_one_for_two_hours_at_most(
    ahead_s: float,
) -> None:
    world = RotationWorld()
    note = note_of(json.dumps(_IDLE | {"set_at": 1.0, "ended_at": world.time + ahead_s}), 0)
    world.notes.put(NAME, note)
    world.time += 7200
    run = Run(id="run", ends_at=world.time + 900)
    assert Rotation(ports=world.ports()).begin(NAME, "t" * 32, run).rotation == "t" * 32
