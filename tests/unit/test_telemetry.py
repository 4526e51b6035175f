"""Every record's metrics: within the budget, told apart by class of error, and one answer or refusal to each caller."""

import re
from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

import metrics_page
from sfmint import errors
from sfmint.request import RefreshRequest
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import Minted, RequestFailed, ServedFromMemory, TokenRefused
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


def test_what_asks_for_no_token_leaves_nobody_unserved() -> None:
    assert RequestFailed(connection="orders", error="CacheUnavailable", cause="No.").counts() == {
        "FailedCacheUnavailable": 1
    }


@pytest.mark.parametrize("base", [errors.SfmintError, client_errors.SfmintError])
def test_each_class_of_error_has_a_metric_of_its_own(base: type[Exception]) -> None:
    assert {f"Failed{kind.__name__}" for kind in base.__subclasses__()} <= NAMES
