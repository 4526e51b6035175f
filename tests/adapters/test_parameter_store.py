"""How items lie in Parameter Store, what happens between two of its requests, and what its errors mean."""

import base64
import secrets
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Barrier
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from contracts.backends import STACK
from moto_client import moto_client
from sfmint.adapters.stores.item_text import from_text, to_text
from sfmint.adapters.stores.kms_sealer import KmsSealer
from sfmint.adapters.stores.parameter_folder import DATE_S, GIVEN_BACK, HEEDED, LARGEST_COPY, SETTLED, name_of
from sfmint.adapters.stores.parameter_store import LEASES_AHEAD, ParameterStore, cache_path
from sfmint.errors import CacheUnavailable, InvalidRequest
from sfmint.row import looks, writes
from sfmint.row.conditional_write import FOREIGN, ConditionalWrite, ConditionFailed, Item, Value, Written
from sfmint.row.decisions import Attempt, Lease, Progress, Want
from sfmint.row.row import CacheRow
from sfmint.salesforce.login_failures.table import LoginFailed
from sfmint_testing.fakes import NOON, FakeClock
from sfmint_testing.rows import ATTEMPT, FAILING, FP, LEASE, LEASE_ROW, TOKEN
from sfmint_values.secret import Secret, fingerprint_of
from time_for_aws import repeats_by

KEY = "t1#orders"
FOLDER = f"/sfmint/{STACK}/cache/t1/orders"
TODAY = int(NOON // DATE_S)


@dataclass
class Shelf:
    """The store, what lies in it, and what is asked of it."""

    client: Any
    clock: FakeClock = field(default_factory=FakeClock)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = ParameterStore(self.client, cache_path(STACK), self.clock, repeats_by(self.clock))
        self.client.meta.events.register("before-send.ssm", lambda event_name, **_: self.asked.append(event_name[16:]))

    def texts(self) -> dict[str, str]:
        found = self.client.get_parameters_by_path(Path=FOLDER)["Parameters"]
        return {each["Name"].removeprefix(f"{FOLDER}/"): each["Value"] for each in found}

    def names(self) -> set[str]:
        return set(self.texts())

    def lay(self, name: str, text: str) -> None:
        self.client.put_parameter(Name=f"{FOLDER}/{name}", Value=text, Type="String")

    def acquire(self, me: str = "me", seen: int | None = None) -> Written | ConditionFailed:
        """Take the lease as somebody whose row has this fence."""
        attempt = replace(ATTEMPT, me=me, seen=seen, since=self.clock.now())
        return self.store.write(
            KEY, writes.acquire(attempt, CacheRow.from_item(self.store.read(KEY)), Want(), Progress())
        )

    def publish(self, me: str = "me", fence: int = 1, text: str = "token") -> Written | ConditionFailed:
        attempt = Attempt(me=me, seen=None, key_id="key", config_hash="config", since=NOON)
        minted = replace(TOKEN, access_token=Secret(text), fingerprint=fingerprint_of(text))
        lease = Lease(attempt=attempt, fence=fence, row=CacheRow())
        return self.store.write(KEY, writes.publish(lease, minted, b"a copy"))

    def fail(self, call: str, *codes: str | None) -> None:
        """Let the next calls end so: with an error code, or with silence (None)."""
        waiting = list(codes)

        def strike(**_: object) -> None:
            code = waiting.pop(0)
            if not waiting:
                self.client.meta.events.unregister(f"before-send.ssm.{call}", strike)
            raise _failure(call, code)

        self.client.meta.events.register(f"before-send.ssm.{call}", strike)

    @contextmanager
    def failing(self, call: str, code: str | None) -> Iterator[list[str]]:
        """Let all calls end so, as long as the block lasts; yield what was sent."""
        sent: list[str] = []

        def strike(**_: object) -> None:
            sent.append(call)
            raise _failure(call, code)

        self.client.meta.events.register(f"before-send.ssm.{call}", strike)
        yield sent
        self.client.meta.events.unregister(f"before-send.ssm.{call}", strike)

    def before(self, call: str, happen: Callable[[], object]) -> None:
        """Let something happen once, when a call is on its way."""

        def strike(**_: object) -> None:
            self.client.meta.events.unregister(f"before-send.ssm.{call}", strike)
            happen()

        self.client.meta.events.register(f"before-send.ssm.{call}", strike)

    def after(self, call: str, happen: Callable[[], object]) -> None:
        """Let something happen once, when a call has been carried out and before its answer is read."""

        def strike(**_: object) -> None:
            self.client.meta.events.unregister(f"after-call.ssm.{call}", strike)
            happen()

        self.client.meta.events.register(f"after-call.ssm.{call}", strike)


def _failure(call: str, code: str | None) -> Exception:
    if code is None:
        return ReadTimeoutError(endpoint_url="https://ssm")
    return ClientError({"Error": {"Code": code, "Message": "SECRET"}}, call)


@pytest.fixture
def shelf(aws: botocore.session.Session) -> Shelf:
    return Shelf(moto_client(aws, "ssm"))


def test_an_item_is_one_plain_standard_parameter(shelf: Shelf) -> None:
    requests: list[dict[str, Any]] = []
    shelf.client.meta.events.register(
        "provide-client-params.ssm.PutParameter", lambda params, **_: requests.append(params)
    )
    shelf.acquire()
    [request] = requests
    assert request.pop("Value")
    assert request == {
        "Name": f"{FOLDER}/{name_of(TODAY)}",
        "Type": "String",
        "Tier": "Standard",
        "Overwrite": False,
    }


def test_a_hit_is_one_call(shelf: Shelf) -> None:
    shelf.acquire()
    shelf.publish()
    shelf.asked.clear()
    assert shelf.store.read(KEY)
    assert shelf.store.peek(KEY)
    assert shelf.asked == ["GetParametersByPath"] * 2


def test_a_published_token_stands_where_its_lease_did_and_older_dates_go(shelf: Shelf) -> None:
    shelf.acquire()
    shelf.publish()
    shelf.clock.time += 900
    shelf.acquire("you", 1)
    assert len(shelf.names()) == 2
    shelf.publish("you", 2, "another")
    assert shelf.names() == {name_of(TODAY + 900 // DATE_S)}


def test_reports_of_older_tokens_go_with_the_next_publish_but_the_latest(shelf: Shelf) -> None:
    tokens = ["first", "second", "third"]
    for number, token in enumerate(tokens):
        shelf.acquire(token, number or None)
        shelf.publish(token, number + 1, token)
        shelf.clock.time += 61
        write = writes.reject if number == 0 else writes.reject_again
        assert isinstance(shelf.store.write(KEY, write(fingerprint_of(token), shelf.clock.now())), Written)
    assert {name for name in shelf.names() if name.startswith("rejected-")} == {
        f"rejected-{fingerprint_of(token)}" for token in tokens[1:]
    }
    assert (shelf.store.read(KEY) or {})["reject_count"] == 3


def test_of_notes_of_looks_one_parameter_a_connection_is_written_over(shelf: Shelf) -> None:
    for _ in range(5):
        shelf.clock.time += 300
        shelf.store.write(looks.look_key("orders"), looks.note_look(shelf.clock.now()))
    assert looks.looked_at(shelf.store.read(looks.look_key("orders"))) == shelf.clock.now()
    assert len(shelf.client.get_parameters_by_path(Path=f"/sfmint/{STACK}/cache/l1/orders")["Parameters"]) == 1


def test_no_budget_is_kept_and_none_is_asked_for(shelf: Shelf) -> None:
    shelf.asked.clear()
    assert isinstance(shelf.store.write("b1#user#1", writes.spend_login(1, NOON)), Written)
    assert shelf.store.peek("b1#user#1") is None
    assert shelf.asked == []


def test_a_taint_is_refused_with_what_to_do_instead(shelf: Shelf) -> None:
    with pytest.raises(InvalidRequest, match="sfmint taint"):
        shelf.store.write(KEY, writes.taint("key", of_row=True))


def test_dates_are_taken_ahead_of_their_time_only_so_far(shelf: Shelf) -> None:
    taken = 0
    while isinstance(shelf.acquire(f"me-{taken}", taken or None), Written):
        taken += 1
        lease = Lease(attempt=replace(ATTEMPT, me=f"me-{taken - 1}"), fence=taken, row=CacheRow())
        shelf.store.write(KEY, writes.release(lease))
    assert taken == LEASES_AHEAD + 1
    shelf.clock.time += DATE_S
    assert isinstance(shelf.acquire("later", taken), Written)


def test_a_flush_finds_a_date_where_no_lease_does_and_says_when_it_does_not(shelf: Shelf) -> None:
    shelf.lay(name_of(TODAY + LEASES_AHEAD), to_text({"fence": 4}))
    assert isinstance(shelf.acquire("me", 4), ConditionFailed)
    assert isinstance(shelf.store.write(KEY, writes.flush()), Written)
    shelf.clock.time = NOON
    assert isinstance(shelf.store.write(KEY, writes.flush()), Written)
    shelf.clock.time = NOON
    shelf.client.put_parameter(
        Name=f"{FOLDER}/{name_of(TODAY + HEEDED - 1)}", Value=to_text({"fence": 9}), Type="String", Overwrite=True
    )
    shelf.lay(name_of(TODAY + HEEDED), to_text({"fence": 10}))
    shelf.clock.on_sleep = lambda: setattr(shelf.clock, "time", NOON)
    with pytest.raises(CacheUnavailable, match="flushed several times"):
        shelf.store.write(KEY, writes.flush())


@pytest.mark.parametrize("ahead_s", [0, DATE_S, -DATE_S])
def test_who_looks_while_a_lease_is_taken_is_refused_whatever_date_it_is_there(shelf: Shelf, ahead_s: float) -> None:
    other = Shelf(shelf.client, clock=FakeClock(NOON + ahead_s))
    theirs: list[Written | ConditionFailed] = []
    shelf.after("PutParameter", lambda: theirs.append(other.acquire("other")))
    assert isinstance(shelf.acquire(), Written)
    assert isinstance(theirs[0], ConditionFailed)


def test_of_two_who_take_different_dates_at_the_same_instant_at_least_one_gives_back(
    aws: botocore.session.Session, shelf: Shelf
) -> None:
    other = Shelf(moto_client(aws, "ssm"), clock=FakeClock(NOON + DATE_S))
    both = Barrier(2, timeout=20)

    def meet(**_: object) -> None:
        both.wait()

    for client in (shelf.client, other.client):
        for instant in ("before-send", "after-call"):  # both have looked; both have created
            client.meta.events.register(f"{instant}.ssm.PutParameter", meet)
    with ThreadPoolExecutor(2) as pool:
        pending = [pool.submit(shelf.acquire), pool.submit(other.acquire, "other")]
        won = [isinstance(outcome.result(), Written) for outcome in pending]
    leases = [owner for text in shelf.texts().values() if (owner := (from_text(text) or {}).get("lease_owner"))]
    assert sum(won) == len(leases) < 2
    assert shelf.names() == {name_of(TODAY), name_of(TODAY + 1)}  # what was given back stays taken


def test_a_late_write_stands_at_an_old_date_where_nobody_looks(shelf: Shelf) -> None:
    shelf.acquire()

    def take_over() -> None:
        shelf.clock.time += 21
        shelf.acquire("you", 1)
        shelf.publish("you", 2, "newer")

    shelf.before("PutParameter", take_over)
    shelf.publish(text="late")
    assert (shelf.store.read(KEY) or {})["fingerprint"] == fingerprint_of("newer")


def test_an_acquire_whose_answer_was_lost_is_recognised(shelf: Shelf) -> None:
    def lose() -> None:
        raise EndpointConnectionError(endpoint_url="https://ssm")

    shelf.after("PutParameter", lose)
    assert isinstance(shelf.acquire(), Written)
    assert shelf.names() == {name_of(TODAY)}


def test_a_lease_that_cannot_be_looked_at_again_is_given_back(shelf: Shelf) -> None:
    shelf.after("PutParameter", lambda: shelf.fail("GetParametersByPath", "InternalServerError"))
    with pytest.raises(CacheUnavailable):
        shelf.acquire()
    assert shelf.store.read(KEY) is None
    assert isinstance(shelf.acquire(), Written)
    assert shelf.names() == {name_of(TODAY), name_of(TODAY + 1)}


def test_dates_that_were_given_back_are_used_up_and_time_brings_more(shelf: Shelf) -> None:
    for _ in range(LEASES_AHEAD + 1):
        shelf.after("PutParameter", lambda: shelf.fail("GetParametersByPath", "InternalServerError"))
        with pytest.raises(CacheUnavailable):
            shelf.acquire()
    assert shelf.acquire() == ConditionFailed(None)
    shelf.clock.time += DATE_S
    assert isinstance(shelf.acquire(), Written)
    assert shelf.names() == {name_of(TODAY + ahead) for ahead in range(LEASES_AHEAD + 2)}
    shelf.clock.time += 900
    assert isinstance(shelf.acquire("you", 1), Written)
    assert shelf.names() == {name_of(TODAY + LEASES_AHEAD + 1), name_of(int(shelf.clock.time // DATE_S))}


@pytest.mark.parametrize(("later_s", "stays"), [(79, True), (100, False)])
def test_a_date_is_deleted_when_nobody_can_create_it_any_more(shelf: Shelf, later_s: float, *, stays: bool) -> None:
    shelf.acquire()
    shelf.lay(name_of(TODAY + 1), GIVEN_BACK)
    shelf.clock.time = (TODAY + 1) * DATE_S + later_s
    shelf.acquire("you", 1)
    shelf.publish("you", 2, "another")
    assert ({name_of(TODAY), name_of(TODAY + 1)} & shelf.names() != set()) is stays


@pytest.mark.parametrize("code", ["ThrottlingException", "TooManyUpdates"])
def test_an_acquire_that_is_throttled_is_refused_so_that_its_caller_waits(shelf: Shelf, code: str) -> None:
    with shelf.failing("PutParameter", code):
        assert shelf.acquire() == ConditionFailed(None)
    assert isinstance(shelf.acquire(), Written)


@pytest.mark.parametrize("call", ["PutParameter", "GetParametersByPath"])
@pytest.mark.parametrize("code", ["ThrottlingException", "TooManyUpdates"])
def test_a_publish_that_is_throttled_is_repeated_after_a_pause(shelf: Shelf, call: str, code: str) -> None:
    shelf.acquire()
    shelf.fail(call, code)
    assert isinstance(shelf.publish(), Written)
    assert shelf.clock.time > NOON
    with shelf.failing(call, code), pytest.raises(CacheUnavailable) as caught:
        shelf.store.write(KEY, ConditionalWrite(name="release", remove=("fence",)))
    assert caught.value.throttled


@pytest.mark.parametrize(
    ("call", "again"), [("read", True), ("acquire", True), ("publish", False), ("release", False), ("flush", True)]
)
def test_what_is_sent_again_after_silence(shelf: Shelf, call: str, *, again: bool) -> None:
    silent = shelf.failing("GetParametersByPath" if call == "read" else "PutParameter", None)
    with silent as sent, pytest.raises(CacheUnavailable, match="did not answer"):
        shelf.store.read(KEY) if call == "read" else shelf.store.write(
            KEY,
            ConditionalWrite(
                name="any", increment=("fence",), takes_lease=call == "acquire", fences_out=call == "flush"
            ),
        )
    assert (len(sent) > 1) is again
    shelf.asked.clear()
    shelf.store.write(KEY, ConditionalWrite(name="publish", increment=("fence",)))
    assert "PutParameter" in shelf.asked


def test_a_refusal_is_a_decision_and_never_quotes_the_request(shelf: Shelf) -> None:
    shelf.fail("GetParametersByPath", "AccessDeniedException")
    with pytest.raises(CacheUnavailable) as caught:
        shelf.store.read(KEY)
    assert caught.value.denied
    assert "SECRET" not in str(caught.value)


def test_a_flush_keeps_the_fence_growing_and_leaves_one_parameter(shelf: Shelf) -> None:
    shelf.acquire()
    shelf.publish()
    outcome = shelf.store.write(KEY, writes.flush())
    assert outcome.item == {"fence": 2}
    acquired = shelf.acquire("you", 2)
    assert (acquired.item or {})["fence"] == 3


def test_a_flush_that_meets_an_acquire_takes_the_date_after_it(shelf: Shelf) -> None:
    shelf.before("PutParameter", shelf.acquire)
    assert shelf.store.write(KEY, writes.flush()).item == {"fence": 2}
    assert shelf.publish() == ConditionFailed({"fence": 2})


@pytest.mark.parametrize("date", [TODAY + 1, TODAY + 2])
def test_a_lease_that_lost_and_never_gave_its_date_back_shadows_no_flush(shelf: Shelf, date: int) -> None:
    shelf.lay(name_of(TODAY), to_text({"fence": 1, "fingerprint": FP, "sealed": b"old"}))
    if date > TODAY + 1:
        shelf.store.write(KEY, writes.flush())
    shelf.lay(name_of(date), to_text({"fence": 2, "fingerprint": FP, "sealed": b"old", "lease_owner": "dead"}))
    if date == TODAY + 1:
        shelf.lay(name_of(date + 1), to_text({"fence": 2}))
    assert shelf.store.read(KEY) == {"fence": 2}
    assert isinstance(shelf.acquire("next", 2), Written)


def test_of_two_flushes_at_once_neither_takes_back_the_others(shelf: Shelf) -> None:
    shelf.acquire()
    shelf.publish()
    other = Shelf(shelf.client)
    shelf.before("PutParameter", lambda: other.store.write(KEY, writes.flush()))
    assert shelf.store.write(KEY, writes.flush()).item == {"fence": 3}
    assert shelf.store.read(KEY) == {"fence": 3}


def test_the_newest_tokens_report_counts_though_its_reporters_clock_was_behind(shelf: Shelf) -> None:
    shelf.acquire()
    shelf.publish()
    shelf.store.write(KEY, writes.reject(TOKEN.fingerprint, NOON - 700))
    shelf.lay(f"rejected-{FP}", to_text({"rejected": FP, "last_rejected_at": NOON}))
    item = shelf.store.read(KEY) or {}
    assert item["rejected"] == TOKEN.fingerprint
    assert "sealed" not in item


def test_what_nobody_heeds_is_removed_by_who_wins_the_lease(shelf: Shelf) -> None:
    shelf.lay(name_of(TODAY - 5), "written by hand")
    shelf.lay(name_of(TODAY + HEEDED + 1), to_text({"fence": 99}))
    shelf.lay("notes", "somebody else's")
    assert shelf.store.read(KEY) is None
    assert isinstance(shelf.acquire(), Written)
    assert shelf.names() == {name_of(TODAY), "notes"}


def test_more_parameters_than_a_page_holds_are_all_read(shelf: Shelf) -> None:
    for number in range(25):
        shelf.lay(name_of(TODAY - SETTLED - 1 - number), to_text({"fence": 100 - number}))
    assert shelf.store.read(KEY) == {"fence": 100}
    shelf.store.write(KEY, ConditionalWrite(name="publish", increment=("fence",)))
    assert shelf.names() == {name_of(TODAY - SETTLED - 1)}


@pytest.mark.parametrize(
    "foreign", ['{"fence": true}', '{"fence": null}', '{"fence": [1]}', '{"fence": {"base64": "?"}}']
)
def test_a_value_of_a_foreign_type_is_named_as_one(shelf: Shelf, foreign: str) -> None:
    shelf.lay(name_of(TODAY), base64.b64encode(zlib.compress(foreign.encode())).decode())
    assert shelf.store.read(KEY) == {"fence": FOREIGN}


def full_row(sealed: bytes) -> dict[str, Value]:
    """Return a row on which everything stands that can, at its longest."""
    words: Item = {
        "failure_code": "SalesforceUnavailable",
        "failure_reason": "refused_without_a_word",
        "failure_detail": secrets.token_urlsafe(250)[:250],
        "failure_keys": frozenset(f"{secrets.token_hex(8)}|{secrets.token_hex(8)}" for _ in range(2)),
        "key_id": secrets.token_hex(8),
        "key_since": NOON - 0.123456,
        "config_hash": secrets.token_hex(8),
        "certificate_until": NOON + 31_536_000,
        "fence": 123_456_789,
        "token_fence": 123_456_788,
    }
    rejected: Item = {"rejected": FP, "last_rejected_at": NOON, "reject_window": NOON, "reject_count": 3}
    return {**LEASE_ROW, **FAILING, **words, **rejected, "sealed": sealed, "lease_owner": secrets.token_hex(18)}


def test_the_largest_copy_fits_beside_a_lease_and_a_failure(shelf: Shelf) -> None:
    item = full_row(secrets.token_bytes(LARGEST_COPY))
    shelf.store.write(KEY, ConditionalWrite(name="publish", assign={**item, "rejected": "other"}))
    assert (shelf.store.read(KEY) or {})["sealed"] == item["sealed"]


def test_a_row_that_does_not_fit_is_an_error_and_leaves_what_was(shelf: Shelf) -> None:
    shelf.acquire()
    with pytest.raises(CacheUnavailable, match="does not fit"):
        shelf.store.write(KEY, ConditionalWrite(name="publish", assign={"sealed": secrets.token_bytes(4000)}))
    assert (shelf.store.read(KEY) or {})["lease_owner"] == "me"


class SealingAws:
    """KMS with AWS's overhead, as it was seen: what it encrypts gets some 150 to 160 bytes longer."""

    def encrypt(self, **request: Any) -> dict[str, bytes]:
        return {"CiphertextBlob": secrets.token_bytes(160 + len(request["Plaintext"]))}

    def generate_data_key(self, **_: Any) -> dict[str, bytes]:
        return {"Plaintext": bytes(32), "CiphertextBlob": secrets.token_bytes(160 + 32)}


@pytest.mark.parametrize("length", [100, 2000])
def test_a_token_of_two_thousand_characters_fits_with_all_that_stands_beside_it(shelf: Shelf, length: int) -> None:
    copy = sealed_by(SealingAws(), length)
    shelf.store.write(KEY, ConditionalWrite(name="publish", assign={**full_row(copy), "rejected": "other"}))
    assert (shelf.store.read(KEY) or {})["sealed"] == copy


@pytest.mark.parametrize("length", [3000, 7000])
def test_a_token_of_three_thousand_characters_is_told_of(length: int) -> None:
    with pytest.raises(LoginFailed) as caught:
        sealed_by(SealingAws(), length)
    error = caught.value.to_error()
    assert isinstance(error, CacheUnavailable)
    assert not error.denied  # the old token stays good


def sealed_by(kms: Any, length: int) -> bytes:
    """Return the copy of an answer at its longest, with a token of random text, which hardly shrinks."""
    text = secrets.token_urlsafe(length)[:length]
    whose: Any = {
        "id": f"https://login.salesforce.com/id/{'0' * 18}/{'0' * 18}",
        "org_id": "0" * 18,
        "user_id": "0" * 18,
    }
    token = replace(TOKEN, access_token=Secret(text), fingerprint=fingerprint_of(text), **whose)
    token = replace(
        token, instance_url=f"https://{secrets.token_hex(20)}.sandbox.my.salesforce.com", scope="api web id"
    )
    return KmsSealer(kms, "key", cache_path(STACK), repeats_by(FakeClock()), LARGEST_COPY).seal(token, LEASE.fence)
