"""What every store means by an update and its condition; each backend subclasses it with a fixture."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from sfmint.errors import CacheUnavailable
from sfmint.ports import Store
from sfmint.row import conditional_write as cw
from sfmint.row import looks
from sfmint_testing.backend import Backend
from sfmint_testing.fakes import NOON

KEY = "t1#orders"
ITEM: dict[str, cw.Value] = {
    "fence": 7,
    "lease_until": 1_795_435_200.123456,
    "lease_owner": "me",
    "sealed": b"\x00\xff sealed",
    "fingerprint": "aa",
    "key_id": "aa",
    "tainted_keys": frozenset({"k1", "k2"}),
}

# Each clause, and whether it holds in ITEM.
CLAUSES: list[tuple[cw.Clause, bool]] = [
    (cw.Missing("hard_expiry"), True),
    (cw.Missing("fence"), False),
    (cw.Compare("fence", "=", 7), True),
    (cw.Compare("fence", "=", 8), False),
    (cw.Compare("fence", "<>", 8), True),
    (cw.Compare("fence", "<>", 7), False),
    (cw.Compare("fence", "<", 8), True),
    (cw.Compare("fence", "<", 7), False),
    (cw.Compare("fence", "<=", 7), True),
    (cw.Compare("fence", "<=", 6), False),
    (cw.Compare("fence", ">", 6), True),
    (cw.Compare("fence", ">", 7), False),
    (cw.Compare("lease_until", "<=", 1_795_435_200.123456), True),
    (cw.Compare("lease_until", "<=", 1_795_435_200.123455), False),
    (cw.Compare("lease_owner", "=", "me"), True),
    (cw.Compare("lease_owner", "=", "you"), False),
    (cw.Compare("hard_expiry", "<=", 1e12), False),
    (cw.Compare("hard_expiry", "=", 0), False),
    (cw.Same("key_id", "fingerprint"), True),
    (cw.Same("key_id", "lease_owner"), False),
    (cw.Same("key_id", "hard_expiry"), False),
    (cw.Between("fence", 7, 9), True),
    (cw.Between("fence", 8, 9), False),
    (cw.Between("hard_expiry", 0, 9), False),
    (cw.Contains("tainted_keys", "k1"), True),
    (cw.Contains("tainted_keys", "k3"), False),
    (cw.Contains("failure_keys", "k1"), False),
    (cw.Not(cw.Contains("failure_keys", "k1")), True),
    (cw.Not(cw.Missing("hard_expiry")), False),
    (cw.OfType("fence", "N"), True),
    (cw.OfType("lease_until", "N"), True),
    (cw.OfType("fence", "S"), False),
    (cw.OfType("lease_owner", "S"), True),
    (cw.OfType("sealed", "B"), True),
    (cw.OfType("sealed", "SS"), False),
    (cw.OfType("tainted_keys", "SS"), True),
    (cw.OfType("hard_expiry", "N"), False),
    (cw.AllOf(cw.Missing("hard_expiry"), cw.Compare("fence", "=", 7)), True),
    (cw.AllOf(cw.Missing("hard_expiry"), cw.Compare("fence", "=", 8)), False),
    (cw.AnyOf(cw.Missing("fence"), cw.Compare("fence", "=", 7)), True),
    (cw.AnyOf(cw.Missing("fence"), cw.Compare("fence", "=", 8)), False),
]


def acquire(owner: str) -> cw.ConditionalWrite:
    return cw.ConditionalWrite(
        name="acquire",
        assign={"lease_owner": owner},
        increment=("fence",),
        condition=cw.Missing("lease_owner"),
        repeatable=True,
        takes_lease=True,
    )


FLUSH = cw.ConditionalWrite(name="flush", increment=("fence",), remove=("lease_owner",), fences_out=True)
REFUSED = cw.ConditionalWrite(
    name="release", remove=("lease_owner",), condition=cw.Compare("lease_owner", "=", "nobody")
)
CALLS: dict[str, Callable[[Store], object]] = {
    "read": lambda store: store.read(KEY),
    "peek": lambda store: store.peek(KEY),
    "write": lambda store: store.write(KEY, FLUSH),
    "refused write": lambda store: store.write(KEY, REFUSED),
}


class StoreContract:
    """Subclasses give the fixture `backend`."""

    @pytest.fixture
    def store(self, backend: Backend) -> Store:
        return backend.store

    def test_nothing_is_read_where_nothing_was_written(self, store: Store) -> None:
        assert store.read(KEY) is None
        assert store.peek(KEY) is None

    def test_every_kind_of_value_comes_back_as_it_was(self, store: Store) -> None:
        written = store.write(KEY, cw.ConditionalWrite(name="publish", assign=ITEM))
        assert isinstance(written, cw.Written)
        assert written.item == ITEM
        item = store.read(KEY)
        assert item is not None
        assert item == ITEM

    def test_a_peek_shows_the_fingerprint_and_never_the_sealed_copy(self, store: Store) -> None:
        store.write(KEY, cw.ConditionalWrite(name="publish", assign=ITEM))
        item = store.peek(KEY)
        assert item is not None
        assert item["fingerprint"] == "aa"
        assert "sealed" not in item

    def test_a_note_of_the_watch_is_kept_beside_the_rows(self, store: Store) -> None:
        store.write(looks.look_key("orders"), looks.note_new(NOON))
        store.write(looks.look_key("orders"), looks.note_look(NOON + 1))
        store.write(looks.WATCH_KEY, looks.note_watch(NOON, ("billing", "orders")))
        assert store.read(looks.look_key("orders")) == {"new_at": NOON, "looked_at": NOON + 1}
        assert looks.known(store.read(looks.WATCH_KEY), NOON, 1.0) == {"billing", "orders"}
        assert store.read(KEY) is None

    def test_an_increment_counts_from_nothing(self, store: Store) -> None:
        for expected in (1, 2):
            written = store.write(KEY, cw.ConditionalWrite(name="acquire", increment=("fence",), takes_lease=True))
            assert written.item is not None
            assert written.item["fence"] == expected

    def test_keep_sets_only_what_is_missing(self, store: Store) -> None:
        for value in (1, 2):
            written = store.write(KEY, cw.ConditionalWrite(name="publish", keep={"ttl": value}))
            assert written.item is not None
            assert written.item["ttl"] == 1

    def test_add_gathers_members(self, store: Store) -> None:
        for member in ("k1", "k2", "k1"):
            store.write(KEY, cw.ConditionalWrite(name="publish", add={"tainted_keys": frozenset({member})}))
        item = store.read(KEY)
        assert item is not None
        assert item["tainted_keys"] == frozenset({"k1", "k2"})

    def test_remove_forgets_also_what_was_never_there(self, store: Store) -> None:
        store.write(KEY, cw.ConditionalWrite(name="publish", assign=ITEM))
        written = store.write(
            KEY, cw.ConditionalWrite(name="publish", remove=("sealed", "never"), increment=("fence",))
        )
        assert written.item is not None
        assert "sealed" not in written.item
        assert written.item["fence"] == 8

    @pytest.mark.parametrize(
        ("clause", "holds"), CLAUSES, ids=lambda value: str(value) if value in {True, False} else ""
    )
    def test_a_condition_decides(self, store: Store, *, clause: cw.Clause, holds: bool) -> None:
        store.write(KEY, cw.ConditionalWrite(name="publish", assign=ITEM))
        update = cw.ConditionalWrite(name="acquire", assign={"lease_owner": "new"}, condition=clause, takes_lease=True)
        outcome = store.write(KEY, update)
        assert isinstance(outcome, cw.Written if holds else cw.ConditionFailed)

    def test_a_refused_write_changes_nothing_and_shows_the_item_as_it_stands(self, store: Store) -> None:
        store.write(KEY, cw.ConditionalWrite(name="publish", assign=ITEM))
        outcome = store.write(
            KEY, cw.ConditionalWrite(name="fail", assign={"fence": 9}, condition=cw.Compare("fence", "=", 8))
        )
        assert isinstance(outcome, cw.ConditionFailed)
        assert outcome.item is not None
        assert outcome.item == ITEM
        item = store.read(KEY)
        assert item is not None
        assert item == ITEM

    def test_a_refused_write_where_there_is_no_item_shows_none(self, store: Store) -> None:
        outcome = store.write(
            KEY, cw.ConditionalWrite(name="fail", assign={"fence": 9}, condition=cw.Compare("fence", "=", 8))
        )
        assert outcome == cw.ConditionFailed(None)
        assert store.read(KEY) is None

    @pytest.mark.parametrize(
        "update",
        [
            cw.ConditionalWrite(name="flush", increment=("fence",)),
            cw.ConditionalWrite(name="flush", increment=("fence",), fences_out=True),
            cw.ConditionalWrite(name="acquire", increment=("fence",), takes_lease=True),
            cw.ConditionalWrite(name="taint", add={"fence": frozenset({"k1"})}),
        ],
        ids=["count", "count and fence out", "count and take the lease", "add"],
    )
    def test_what_cannot_be_counted_up_or_added_to_is_refused_and_stays(
        self, store: Store, update: cw.ConditionalWrite
    ) -> None:
        store.write(KEY, cw.ConditionalWrite(name="publish", assign={"fence": "by hand"}))
        with pytest.raises(CacheUnavailable) as refused:
            store.write(KEY, update)
        assert not refused.value.denied
        assert store.read(KEY) == {"fence": "by hand"}

    @pytest.mark.parametrize("call", CALLS)
    def test_every_answer_tells_how_far_this_clock_is_behind(self, store: Store, backend: Backend, call: str) -> None:
        if backend.put_date_ahead is None:
            assert store.behind_s() is None
            return
        backend.put_date_ahead(40)
        CALLS[call](store)
        behind_s = store.behind_s()
        assert behind_s is not None
        assert abs(behind_s - 40) <= 1  # a date has whole seconds

    def test_of_two_that_take_the_lease_at_once_one_is_carried_out(self, store: Store, backend: Backend) -> None:
        others: list[cw.Written | cw.ConditionFailed] = []
        backend.before_next_write(lambda: others.append(store.write(KEY, acquire("other"))))
        outcome = store.write(KEY, acquire("me"))
        assert (type(others[0]), type(outcome)) == (cw.Written, cw.ConditionFailed)
        assert store.read(KEY) == outcome.item == {"lease_owner": "other", "fence": 1}

    def test_what_a_holder_writes_after_it_was_fenced_out_does_not_count(self, store: Store, backend: Backend) -> None:
        store.write(KEY, acquire("me"))
        mine = cw.AllOf(cw.Compare("fence", "=", 1), cw.Compare("lease_owner", "=", "me"))
        backend.before_next_write(lambda: store.write(KEY, FLUSH))
        store.write(KEY, cw.ConditionalWrite(name="publish", assign={"fingerprint": "late"}, condition=mine))
        assert store.read(KEY) == {"fence": 2}

    def test_a_write_whose_answer_is_lost_is_an_error_and_was_carried_out_once(
        self, store: Store, backend: Backend
    ) -> None:
        backend.lose_next_answer()
        with pytest.raises(CacheUnavailable):
            store.write(KEY, cw.ConditionalWrite(name="reject-again", increment=("reject_count",)))
        assert store.read(KEY) == {"reject_count": 1}

    def test_a_lease_whose_grant_is_lost_shows_its_owner_to_whoever_looks(self, store: Store, backend: Backend) -> None:
        backend.lose_next_answer()
        with suppress(CacheUnavailable):  # a store may repeat what is repeatable, and need not
            assert (store.write(KEY, acquire("me")).item or {})["lease_owner"] == "me"
        assert store.read(KEY) == {"lease_owner": "me", "fence": 1}

    @pytest.mark.parametrize("number", [0, 1, 1_795_435_200.1234567, 1 / 3, 1e-9, 4e9, 2**53])
    def test_an_instant_is_kept_to_the_last_digit(self, store: Store, number: float) -> None:
        store.write(KEY, cw.ConditionalWrite(name="publish", assign={"hard_expiry": number}))
        item = store.read(KEY)
        assert item is not None
        assert item["hard_expiry"] == number
