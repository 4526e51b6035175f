"""What holds for every deployment and for every change that arrives, whatever they are."""

from collections.abc import Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from local.conftest import certificate_of
from local.deploying import OPTIONS, AppFiles, package, place, zipped
from sfmint_local.org.setup.components import Component
from sfmint_local.org.setup.deployment import Outcome, carry_out
from sfmint_local.org.setup.differences import Differences, Propagation
from sfmint_local.org.setup.draft import Draft
from sfmint_local.org.setup.login_apps import LoginApp
from sfmint_local.org.setup.propagation import AppArriving, PropagatingApps
from sfmint_local.org.setup.rights import ADMINISTRATOR
from sfmint_local.org.values import App

SIX = range(6)
CHOICES = st.fixed_dictionaries({"rollbackOnError": st.booleans(), "checkOnly": st.booleans()})


def deployed(parts: Sequence[Component], broken: set[int], **options: bool) -> Outcome:
    files = package(*parts) | {place(part): "<broken" for number, part in enumerate(parts) if number in broken}
    told: dict[str, Any] = {**OPTIONS, "ignoreWarnings": False, "allowMissingFiles": False, **options}
    draft = Draft({}, ids={}, differences=Differences(makes_default_policies=False))
    return carry_out(zipped(files), told, draft, api_version=67, rights=ADMINISTRATOR)


@settings(deadline=None)
@given(st.permutations(SIX), st.integers(0, 6), st.sets(st.sampled_from(SIX)), CHOICES)
def test_a_deployment_takes_place_whole_or_tells_what_did_not(
    org_key: rsa.RSAPrivateKey, order: Sequence[int], many: int, broken: set[int], options: dict[str, bool]
) -> None:
    files = AppFiles(name="orders", certificate=certificate_of(org_key)).all()
    parts = [files[number] for number in order[:many]]
    outcome = deployed(parts, broken, **options)
    rolls_back, checks = options["rollbackOnError"], options["checkOnly"]

    failed = {message.full_name for message in outcome.failures}
    kept = {part.full_name for part in outcome.changes}
    assert {message.full_name for message in outcome.messages} == {part.full_name for part in parts}
    assert {part.full_name for number, part in enumerate(parts) if number in broken} <= failed
    assert outcome.status == ("Succeeded" if not failed else outcome.status)
    assert kept == (set() if checks or (failed and rolls_back) else {part.full_name for part in parts} - failed)
    assert (outcome.status == "SucceededPartial") == bool(failed and outcome.successes and not rolls_back)


def app(number: int) -> LoginApp:
    return LoginApp(app=App(consumer_key="key", session_timeout_s=number))


def seen(apps: PropagatingApps, now: float, manner: Propagation) -> int:
    try:
        found = apps.seen("key", now=now, differences=Differences(propagation=manner))
    except AppArriving:
        return 0
    return found.app.session_timeout_s if found else 0


STEPS = st.lists(st.tuples(st.sampled_from(["change", "look"]), st.integers(0, 100)), max_size=20)


@pytest.mark.parametrize("manner", ["at_once", "late", "by_turns", "neither"])
@given(STEPS)
def test_a_login_meets_no_state_that_is_older_than_the_propagation(
    manner: Propagation, steps: Sequence[tuple[str, int]]
) -> None:
    apps, now, takes = PropagatingApps(), 0.0, 100.0
    made: list[tuple[float, int]] = []
    met = 0
    for step, (what, later) in enumerate(steps, start=1):
        now += later + 0.5
        if what == "change":
            apps.note({"key": app(step)}, arrives_at=now + takes)
            made.append((now, step))
            continue
        arrived = max((number for at, number in made if at + takes <= now), default=0)
        newest = made[-1][1] if made else 0
        number = seen(apps, now, manner)
        assert arrived <= number <= newest
        if manner != "by_turns":
            assert number == (newest if manner == "at_once" else arrived)
            assert number >= met
        met = number


def test_by_turns_means_every_state_that_has_not_arrived_everywhere() -> None:
    apps = PropagatingApps()
    for number in (1, 2, 3):
        apps.note({"key": app(number)}, arrives_at=100.0 + number)

    assert [seen(apps, 101.5, "by_turns") for _ in range(6)] == [1, 2, 3, 1, 2, 3]
    assert {seen(apps, 103.0, "by_turns") for _ in range(3)} == {3}
