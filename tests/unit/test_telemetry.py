"""Every record's metrics: within the budget, told apart by class of error, and one answer or refusal to each caller."""

import re
from collections import Counter
from dataclasses import fields

import pytest

import metrics_page
from sfmint import errors
from sfmint.telemetry import RequestFailed, ServedFromMemory, TokenRefused
from sfmint_client import errors as client_errors
from sfmint_values.embedded_metrics import BY_CONNECTION, MOST_BY_CONNECTION
from sfmint_values.error_names import AGAIN

METRICS = metrics_page.metrics()
NAMES = {metric.name for metric in METRICS}
RECORDS = metrics_page.records()


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


def test_what_asks_for_no_token_leaves_nobody_unserved() -> None:
    assert RequestFailed(connection="orders", error="CacheUnavailable", cause="No.").counts() == {
        "FailedCacheUnavailable": 1
    }


@pytest.mark.parametrize("base", [errors.SfmintError, client_errors.SfmintError])
def test_each_class_of_error_has_a_metric_of_its_own(base: type[Exception]) -> None:
    assert {f"Failed{kind.__name__}" for kind in base.__subclasses__()} <= NAMES
