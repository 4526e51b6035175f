"""What the command line reads of a standing is what the function tells: one cannot import the other."""

from dataclasses import asdict

import pytest

from key_rotation.standing import Phase
from key_rotation.standing import Standing as Told
from key_rotation.use_case.pace import REFUSALS_TOLD
from sfmint_cli.rotation.standing import MEANINGS, MOST_REFUSALS, Standing

NOON = 1_796_000_000.0
FULL = Told(  # each field with a value of its own
    connection="orders",
    phase=Phase.WAITING,
    next_at=NOON + 60,
    words="Upload it.",
    rotation="rotation",
    version="version",
    began_at=NOON,
    logins=2,
    refusals=3,
    is_attended=True,
    app="orders_b",
    certificate="a certificate",
    has_moved=True,
)


def test_each_phase_has_a_meaning() -> None:
    assert list(MEANINGS) == list(Phase)


@pytest.mark.parametrize("phase", Phase)
def test_an_open_rotation_is_open_to_both(phase: Phase) -> None:
    told = Told(connection="orders", phase=phase)
    assert Standing.read(asdict(told)).is_open is told.is_open


def test_each_field_that_is_read_is_told() -> None:
    told, read = asdict(FULL), asdict(Standing.read(asdict(FULL)))
    assert read == {name: told[name] for name in read}


def test_people_are_told_of_refusals_when_the_status_is_a_finding() -> None:
    assert MOST_REFUSALS == REFUSALS_TOLD
