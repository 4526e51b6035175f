"""Operators: new secrets, leaked keys, rotations."""

from collections.abc import Mapping
from typing import Final

from model.salesforce import everybody, key_id_of
from model.scenario import (
    CALLER,
    FINISH,
    FLUSH,
    NEW_USER,
    PAST_SOFT_EXPIRY_S,
    TAINT,
    TAINT_ANOTHER,
    TAINT_IN_SECRET,
    THREE,
    TWO,
    Scenario,
)
from model.stack import NAME, Edit, Setting
from sfmint.errors import AssertionRejected, InvalidCredentials, InvalidRequest
from sfmint.request import TaintRequest
from sfmint.salesforce.connection import MOST_TAINTED_KEYS, Connection
from sfmint_testing.fakes import a_connection
from sfmint_values.secret import Secret

NEXT_KEY: Final = "the next key"


def others(number: int) -> list[str]:
    """Return ids of keys that are nobody's here."""
    return [f"{1 + index:016x}" for index in range(number)]


def old_key(connection: Connection, login: int) -> str | None:
    """Refuse the key that the secret had first: a person has uploaded the next one's certificate."""
    return "wrong_key" if connection.pem().reveal() != NEXT_KEY else None


def next_key(connection: Connection, login: int) -> str | None:
    """Refuse the key that a rotation has made: the change of the app has not arrived everywhere."""
    return "wrong_key" if connection.pem().reveal() == NEXT_KEY else None


def old_key_again(connection: Connection, login: int) -> str | None:
    """Refuse the key that the secret had first once it has logged in: the change of the app has arrived."""
    return old_key(connection, login) if login > 1 else None


TAINT_NEXT: Final = TaintRequest(connection=NAME, key_id=key_id_of(a_connection(private_key=Secret(NEXT_KEY))))

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
    "a rotation is finished": Scenario(
        actors=(CALLER, CALLER, (FINISH,)),
        script=(0, PAST_SOFT_EXPIRY_S),
        logins=(2, 3),
        setting=Setting(next_key=NEXT_KEY, refuse=old_key_again),
    ),
    "a rotation is finished, and its key is not known everywhere yet": Scenario(
        actors=(CALLER, CALLER, (FINISH,)),
        script=(0, PAST_SOFT_EXPIRY_S),
        logins=(2, 3),
        setting=Setting(next_key=NEXT_KEY, refuse=next_key),
    ),
    "the current key is refused in the grace of the former one": Scenario(
        actors=TWO, logins=2, setting=Setting(former_key=NEXT_KEY, refuse=old_key, errors=(AssertionRejected,))
    ),
    "a key leaks in a rotation": Scenario(
        actors=(CALLER, CALLER, (TAINT_IN_SECRET, TAINT)),
        script=(0, PAST_SOFT_EXPIRY_S),
        logins=(2, 3),
        setting=Setting(next_key=NEXT_KEY),
    ),
    "a key is barred on the row in a rotation": Scenario(
        actors=(CALLER, CALLER, (TAINT,)),
        script=(0, PAST_SOFT_EXPIRY_S),
        logins=(2, 3),
        setting=Setting(next_key=NEXT_KEY),
    ),
    "the next key leaks in a rotation": Scenario(
        actors=(CALLER, CALLER, (TAINT_NEXT,)),
        logins=(1, 3),
        heals=True,
        setting=Setting(next_key=NEXT_KEY, refuse=old_key, errors=(AssertionRejected, InvalidCredentials)),
    ),
    "a former key leaks in its grace": Scenario(
        actors=(CALLER, CALLER, (TAINT_NEXT,)),
        logins=(1, 3),
        heals=True,
        setting=Setting(former_key=NEXT_KEY, refuse=old_key, errors=(AssertionRejected, InvalidCredentials)),
    ),
}
