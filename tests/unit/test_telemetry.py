"""Every record's metrics: within the budget, told apart by class of error, and one answer or refusal to each caller."""

import re
from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

import metrics_page
from sfmint import errors
from sfmint.request import RefreshRequest
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed, Written
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import LoginCounted, Minted, RequestFailed, Served, ServedFromMemory, TokenRefused
from sfmint_client import errors as client_errors
from sfmint_testing.fakes import NOON, FakeSigner, FakeSigners, a_connection
from sfmint_testing.world import World, get_token
from sfmint_values.embedded_metrics import BY_CONNECTION, MOST_BY_CONNECTION
from sfmint_values.error_names import AGAIN
from sfmint_values.secret import Secret

METRICS = metrics_page.metrics()
NAMES = {metric.name for metric in METRICS}
RECORDS = metrics_page.records()
DAY_S = 86_400


def test_a_connection_costs_at_most_twelve_metrics() -> None:
    series = Counter(
        (metric.name, service) for metric in METRICS if metric.by_connection for service in metric.services
    )
    assert MOST_BY_CONNECTION == 12
    assert 8 < len(series) <= MOST_BY_CONNECTION
    assert set(series.values()) == {1}


def test_each_name_is_one_metric_that_cloudwatch_takes() -> None:
    assert len(NAMES) == len(METRICS)
    assert all(re.fullmatch(r"[A-Z][A-Za-z]{1,254}", name) for name in NAMES)
    assert NAMES.isdisjoint(BY_CONNECTION)


@pytest.mark.parametrize("record", RECORDS)
def test_no_field_of_a_record_is_called_like_a_metric_or_a_dimension(record: type) -> None:
    taken = NAMES | set(BY_CONNECTION) - {"connection"} | {"_aws", "level", "message", "timestamp", "location"}
    assert taken.isdisjoint(field.name for field in fields(record))


@pytest.mark.parametrize("error", AGAIN)
def test_only_a_mistake_of_the_callers_own_leaves_nobody_unserved(error: str) -> None:
    counts = TokenRefused(connection="orders", error=error, cause="No.").counts()
    own = error in {"InvalidRequest", "ConnectionForbidden"}
    assert counts == {f"Failed{error}": 1, "Unserved": 0 if own else 1}


def test_a_caller_who_is_served_is_counted_as_such() -> None:
    hit = ServedFromMemory(connection="orders", fingerprint="0123456789abcdef")
    assert hit.counts() == {"TokenServedFromMemory": 1, "Unserved": 0}


@pytest.mark.parametrize(
    ("until_s", "days_left"),
    [
        (None, None),
        (30 * DAY_S, 29),  # the login takes a moment
        (30 * DAY_S + 60, 30),
        (DAY_S - 1, 0),
        (60, 0),
        (-1, -1),
        (-3 * DAY_S, -4),
    ],
)
@pytest.mark.parametrize("who", ["broker", "keeper"])
def test_with_each_mint_the_days_are_counted_until_the_key_s_certificate_ends(
    who: str, until_s: int | None, days_left: int | None
) -> None:
    world = World()
    if until_s is not None:
        world.signers.valid_until = datetime.fromtimestamp(NOON + until_s, UTC)
    if who == "broker":
        get_token(world.broker())
    else:
        world.keeper().refresh(RefreshRequest(connection="orders"), remaining_s=60)
    (minted,) = world.telemetry.select(Minted)
    assert minted.counts() == {"TokenMinted": 1} | ({} if days_left is None else {"CertificateDaysLeft": days_left})


def test_the_certificate_is_that_of_the_key_that_logged_in() -> None:
    world = World()
    world.credentials.made_ready["orders"] = a_connection(private_key=Secret("the next key"))
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["wrong_key"]))
    next_key, signer = FakeSigners().signer(world.credentials.made_ready["orders"]).key_id, world.signers.signer

    def of_its_own_end(connection: Connection) -> FakeSigner:
        found = signer(connection)
        days = 400 if found.key_id == next_key else 5
        return replace(found, valid_until=datetime.fromtimestamp(NOON + days * DAY_S + 60, UTC))

    world.signers.signer = of_its_own_end  # type: ignore[method-assign]
    get_token(world.broker())
    (minted,) = world.telemetry.select(Minted)
    assert minted.counts()["CertificateDaysLeft"] == 400


@pytest.mark.parametrize("logins", [-(10**125), -1, 0, 1], ids=["far below zero", "below zero", "none", "one"])
def test_a_count_that_somebody_else_wrote_makes_no_line_that_cloudwatch_refuses(logins: int) -> None:
    """CloudWatch takes no value beyond 2 to the power of 360: API Reference, "MetricDatum"."""
    assert LoginCounted(connection="orders", logins=logins, limit=1).counts() == {
        "LoginBudgetPercent": 100 * (logins > 0)
    }


def test_what_asks_for_no_token_leaves_nobody_unserved() -> None:
    assert RequestFailed(connection="orders", error="CacheUnavailable", cause="No.").counts() == {
        "FailedCacheUnavailable": 1
    }


@pytest.mark.parametrize("base", [errors.SfmintError, client_errors.SfmintError])
def test_each_class_of_error_has_a_metric_of_its_own(base: type[Exception]) -> None:
    assert {f"Failed{kind.__name__}" for kind in base.__subclasses__()} <= NAMES


def budget_told(world: World) -> list[int]:
    return [record.counts()["LoginBudgetPercent"] for record in world.telemetry.select(LoginCounted)]


def test_with_each_login_it_is_told_how_much_of_the_hour_s_budget_is_used_up() -> None:
    world = World(budget=5)
    for _ in range(3):
        get_token(world.broker())
        world.clock.time += 600
    assert budget_told(world) == [20, 40, 60]


def test_a_login_that_fails_uses_the_budget_up_too_and_one_that_is_refused_for_it_finds_it_used_up() -> None:
    world = World(budget=1)
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["no_answer"]))
    for _ in range(2):
        with pytest.raises(errors.SfmintError):
            get_token(world.broker())
        world.clock.time += 60
    assert budget_told(world) == [100, 100]


def test_what_is_not_sent_is_not_told_of() -> None:
    world = World()
    world.signers.fail_next("sign", errors.InvalidCredentials("KMS refuses.", remedy="Look."))
    with pytest.raises(errors.InvalidCredentials):
        get_token(world.broker())
    assert budget_told(world) == []


def test_a_store_that_keeps_no_budget_tells_none() -> None:
    world = World()
    write = world.store.write

    def uncounted(key: str, update: ConditionalWrite) -> Written | ConditionFailed:
        return Written({}) if update.name == "budget" else write(key, update)

    world.store.write = uncounted  # type: ignore[method-assign]
    assert get_token(world.broker())["source"] == "minted"
    assert budget_told(world) == []


def waits(world: World) -> list[int]:
    return [record.counts()["Waited"] for record in world.telemetry.select(Served)]


def test_who_logs_in_has_waited_and_who_finds_a_token_has_not() -> None:
    world = World()
    for _ in range(3):
        get_token(world.broker())
    assert waits(world) == [1, 0, 0]


def test_who_waits_for_another_s_login_has_waited() -> None:
    world = World()
    world.store.items["t1#orders"] = {"fence": 1, "lease_owner": "another", "lease_until": world.clock.now() + 3}
    assert get_token(world.broker())["source"] == "minted"
    assert waits(world) == [1]


def test_who_is_served_while_another_refreshes_has_not_waited() -> None:
    world = World()
    get_token(world.broker())
    world.clock.time += 500
    world.salesforce.during = lambda: served.append(get_token(world.broker()))
    served: list[dict[str, object]] = []
    get_token(world.broker())
    assert [answer["source"] for answer in served] == ["cache"]
    assert waits(world) == [1, 0, 1]


def test_who_is_served_after_a_refresh_has_failed_has_waited_for_it() -> None:
    world = World()
    get_token(world.broker())
    world.clock.time += 500
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["no_answer"]))
    assert get_token(world.broker())["source"] == "cache"
    assert get_token(world.broker())["source"] == "cache"  # the failure is remembered
    assert waits(world) == [1, 1, 0]


def test_a_hit_in_memory_says_nothing_of_waiting() -> None:
    assert "Waited" not in ServedFromMemory(connection="orders", fingerprint="0123456789abcdef").counts()
