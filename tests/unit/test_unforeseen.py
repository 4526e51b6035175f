"""What nobody has foreseen during a login: it costs one login for each pause, and no lease stays taken."""

from collections.abc import Callable

import pytest

from sfmint.errors import InternalError, SfmintError
from sfmint.row.row import row_key
from sfmint.telemetry import Minted, NotMinted, Record, RowRepaired
from sfmint_testing.world import World, get_token
from sfmint_values.exits import EXITS


class Panic(BaseException):
    """As an extension in Rust raises it: no `Exception`."""


FAULTS = [ValueError("Canary"), RecursionError("Canary"), MemoryError(), AssertionError(), Panic("Canary")]
FOREIGN: list[BaseException] = [*FAULTS, UnicodeEncodeError("utf-8", "Canary", 0, 1, "surrogates"), KeyError("Canary")]


def at_exchange(world: World, error: BaseException) -> None:
    world.salesforce.fail_next("exchange", *[error] * 50)


def at_sealing(world: World, error: BaseException) -> None:
    world.sealer.fail_next("seal", *[error] * 50)


def at_publishing(world: World, error: BaseException) -> None:
    world.store.fail_next("publish", *[error] * 50)


def at_drawing_the_soft_expiry(world: World, error: BaseException) -> None:
    draw = world.chance.uniform

    def uniform(low: float, high: float) -> float:
        if world.salesforce.logins and high < 1:  # a share of the life, and no pause
            raise error
        return draw(low, high)

    world.chance.uniform = uniform  # type: ignore[method-assign]


@pytest.mark.parametrize("error", FOREIGN, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("strike", [at_exchange, at_sealing, at_publishing, at_drawing_the_soft_expiry])
def test_after_the_login_is_sent_any_fault_is_remembered(
    strike: Callable[[World, BaseException], None], error: BaseException
) -> None:
    world = World()
    strike(world, error)
    messages = set()
    for _ in range(20):
        with pytest.raises(InternalError) as caught:
            get_token(world.broker())
        messages.add(str(caught.value))
    assert world.salesforce.logins == 1
    assert world.row().lease_owner is None
    (refused,) = world.telemetry.select(NotMinted)
    assert isinstance(refused, NotMinted)
    assert refused.said.startswith(f"{type(error).__name__} at ")
    assert len(messages) == 1
    assert "Canary" not in f"{messages} {refused} {world.row()}"
    world.clock.time += 60
    with pytest.raises(InternalError):
        get_token(world.broker())
    assert world.salesforce.logins == 2


def test_a_good_token_outlives_a_fault_at_its_refresh() -> None:
    world = World()
    first = get_token(world.broker())
    world.clock.time += 460
    at_exchange(world, Panic("Canary"))
    for _ in range(10):
        assert get_token(world.broker())["fingerprint"] == first["fingerprint"]
    assert world.salesforce.logins == 2
    assert [record.reason for record in world.telemetry.select(NotMinted) if isinstance(record, NotMinted)] == ["fault"]


@pytest.mark.parametrize("error", FOREIGN, ids=lambda error: type(error).__name__)
def test_before_the_login_is_sent_a_fault_gives_the_lease_back_and_goes_on(error: BaseException) -> None:
    world = World()
    world.signers.fail_next("sign", error)
    with pytest.raises(type(error)):
        get_token(world.broker())
    assert world.row().lease_owner is None
    assert world.row().failure_until is None
    assert get_token(world.broker())["source"] == "minted"
    assert world.salesforce.logins == 1


@pytest.mark.parametrize("ending", EXITS)
@pytest.mark.parametrize("strike", [at_exchange, at_sealing, at_publishing])
def test_who_is_ended_from_outside_gives_the_lease_back_and_goes_on(
    strike: Callable[[World, BaseException], None], ending: type[BaseException]
) -> None:
    world = World()
    strike(world, ending())
    with pytest.raises(ending):
        get_token(world.broker())
    assert world.row().lease_owner is None
    assert world.row().failure_until is None


@pytest.mark.parametrize("broken", [NotMinted, Minted])
def test_telemetry_that_breaks_costs_no_further_login(broken: type[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    def emit(record: Record) -> None:
        if isinstance(record, broken):
            raise Panic("Canary")

    monkeypatch.setattr(world.telemetry, "emit", emit)
    if broken is NotMinted:
        at_exchange(world, ValueError("Canary"))
    for _ in range(20):
        try:
            get_token(world.broker())
        except (SfmintError, Panic):
            continue
    assert world.salesforce.logins == 1


def test_a_store_that_breaks_while_a_reason_is_written_leaves_the_lease_to_run_out() -> None:
    world = World()
    at_exchange(world, Panic("Canary"))
    world.store.fail_next("fail", *[Panic("Canary")] * 50)
    for _ in range(20):
        with pytest.raises((SfmintError, Panic)):
            get_token(world.broker(), deadline_s=0.5)
    assert world.salesforce.logins == 1


@pytest.mark.parametrize("error", [*FAULTS, *(ending() for ending in EXITS)], ids=lambda error: type(error).__name__)
def test_a_fault_just_after_the_lease_is_taken_gives_it_back(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    get_token(world.broker())
    world.store.items[row_key("orders")] = {"fingerprint": "0" * 16}
    emit = world.telemetry.emit

    def breaking(record: Record) -> None:
        emit(record)
        if isinstance(record, RowRepaired):
            raise error

    with monkeypatch.context() as patched:
        patched.setattr(world.telemetry, "emit", breaking)
        with pytest.raises(type(error)):
            get_token(world.broker())
    assert world.row().lease_owner is None
    assert get_token(world.broker())["source"] == "minted"


@pytest.mark.parametrize("ending", EXITS)
@pytest.mark.parametrize("broken", [ValueError("Canary"), Panic("Canary")])
def test_who_is_ended_from_outside_goes_on_though_the_store_breaks(
    ending: type[BaseException], broken: BaseException
) -> None:
    world = World()
    at_exchange(world, ending())
    world.store.fail_next("release", broken)
    with pytest.raises(ending):
        get_token(world.broker())


def test_a_fault_is_told_though_the_store_breaks_when_the_lease_is_given_back_or_the_reason_written() -> None:
    world = World()
    world.signers.fail_next("sign", ValueError("the first"))
    world.store.fail_next("release", Panic("the second"))
    with pytest.raises(ValueError, match="the first"):
        get_token(world.broker())
    world.clock.time += 60
    at_exchange(world, RecursionError())
    world.store.fail_next("fail", Panic("the second"))
    with pytest.raises(InternalError):
        get_token(world.broker())
    (told,) = world.telemetry.select(NotMinted)
    assert isinstance(told, NotMinted)
    assert told.said.startswith("RecursionError at ")
