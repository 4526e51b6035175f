"""Who may write a note, and nothing else, makes nothing the current version that no rotation has made, and no app hold another key."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from key_rotation.errors import RotationError
from key_rotation.note import Decision, Note, note_of
from key_rotation.ports import StageMovedError
from key_rotation.versions import CURRENT, NEXT, PENDING, PREVIOUS
from rotation.conftest import Case
from rotation.scenarios import SETTINGS, TOKEN
from sfmint.errors import SfmintError
from sfmint.salesforce.grace import GRACE_S
from sfmint_testing.fakes import NOON
from sfmint_testing.rotation.account import KEY_MARK, certificate_of
from sfmint_testing.rotation.world import RotationWorld

OLDER, TRIED, CURRENT_ONE = "older" * 8, "tried" * 8, "version-0000000000000000000000000"
_IDS = st.sampled_from([OLDER, TRIED, CURRENT_ONE, TOKEN, "n" * 32])
_AT = st.sampled_from([0.0, NOON - 7200.0, NOON - 60.0, NOON, NOON + 300.0])
_FORGED = st.fixed_dictionaries(
    {
        "versions": st.lists(_IDS, min_size=1, max_size=2).map(tuple),
        "base": st.just(CURRENT_ONE) | _IDS,
        "former": st.lists(_IDS, max_size=2).map(tuple),
        "is_staged": st.booleans(),
        "is_touched": st.booleans(),
        "is_wanted": st.booleans(),
        "is_promoted": st.booleans(),
        "has_logged_in": st.booleans(),
        "logins": st.integers(0, 9),
        "logins_since": st.none() | _AT,
        "set_at": st.none() | _AT,
        "decision": st.none() | st.sampled_from(Decision),
        "decided_at": st.none() | _AT,
        "returned_at": st.none() | _AT,
    }
)


def _world(setting: str) -> RotationWorld:
    world = RotationWorld(fields=SETTINGS[setting])
    said = world.secrets.fields(CURRENT)
    for version, changes in ((OLDER, {}), (TRIED, {"consumer_key": "3MVG9-tried"})):
        world.secrets.texts[version] = json.dumps(said | {"private_key": f"{KEY_MARK}{version}"} | changes)
    world.secrets.labels |= {PREVIOUS: OLDER, "SFMINT_TRY": TRIED}
    return world


@settings(max_examples=150, deadline=None)
@given(setting=st.sampled_from(["unattended", "attended", "two apps"]), forged=_FORGED, begins=st.booleans())
def test_a_note_alone_makes_no_version_current(*, setting: str, forged: dict[str, Any], begins: bool) -> None:
    world = _world(setting)
    these = Case(world)
    if begins:
        these.begin()
        these.advance()
    login = _login_of(world)
    note = Note(rotation=TOKEN, login=login, began_at=NOON - 7200.0, **forged)
    world.notes._note = note_of(note.to_text(), world.notes.revision)
    made = world.secrets.labels.get(NEXT)
    apps = {name: app.certificate for name, app in world.org.apps.items()}
    for _ in range(20):
        with suppress(RotationError, SfmintError, StageMovedError):
            these.advance()
        world.time += 400
        made = world.secrets.labels.get(NEXT) or made
        assert world.secrets.labels[CURRENT] in {CURRENT_ONE, made}
        assert world.secrets.labels.get(PENDING) in {None, made, TOKEN}
        assert all(grace.ends_at <= world.time + GRACE_S for grace in world.secrets.describe("orders").graces)
    held = {certificate_of(f"{KEY_MARK}{key}") for key in ("0", "1", "2")}
    assert {app.certificate for app in world.org.apps.values()} <= held | set(apps.values())


def _login_of(world: RotationWorld) -> str:
    """Return what an honest note says: whoever forges one may read those before."""
    these = Case(RotationWorld(fields=world.fields))
    these.begin()
    note = these.world.notes.find("orders")
    assert note is not None
    return note.login


@given(forged=_FORGED)
def test_nor_does_it_say_whose_certificate_is_to_be_uploaded(forged: dict[str, Any]) -> None:
    world = _world("attended")
    these = Case(world)
    these.begin()
    these.advance()
    note = Note(rotation=TOKEN, login=_login_of(world), began_at=NOON - 7200.0, **forged)
    world.notes._note = note_of(note.to_text(), world.notes.revision)
    assert these.rotation.status("orders").certificate in {
        None,
        *(certificate_of(f"{KEY_MARK}{key}") for key in (0, 1)),
    }
