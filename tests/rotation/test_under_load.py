"""A whole rotation under a constant load, while the org takes ten minutes to know the new certificate everywhere.

No caller is let down in any manner in which the change may arrive, and in the end the old key is refused.
"""

from collections.abc import Callable

import pytest

from key_rotation.standing import Phase
from rotation.load import manners
from rotation.load.fields import CONSUMER_KEY, OLD, OTHER_CONSUMER_KEY
from rotation.load.manners import Manner
from rotation.load.ports import ADMIN
from rotation.load.rotating import Calls, End, Rotating
from sfmint_testing.rotation.account import certificate_of, key_id_of, key_of

MANNERS: dict[str, Callable[[], Manner]] = {
    "at once": lambda: manners.at_once,
    "late": lambda: manners.late,
    "the old one at once, the new one late": lambda: manners.neither,
    "by turns": manners.by_turns,
    "by chance": lambda: manners.by_chance(1),
    "by other chance": lambda: manners.by_chance(2),
}
LONG_AGO = "the key of an earlier rotation"
AFTER_S = (600, 680, 870)  # so that the token is of different ages, and the schedule's next run near or far
LOGINS_AN_HOUR = 60
ENDS = (
    ("FakeNotes.put", 1),  # create
    ("FakeSecrets.put", 1),
    ("FakeSecrets.move", 1),
    ("InvokedKeeper.refresh", 1),  # set
    ("FakeNotes.publish", 1),
    ("Setup.replace", 1),
    ("InvokedKeeper.try_login", 1),  # test
    ("InvokedKeeper.try_login", 5),
    ("FakeSecrets.move", 2),  # finish
    ("FakeSecrets.move", 3),
    ("FakeNotes.withdraw", 1),
    ("Announcements.say", 1),
)
SPANS_S = ((0, 60), (15, 45), (100, 220), (560, 640))  # of silence, counted from the rotation's beginning


@pytest.mark.parametrize("after_s", AFTER_S)
@pytest.mark.parametrize("manner", list(MANNERS))
def test_nobody_notices_a_rotation(manner: str, after_s: int) -> None:
    rotating = unattended(manner, seed=after_s)
    rotating.rotate(after_s=after_s, lasts_s=3000)

    assert_done(rotating)


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize(("call", "occurrence"), ENDS)
def test_nor_one_whose_run_is_killed_and_that_the_next_run_goes_on_with(
    call: str, occurrence: int, *, carried_out: bool
) -> None:
    calls = Calls(End(call, occurrence, carried_out))
    rotating = unattended("the old one at once, the new one late", calls)
    rotating.rotate(after_s=600, lasts_s=4000)

    assert calls.has_ended
    assert_done(rotating)


@pytest.mark.parametrize("span", SPANS_S)
@pytest.mark.parametrize("who", ["Salesforce", "AWS"])
def test_nor_one_in_which_somebody_is_silent(who: str, span: tuple[int, int]) -> None:
    rotating = unattended("the old one at once, the new one late")
    silent = rotating.stack.org.silent if who == "Salesforce" else rotating.outages.spans
    begins_at = rotating.clock.now() + 600
    silent.append((begins_at + span[0], begins_at + span[1]))
    rotating.rotate(after_s=600, lasts_s=4000)

    assert_done(rotating)


@pytest.mark.parametrize("manner", list(MANNERS))
def test_nor_one_whose_deployment_stands_in_a_queue(manner: str) -> None:
    rotating = unattended(manner)
    rotating.setup.deploy_s = 420
    rotating.rotate(after_s=600, lasts_s=3000)

    assert_done(rotating)


@pytest.mark.parametrize("says_so", [True, False])
@pytest.mark.parametrize("manner", list(MANNERS))
def test_nor_one_for_which_somebody_uploads_the_certificate(manner: str, *, says_so: bool) -> None:
    rotating = Rotating(MANNERS[manner]())
    rotating.has_person(uploads_after_s=100, says_so=says_so)
    rotating.rotate(after_s=600, lasts_s=4000)

    assert_done(rotating)


@pytest.mark.parametrize("manner", [manner for manner in MANNERS if "late" not in manner or manner == "late"])
def test_nor_if_that_comes_whenever_it_likes_as_long_as_either_key_fits(manner: str) -> None:
    rotating = Rotating(MANNERS[manner]())
    rotating.has_person(uploads_after_s=3000, says_so=False)
    rotating.rotate(after_s=600, lasts_s=6000)

    assert_done(rotating)


@pytest.mark.parametrize("manner", list(MANNERS))
def test_nor_one_between_two_apps(manner: str) -> None:
    rotating = Rotating(
        MANNERS[manner](),
        admin_connection=ADMIN,
        app="orders",
        other_app="orders_b",
        other_consumer_key=OTHER_CONSUMER_KEY,
    )
    rotating.stack.org.has_app(OTHER_CONSUMER_KEY, key_id_of(LONG_AGO))
    rotating.keys.named.add(certificate_of(LONG_AGO))
    rotating.rotate(after_s=600, lasts_s=3000)

    assert rotating.credentials.load("orders").consumer_key == OTHER_CONSUMER_KEY
    assert_rotated(rotating)


def unattended(manner: str, calls: Calls | None = None, *, seed: int = 0) -> Rotating:
    return Rotating(MANNERS[manner](), calls=calls, seed=seed, admin_connection=ADMIN)


def assert_done(rotating: Rotating) -> None:
    assert_rotated(rotating)
    assert not rotating.stack.org.takes(CONSUMER_KEY, key_id_of(OLD))


def assert_rotated(rotating: Rotating) -> None:
    assert rotating.stack.callers.failures == []
    assert rotating.standing is not None
    assert rotating.standing.phase is Phase.FINISHED, rotating.standing
    current = rotating.credentials.load("orders")
    new = key_id_of(key_of(current))
    assert new != key_id_of(OLD)
    assert rotating.stack.row().key_id == new
    assert rotating.stack.org.takes(current.consumer_key, new)
    assert most_logins_an_hour(rotating) <= LOGINS_AN_HOUR


def most_logins_an_hour(rotating: Rotating) -> int:
    at = [login[0] for login in rotating.stack.org.logins]
    return max(sum(begin <= other < begin + 3600 for other in at) for begin in at)
