"""`sfmint app create` while somebody else is at the same app, org or file: nobody's work is overwritten."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.fake_setup import ORG
from cli.test_app_create_steps import World
from sfmint_cli.apps.switch_notes import SwitchNotes
from sfmint_cli.result import Failed
from sfmint_setup.component import APP, GLOBAL_OAUTH, Component
from sfmint_setup.key_pair import KeyPair as NewPair

if TYPE_CHECKING:
    from conftest import KeyPair


@pytest.fixture
def world(tmp_path: Path, key_pair: "KeyPair") -> World:
    return World(folder=tmp_path / "apps", pair=key_pair)


def somebody_else_makes_it(world: World, certificate: str | None = None) -> None:
    theirs = certificate or NewPair.new("other", bits=2048, days=3, now=world.clock.now()).certificate
    settings = {"externalClientApplication": "my_org", "certificate": theirs}
    world.setup.components[APP, "my_org"] = Component(type=APP, full_name="my_org", elements={})
    world.setup.components[GLOBAL_OAUTH, "my_org_global"] = Component(
        type=GLOBAL_OAUTH, full_name="my_org_global", elements=settings
    )


def while_asked(world: World, what: Callable[[], None]) -> None:
    agree = world.person.agree

    def hesitate(question: str) -> None:
        what()
        agree(question)

    world.person.agree = hesitate  # type: ignore[method-assign]


def test_an_app_that_somebody_makes_while_the_person_thinks_is_left_alone(world: World) -> None:
    while_asked(world, lambda: somebody_else_makes_it(world))
    assert world.failure().name == "AppChangedMeanwhile"
    settings = world.setup.components[GLOBAL_OAUTH, "my_org_global"]
    assert world.pair.certificate not in settings.text("certificate")
    assert world.setup.assigned == set()
    assert world.failure().name == "AppNotOurs"


def test_an_app_that_somebody_deploys_over_ours_gets_no_user_of_ours(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy = world.setup.deploy

    def overtaken(*given: Any, check_only: bool, observe: Any) -> Any:
        done = deploy(*given, check_only=check_only, observe=observe)
        if not check_only:
            somebody_else_makes_it(world)
        return done

    monkeypatch.setattr(world.setup, "deploy", overtaken)
    assert world.failure().name == "AppChangedMeanwhile"
    assert (world.setup.assigned, world.logins) == (set(), 0)


@pytest.mark.parametrize("is_granted", [True, False])
def test_an_app_that_somebody_deploys_over_while_it_arrives_is_told_and_not_stored(
    world: World, *, is_granted: bool
) -> None:
    world.refusals = () if is_granted else (True,) * 10
    log_in = world._log_in

    def overtaken(ready: Any) -> Any:
        somebody_else_makes_it(world)
        return log_in(ready)

    world._log_in = overtaken  # type: ignore[method-assign]
    assert world.failure().name == "AppChangedMeanwhile"
    assert world.destination.stored == []


def test_a_run_that_has_sent_nothing_has_no_claim_to_an_app_whose_certificate_is_not_seen(world: World) -> None:
    world.setup.refuses = frozenset({"contactEmail"})
    assert world.failure().name == "DeployFailed"
    world.setup.refuses = frozenset()
    somebody_else_makes_it(world, certificate=" ")
    hidden = world.setup.components[GLOBAL_OAUTH, "my_org_global"]
    world.setup.components[GLOBAL_OAUTH, "my_org_global"] = replace(
        hidden, elements={**hidden.elements, "certificate": ""}
    )
    before = dict(world.setup.components)
    assert world.failure().name == "AppNotOurs"
    assert world.setup.components == before


def test_a_second_run_at_the_same_time_is_refused_and_the_first_one_goes_on(world: World) -> None:
    names: list[str] = []
    second = replace(world)
    second.person = replace(world.person)
    while_asked(world, lambda: names.append(second.failure().name))
    world.run()
    assert names == ["RunUnderWay"]
    assert world.setup.made == 1


def test_a_run_that_cannot_be_held_is_not_kept_from_its_work(world: World) -> None:
    (world.folder.with_name("runs")).write_text("no folder")
    world.run()
    assert world.setup.made == 1


def test_notes_that_say_what_nobody_wrote_are_no_fault_of_the_program(world: World) -> None:
    world.run()
    path = world.folder / ORG.org_id / "my-org.app.json"
    notes = json.loads(path.read_text())
    for name, value in (
        ("waited_s", float("nan")),
        ("last_login", float("inf")),
        ("good_logins", -(10**400)),
        ("is_sent", 1),
    ):
        path.write_text(json.dumps({**notes, name: value}))
        try:
            world.run()
        except Failed as failed:
            assert failed.name == "UnusableNotes"  # noqa: PT017 - either is right
    path.write_text(json.dumps(notes))
    world.run()


# --- the note of a switch ---


def test_a_note_of_a_run_that_lives_is_its_own_business(tmp_path: Path) -> None:
    ours, theirs = SwitchNotes(folder=tmp_path / "switches"), SwitchNotes(folder=tmp_path / "switches")
    ours.add(ORG.org_id)
    assert (ours.has(ORG.org_id), theirs.has(ORG.org_id)) == (True, False)
    with pytest.raises(Failed) as caught:
        theirs.add(ORG.org_id)
    assert caught.value.name == "RunUnderWay"
    theirs.add("00D000000000002AAA")
    ours.drop(ORG.org_id)
    assert not ours.has(ORG.org_id)
    theirs.add(ORG.org_id)


def test_a_note_of_a_run_that_has_died_is_everybodys(tmp_path: Path) -> None:
    (tmp_path / ORG.org_id).touch()
    notes = SwitchNotes(folder=tmp_path)
    assert notes.has(ORG.org_id)
    notes.drop(ORG.org_id)
    assert not notes.has(ORG.org_id)
