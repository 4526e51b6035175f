"""Callers at a constant rate while the certificate of their app changes, and AWSPENDING has its key."""

import json
from collections.abc import Callable

import pytest

from key_rotation.versions import PENDING
from rotation.load import manners
from rotation.load.fields import CONSUMER_KEY, OLD, fields
from rotation.load.manners import Manner
from rotation.load.outages import Outages
from rotation.load.secret import ReadCredentials
from rotation.load.stack import Stack
from rotation.load.timeline import Timeline
from sfmint_testing.rotation.account import NAME, FakeSecrets, certificate_of, key_id_of
from sfmint_values.secret import Secret

NEW = "the new key"
WHERE_A_KEY_FITS: dict[str, Callable[[], Manner]] = {
    "at once": lambda: manners.at_once,
    "late": lambda: manners.late,
    "by turns": manners.by_turns,
    "by chance": lambda: manners.by_chance(1),
}
CHANGES_AFTER_S = range(0, 600, 100)  # so that the token is of every age


@pytest.mark.parametrize("manner", list(WHERE_A_KEY_FITS))
@pytest.mark.parametrize("after_s", CHANGES_AFTER_S)
def test_nobody_notices_as_long_as_either_key_fits(manner: str, after_s: int) -> None:
    stack, secrets = under_load(WHERE_A_KEY_FITS[manner]())
    stack.clock.sleep(600 + after_s)
    change(stack, secrets)
    stack.clock.sleep(900)

    assert stack.callers.failures == []
    assert stack.row().key_id == key_id_of(NEW)


@pytest.mark.parametrize("age_s", [0, 60, 120, 180])
def test_nor_while_none_fits_for_ten_minutes_if_the_token_is_young(age_s: int) -> None:
    stack, secrets = under_load(manners.neither)
    stack.clock.sleep(610)  # just after a run of the schedule
    stack.clock.sleep((stack.row().issued_at or 0) + age_s - stack.clock.now())
    change(stack, secrets)
    stack.clock.sleep(900)

    assert stack.callers.failures == []
    assert stack.row().key_id == key_id_of(NEW)


def under_load(manner: Manner) -> tuple[Stack, FakeSecrets]:
    clock = Timeline()
    secrets, outages = FakeSecrets(), Outages(clock)
    secrets.store("version-0", fields())
    stack = Stack(clock, manner, ReadCredentials(secrets, outages), outages)
    stack.org.has_app(CONSUMER_KEY, key_id_of(OLD))
    stack.begin()
    return stack, secrets


def change(stack: Stack, secrets: FakeSecrets) -> None:
    new = fields(private_key=NEW, certificate=certificate_of(NEW))
    secrets.put(NAME, "version-1", Secret(json.dumps(new)))
    secrets.move(NAME, PENDING, to="version-1", off=None)
    stack.org.replace(CONSUMER_KEY, key_id_of(NEW))
