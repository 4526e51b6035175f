"""Operators: new secrets, leaked keys, rotations."""

from collections.abc import Mapping
from typing import Final

from model.salesforce import everybody
from model.scenario import CALLER, FLUSH, NEW_USER, PAST_SOFT_EXPIRY_S, TAINT, TAINT_ANOTHER, THREE, TWO, Scenario
from model.stack import Edit, Setting
from sfmint.errors import AssertionRejected, InvalidCredentials, InvalidRequest
from sfmint.salesforce.connection import MOST_TAINTED_KEYS, Connection

NEXT_KEY: Final = "the next key"


def others(number: int) -> list[str]:
    """Return ids of keys that are nobody's here."""
    return [f"{1 + index:016x}" for index in range(number)]


def old_key(connection: Connection, login: int) -> str | None:
    """Refuse the key that the secret had first: a person has uploaded the next one's certificate."""
    return "wrong_key" if connection.pem().reveal() != NEXT_KEY else None


OPERATORS: Final[Mapping[str, Scenario]] = {
    "a new secret": Scenario(actors=(CALLER, (NEW_USER, FLUSH)), logins=(1, 2)),
    "a new secret past soft expiry": Scenario(
        actors=(CALLER, CALLER, (NEW_USER, FLUSH)), script=(0, PAST_SOFT_EXPIRY_S), logins=(2, 3)
    ),
    "a leaked key": Scenario(
        actors=(CALLER, CALLER, (TAINT,)),
        script=(0, PAST_SOFT_EXPIRY_S),
        logins=(1, 2),
        heals=False,
        setting=Setting(errors=(InvalidCredentials,)),
    ),
    "a leaked key among cold callers": Scenario(
        actors=(CALLER, CALLER, (TAINT,)), logins=(0, 1), heals=False, setting=Setting(errors=(InvalidCredentials,))
    ),
    "another key leaked": Scenario(actors=(CALLER, CALLER, (TAINT_ANOTHER,)), script=(0,), logins=1),
}

LISTS: Final[Mapping[str, Scenario]] = {
    f"{whose} leaks {when}": Scenario(
        actors=(CALLER, (taint,)),
        script=(0, Edit(put={"tainted_keys": frozenset([*others(number), *again])})),
        logins=1,
        heals=False,
        setting=Setting(errors=errors),
    )
    for whose, taint in (("the row's key", TAINT), ("another key", TAINT_ANOTHER))
    for when, number, again, errors in (
        ("after ninety-nine", MOST_TAINTED_KEYS - 1, (), ()),
        ("after a hundred", MOST_TAINTED_KEYS, (), (InvalidRequest,)),
        ("again, one of a hundred", MOST_TAINTED_KEYS - 1, (taint.key_id,), ()),
    )
}

ROTATIONS: Final[Mapping[str, Scenario]] = {
    "a rotation whose certificate is uploaded": Scenario(
        actors=TWO,
        logins=2,
        setting=Setting(next_key=NEXT_KEY, refuse=old_key, errors=(AssertionRejected,)),
    ),
    "past soft expiry in a rotation": Scenario(
        actors=THREE,
        script=(0, PAST_SOFT_EXPIRY_S),
        logins=3,
        setting=Setting(next_key=NEXT_KEY, refuse=old_key),
    ),
    "a rotation whose certificate is uploaded, and nobody is refused": Scenario(
        actors=TWO, logins=2, setting=Setting(next_key=NEXT_KEY, refuse=old_key)
    ),
    "a rotation of which both keys are refused": Scenario(
        actors=TWO,
        logins=2,
        heals=False,
        setting=Setting(next_key=NEXT_KEY, refuse=everybody("wrong_key"), errors=(AssertionRejected,)),
    ),
}
