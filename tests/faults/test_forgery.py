"""What a stranger writes stands on the row as a reader would believe it."""

import time

import pytest

from sfmint.row.row import CacheRow
from sfmint_local.faults.forgery import FORGERIES, Deed, Row
from sfmint_local.faults.scene import STORES, Scene
from sfmint_values.secret import fingerprint_of

BY_NAME = {forgery.name: forgery for forgery in FORGERIES}


def committed(scene: Scene, name: str, store: str) -> tuple[Row, Deed, CacheRow]:
    row = scene.row(scene.connect(name), store)
    deed = BY_NAME[name].commit(row)
    return row, deed, CacheRow.from_item(row.read())


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("name", BY_NAME)
def test_the_row_tells_of_the_token_that_must_not_be_served(scene: Scene, name: str, store: str) -> None:
    _, deed, row = committed(scene, name, store)
    assert deed.token is not None
    assert [fingerprint_of(token) for token in deed.others] in ([row.fingerprint], [])


@pytest.mark.parametrize("store", STORES)
def test_the_row_says_what_is_not_so(scene: Scene, store: str) -> None:
    _, deed, row = committed(scene, "expired copy with a later end", store)
    assert deed.token is not None
    assert deed.token.hard_expiry < time.time() < (row.hard_expiry or 0)
    _, _, row = committed(scene, "login under way for ever", store)
    assert (row.lease_until or 0) > time.time() + 1e7


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("name", ["older copy", "flushed copy", "rejected copy"])
def test_what_is_replayed_is_a_sound_copy(scene: Scene, name: str, store: str) -> None:
    row, deed, stands = committed(scene, name, store)
    found = row.planter.sealer.unseal(row.connection, stands)
    assert found is not None
    assert {found.access_token.reveal()} == set(deed.others)
    assert stands.rejected is None


def test_a_stranger_s_own_key_opens_what_it_has_sealed(scene: Scene) -> None:
    row, deed, stands = committed(scene, "token under another key", "DynamoDB")
    found = row.strangers.unseal(row.connection, stands)
    assert found is not None
    assert {found.access_token.reveal()} == set(deed.others)
    assert row.planter.sealer.unseal(row.connection, stands) is None


def test_a_neighbour_s_copy_is_good_where_it_belongs(scene: Scene) -> None:
    row, deed, stands = committed(scene, "row of another connection", "DynamoDB")
    found = row.planter.sealer.unseal(row.neighbour, stands)
    assert found is not None
    assert {found.access_token.reveal()} == set(deed.others)
