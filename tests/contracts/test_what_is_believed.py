"""What somebody who may write rows or parameters can bring about: no service, or a login more; never another token."""

import base64
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import botocore.session
import pytest

from contracts.backends import STACK, TABLE, on_dynamodb, on_parameter_store
from moto_client import moto_client
from sfmint.adapters.stores.kms_sealer import KmsSealer
from sfmint.adapters.stores.parameter_folder import DATE_S, name_of
from sfmint.adapters.stores.parameter_store import cache_path
from sfmint.errors import InvalidRequest, RefreshInProgress, SfmintError
from sfmint.request import StatusRequest, TaintRequest
from sfmint.row import writes
from sfmint.row.conditional_write import Item, Value
from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint_testing.backend import Backend
from sfmint_testing.fakes import FakeClock, a_connection
from sfmint_testing.stored_world import StoredWorld
from sfmint_testing.world import get_token
from sfmint_values.secret import fingerprint_of
from time_for_aws import repeats_by

EVIL = "00Dxx0000000666!of-the-attacker"
MADE: Mapping[str, Callable[[botocore.session.Session], Backend]] = {
    "dynamodb": on_dynamodb,
    "parameter-store": on_parameter_store,
}


@pytest.fixture(params=MADE)
def world(request: pytest.FixtureRequest, aws: botocore.session.Session) -> StoredWorld:
    """Return a stack whose copies KMS seals, whichever its store is."""
    backend = MADE[request.param](aws)
    if request.param == "dynamodb":
        kms = moto_client(aws, "kms")
        backend = replace(
            backend, sealer=KmsSealer(kms, kms.create_key()["KeyMetadata"]["Arn"], TABLE, repeats_by(FakeClock()))
        )
    return StoredWorld(clock=backend.clock, backend=backend)


def forged(world: StoredWorld, *, connection: str = "orders", text: str = EVIL) -> AccessToken:
    now = world.clock.now()
    answer = {"access_token": text, "instance_url": "https://evil.my.salesforce.com"}
    token = AccessToken.from_answer(
        answer, connection=connection, asked_at=now, lifetime_s=900, soft_share=0.5, listed=frozenset()
    )
    return replace(token, id="CANARY", scope="CANARY")


def hints(token: AccessToken, sealed: bytes, fence: int = 10**9) -> dict[str, Value]:
    return {
        "fence": fence,
        "token_fence": fence,
        "sealed": sealed,
        "fingerprint": token.fingerprint,
        "issued_at": token.issued_at - 61,  # nobody waits for a copy that is not young
        "soft_expiry": token.soft_expiry,
        "hard_expiry": token.hard_expiry,
    }


def is_ours(world: StoredWorld, answer: Mapping[str, Any]) -> bool:
    """Return whether an answer holds what the org has issued, and nothing that anybody else has written."""
    logins = range(1, world.salesforce.logins + 1)
    issued = {fingerprint_of(f"00Dxx0000000001!token-{number}") for number in logins}
    return (
        answer["fingerprint"] in issued
        and fingerprint_of(answer["access_token"]) == answer["fingerprint"]
        and answer["instance_url"] == "https://acme.my.salesforce.com"
        and "CANARY" not in str(answer)
    )


def not_sealed(_: Backend, token: AccessToken) -> bytes:
    return token.to_bytes()


def with_the_fence_before_it(_: Backend, token: AccessToken) -> bytes:
    return (10**9).to_bytes(8) + token.to_bytes()


def called_sealed_by_kms(_: Backend, token: AccessToken) -> bytes:
    return b"\x01" + token.to_bytes()


def called_sealed_under_a_data_key(_: Backend, token: AccessToken) -> bytes:
    return b"\x02" + bytes([0, 4]) + b"wrap" + bytes(12) + token.to_bytes()


def a_bomb(_: Backend, token: AccessToken) -> bytes:
    return b"\x01" + zlib.compress(bytes(10_000_000))


@pytest.mark.parametrize(
    "forge",
    [not_sealed, with_the_fence_before_it, called_sealed_by_kms, called_sealed_under_a_data_key, a_bomb],
)
def test_a_row_that_sfmint_has_not_sealed_is_minted_over(
    world: StoredWorld, forge: Callable[[Backend, AccessToken], bytes]
) -> None:
    token = forged(world)
    world.backend.put("t1#orders", hints(token, forge(world.backend, token)))
    answer = get_token(world.broker(), deadline_s=60)
    assert (answer["source"], world.salesforce.logins) == ("minted", 1)
    assert is_ours(world, answer)


def test_a_forged_row_that_seems_young_is_waited_for_and_never_served(world: StoredWorld) -> None:
    token = forged(world)
    world.backend.put("t1#orders", hints(token, not_sealed(world.backend, token)) | {"issued_at": world.clock.now()})
    with pytest.raises(RefreshInProgress):
        get_token(world.broker())
    world.clock.time += 61
    assert is_ours(world, get_token(world.broker(), deadline_s=60))


def moved_sealer(world: StoredWorld, place: str) -> KmsSealer:
    """Return what seals under the same key for another place, as another stack's or store's would."""
    sealer = world.backend.sealer
    assert isinstance(sealer, KmsSealer)
    return KmsSealer(sealer._client, sealer._key_arn, place, repeats_by(FakeClock()))


@pytest.mark.parametrize("moved", ["connection", "place", "fence", "fingerprint", "expiry"])
def test_a_good_copy_that_was_moved_is_minted_over(world: StoredWorld, moved: str) -> None:
    token = forged(world, connection="billing" if moved == "connection" else "orders")
    sealer = moved_sealer(world, "/sfmint/other/cache") if moved == "place" else world.backend.sealer
    row = hints(token, sealer.seal(token, 8 if moved == "fence" else 7), fence=7)
    if moved == "fingerprint":
        row |= {"fingerprint": "0" * 16}
    if moved == "expiry":
        row |= {"hard_expiry": token.hard_expiry + 60}
    world.backend.put("t1#orders", row)
    answer = get_token(world.broker(), deadline_s=60)
    assert answer["source"] == "minted"
    assert is_ours(world, answer)


def test_both_stores_seal_for_places_of_their_own() -> None:
    assert cache_path(STACK) != TABLE
    assert cache_path("acme") != cache_path("acme2")


def test_an_older_good_copy_is_served_to_its_own_expiry_and_no_longer(world: StoredWorld) -> None:
    """The known limit: what sfmint has sealed for this place is good until it says that it is over."""
    first = get_token(world.broker())
    kept = world.item()
    world.clock.time += 61
    get_token(world.broker(), rejected=first["fingerprint"])
    world.backend.put("t1#orders", kept)
    assert get_token(world.broker())["fingerprint"] == first["fingerprint"]
    world.clock.time += 900
    world.backend.put("t1#orders", kept | {"hard_expiry": world.clock.now() + 600})
    assert get_token(world.broker(), deadline_s=60)["fingerprint"] != first["fingerprint"]


ODD: tuple[Value, ...] = (
    "CANARY", "\N{RIGHT-TO-LEFT OVERRIDE}CANARY", b"CANARY", -0.0, -1, 1.5, 10**13, 1e125, 10**37, frozenset({"CANARY"}),
)  # fmt: skip
HINTS = sorted(set(CacheRow.__slots__) - {"malformed"})


def answer_or_error(world: StoredWorld) -> dict[str, Any] | str:
    try:
        return get_token(world.broker(), deadline_s=1)
    except SfmintError as error:
        return str(error)


@pytest.mark.parametrize("name", HINTS)
def test_a_hint_of_any_value_brings_no_other_token_and_no_word_of_its_writer(world: StoredWorld, name: str) -> None:
    get_token(world.broker())
    world.clock.time += 100
    for odd in ODD:
        world.put(**{name: odd})
        told = answer_or_error(world)
        assert isinstance(told, str) or is_ours(world, told)
        assert "CANARY" not in str(told) or name == "failure_detail"
        world.put(**{name: odd})
        status = world.broker().status(StatusRequest(connection="orders"))
        assert "CANARY" not in json.dumps(status, ensure_ascii=False) or name == "failure_detail"
        world.clock.time += 3700
        world.backend.put("t1#orders", {"fence": 1})
        assert is_ours(world, get_token(world.broker(), deadline_s=60))
        world.clock.time += 100
    assert world.salesforce.logins <= 1 + 3 * len(ODD)


@pytest.mark.parametrize("scale", [1000, 1e6, 1e9])
def test_instants_in_another_unit_are_shown_as_nothing_and_repaired(world: StoredWorld, scale: float) -> None:
    get_token(world.broker())
    world.clock.time += 100
    names = ("issued_at", "soft_expiry", "hard_expiry", "lease_until", "last_rejected_at", "failure_until", "key_since")
    world.put(**{name: int(world.clock.now() * scale) for name in names})
    status = world.broker().status(StatusRequest(connection="orders"))
    assert {status[name] for name in ("issued_at", "soft_expiry", "expires_at", "leased_until", "key_since")} == {None}
    assert is_ours(world, get_token(world.broker(), deadline_s=60))
    assert CacheRow.from_item(world.item()).malformed == ()


@pytest.mark.parametrize("logins", [{"S": "CANARY"}, {"SS": ["1"]}, {"L": []}, {"N": "1E+125"}], ids=str)
def test_a_budget_of_a_wrong_type_is_shown_as_nothing(aws: botocore.session.Session, logins: dict[str, Any]) -> None:
    world = StoredWorld(clock=(backend := on_dynamodb(aws)).clock, backend=backend)
    key = writes.budget_key(a_connection(), world.clock.now())
    moto_client(aws, "dynamodb").put_item(TableName=TABLE, Item={"pk": {"S": key}, "logins": logins})
    status = world.broker().status(StatusRequest(connection="orders"))
    assert status["budget"] == {"logins": None, "limit": 240}
    json.dumps(status)


@pytest.mark.parametrize(
    "tainted",
    [
        {"SS": [f"{number:016x}" for number in range(10_000)]},
        {"L": [{"S": "CANARY"}]},
        {"S": "CANARY"},
        {"N": "7"},
        {"M": {}},
        {"NULL": True},
    ],
    ids=["ten thousand", "list", "text", "number", "map", "null"],
)
def test_a_list_of_tainted_keys_of_any_type_raises_what_is_ours(
    aws: botocore.session.Session, tainted: dict[str, Any]
) -> None:
    world = StoredWorld(clock=(backend := on_dynamodb(aws)).clock, backend=backend)
    moto_client(aws, "dynamodb").put_item(TableName=TABLE, Item={"pk": {"S": "t1#orders"}, "tainted_keys": tainted})
    assert is_ours(world, get_token(world.broker()))
    status = world.broker().status(StatusRequest(connection="orders"))
    assert "CANARY" not in json.dumps(status)


NUMBERS = (
    "1E+125", "-1E+125", "9.9999999999999999999999999999999999999E+125", "1E-130", "-0", "0", "1.5", "-7.25", "1" * 38,
    "1.0000000000000000000000000000000000001", "0.1234567890123456789012345678901234567", "1764316800000",
    "253402300800", "12345678901.234567890123456789012345678",
)  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_as_dynamodb_keeps_them_are_repaired_or_harmless(aws: botocore.session.Session, number: str) -> None:
    world = StoredWorld(clock=(backend := on_dynamodb(aws)).clock, backend=backend)
    client, names = moto_client(aws, "dynamodb"), sorted(set(HINTS) - {"tainted_keys"})
    client.put_item(TableName=TABLE, Item={"pk": {"S": "t1#orders"}, **{name: {"N": number} for name in names}})
    json.dumps(world.broker().status(StatusRequest(connection="orders")))
    assert is_ours(world, get_token(world.broker(), deadline_s=60))
    assert CacheRow.from_item(world.item()).malformed == ()
    assert world.salesforce.logins == 1


def test_a_list_that_is_full_takes_no_key_more(aws: botocore.session.Session) -> None:
    world = StoredWorld(clock=(backend := on_dynamodb(aws)).clock, backend=backend)
    for count, fails in ((99, False), (100, True), (10_000, True)):
        backend.put("t1#orders", {"fence": 1, "tainted_keys": frozenset(f"{number:016x}" for number in range(count))})
        outcome = barred(world, "f" * 16)
        assert ("as many as fit" in outcome) is fails
        assert barred(world, "0" * 16) == "barred"


def barred(world: StoredWorld, key_id: str) -> str:
    try:
        world.keeper().taint(TaintRequest(connection="orders", key_id=key_id))
    except InvalidRequest as error:
        return str(error)
    return "barred"


class Parameters:
    """The parameters of one connection, through the back door."""

    def __init__(self, aws: botocore.session.Session) -> None:
        self.client = moto_client(aws, "ssm")
        self.backend = on_parameter_store(aws)
        self.world = StoredWorld(clock=self.backend.clock, backend=self.backend)
        self.folder = f"{cache_path(STACK)}/t1/orders"

    def lay(self, text: str, *, ahead: int = 0, kind: str = "String") -> None:
        name = name_of(int(self.world.clock.now() // DATE_S) + ahead)
        self.client.put_parameter(Name=f"{self.folder}/{name}", Value=text, Type=kind, Overwrite=True)


@pytest.fixture
def parameters(aws: botocore.session.Session) -> Parameters:
    return Parameters(aws)


def text_of(plain: bytes) -> str:
    return base64.b64encode(zlib.compress(plain, 9)).decode()


UNREADABLE: Mapping[str, str] = {
    "two hundred thousand deep": text_of(b"[" * 200_000),
    "deep in a field": text_of(b'{"fence": ' + b"[" * 60_000 + b"]" * 60_000 + b"}"),
    "a bomb": text_of(bytes(3_000_000)),
    "a bomb of blanks": text_of(b'{"fence": 1}' + b" " * 2_000_000),
    "NaN": text_of(b'{"fence": NaN}'),
    "a number of five thousand digits": text_of(b'{"fence": ' + b"9" * 5000 + b"}"),
    "a name twice": text_of(b'{"fence": 1, "fence": 2}'),
    "cut short": base64.b64encode(zlib.compress(b'{"fence": 1}')[:-3]).decode(),
    "something after it": base64.b64encode(zlib.compress(b'{"fence": 1}') + b"more").decode(),
    "no base64": "(:)",
    "half a character": "\\ud800",
}
READABLE: Mapping[str, str] = {
    "a number of four thousand digits": text_of(b'{"fence": ' + b"9" * 4000 + b"}"),
    "a number of 38 digits": text_of(b'{"fence": ' + b"9" * 38 + b', "reject_count": 1.0000000000000000000000000000001}'),
    "infinity": text_of(b'{"fence": 1e400, "hard_expiry": -1e400}'),
    "below zero": text_of(b'{"fence": -0, "token_fence": -7, "failure_until": -0.0}'),
    "1E+125": text_of(b'{"fence": 1E+125, "lease_until": 1E+125}'),
    "foreign types": text_of(b'{"fence": null, "sealed": true, "fingerprint": {"a": []}, "tainted_keys": [7]}'),
    "half a character in fields": text_of(
        b'{"fence": 3, "fingerprint": "\\ud800", "sealed": {"base64": "AWFh"}, "token_fence": 3, "hard_expiry": 9e9,'
        b' "issued_at": 1, "soft_expiry": 9e9, "rejected": "\\udfff", "key_id": "\\ud800"}'
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", [*UNREADABLE.values(), *READABLE.values()], ids=[*UNREADABLE, *READABLE])
@pytest.mark.parametrize("ahead", [0, 1])
def test_a_parameter_of_any_text_is_minted_over(parameters: Parameters, text: str, ahead: int) -> None:
    parameters.lay(text, ahead=ahead)
    world = parameters.world
    status = world.broker().status(StatusRequest(connection="orders"))
    json.dumps(status, ensure_ascii=False).encode()
    assert is_ours(world, get_token(world.broker(), deadline_s=60))
    assert get_token(world.broker())["source"] == "cache"
    assert world.salesforce.logins == 1


@pytest.mark.parametrize("kind", ["SecureString", "StringList", "String"])
@pytest.mark.parametrize("dates", [1, 3])
def test_a_copy_of_the_old_form_is_minted_over_at_once(parameters: Parameters, kind: str, dates: int) -> None:
    """Formerly an item was a SecureString, and its copy was the fence and the answer."""
    world = parameters.world
    token = forged(world)
    item: Item = {**hints(token, (5).to_bytes(8) + token.to_bytes(), fence=5)}
    plain = {**item, "sealed": {"base64": base64.b64encode(bytes(item["sealed"])).decode()}}  # type: ignore[arg-type]
    for ahead in range(dates):
        parameters.lay(text_of(json.dumps(plain).encode()), ahead=ahead, kind=kind)
    began = world.clock.now()
    assert is_ours(world, get_token(world.broker(), deadline_s=60))
    assert world.clock.now() - began < 1
    assert get_token(world.broker())["source"] == "cache"


def test_a_sealed_copy_that_unpacks_without_end_is_minted_over(world: StoredWorld) -> None:
    """As only somebody who may use the key could make one."""
    token = forged(world)

    class Bomb(AccessToken):
        def to_bytes(self) -> bytes:
            return zlib.compress(json.dumps({"access_token": "x" * 1_200_000}).encode(), 9)

    bomb = Bomb(**{name: getattr(token, name) for name in AccessToken.__slots__})
    world.backend.put("t1#orders", hints(token, world.backend.sealer.seal(bomb, 7), fence=7))
    assert is_ours(world, get_token(world.broker(), deadline_s=60))


def test_a_hit_uses_the_key_once(world: StoredWorld) -> None:
    get_token(world.broker())
    asked: list[str] = []
    sealer = world.backend.sealer
    assert isinstance(sealer, KmsSealer)
    client: Any = sealer._client
    client.meta.events.register("before-call.kms", lambda model, **_: asked.append(model.name))
    assert get_token(world.broker())["source"] == "cache"
    assert asked == ["Decrypt"]


@pytest.mark.parametrize("value", [-1, 1.5, 10**13, "odd", b"odd", frozenset({"odd"})], ids=repr)
def test_a_single_value_that_sfmint_never_writes_is_repaired_wherever_it_stands(
    world: StoredWorld, value: Value
) -> None:
    get_token(world.broker())
    row = world.item()
    for name in ("fence", "lease_owner", "lease_until", "sealed", "rejected", "reject_count", "failure_keys"):
        world.put(*(set(world.item()) - set(row)), **{**row, name: value})
        assert get_token(world.broker(), deadline_s=25)["access_token"]
        world.clock.time += 3600
