"""The report: one result a gate, as a table and as JSON."""

import json

import pytest

from sfmint_bench.gates import COLD_CALLERS, MEMORY_HIT
from sfmint_bench.report import Report, Result, in_digits

GATES = (MEMORY_HIT, COLD_CALLERS)


def test_a_report_is_a_table_and_json_with_one_result_a_gate() -> None:
    report = Report.judge([Result(gate=COLD_CALLERS, value=1), Result(gate=MEMORY_HIT, value=57.31)], GATES)
    assert report.passes
    assert json.loads(report.to_json()) == {
        "results": [
            {"name": "memory hit, p50", "value": 57.31, "unit": "µs CPU", "gate": "≤ 100", "pass": True},
            {"name": "100 cold callers at once", "value": 1.0, "unit": "logins", "gate": "= 1", "pass": True},
        ]
    }
    assert "every gate is passed" in report.table()


def test_a_missed_gate_is_named() -> None:
    report = Report.judge([Result(gate=COLD_CALLERS, value=2), Result(gate=MEMORY_HIT, value=57)], GATES)
    assert not report.passes
    assert report.table().endswith("missed: 100 cold callers at once")


def test_a_gate_that_was_not_measured_is_missed() -> None:
    report = Report.judge([Result(gate=MEMORY_HIT, value=57)], GATES)
    assert not report.passes
    assert json.loads(report.to_json())["results"][1] == {
        "name": "100 cold callers at once",
        "value": None,
        "unit": "logins",
        "gate": "= 1",
        "pass": False,
    }
    assert report.table().endswith("missed: 100 cold callers at once")


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (0, "0"),
        (1, "1"),
        (0.3861, "0.386"),
        (0.0461, "0.0461"),
        (9.24, "9.24"),
        (46.29, "46.3"),
        (1660.4, "1,660"),
        (100.0, "100"),
    ],
)
def test_a_number_has_three_digits_that_count(value: float, digits: str) -> None:
    assert in_digits(value) == digits
