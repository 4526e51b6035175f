"""The program: what it returns and leaves behind, whatever measuring comes to."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sfmint_bench import __main__ as program
from sfmint_bench.__main__ import Effort
from sfmint_bench.gates import GATES, MEMORY_HIT
from sfmint_bench.pages import Findings
from sfmint_bench.report import Result
from sfmint_local.errors import LocalStackError

NOTHING_ELSE = Findings(starts=[], calls_s={}, logins={}, pieces=[])
AT_ITS_LIMIT = [Result(gate=gate, value=gate.limit) for gate in GATES]
TOO_SLOW = Result(gate=MEMORY_HIT, value=MEMORY_HIT.limit + 1)
BROKEN = LocalStackError("The org is gone.", remedy="Start it again.")

type Run = Callable[..., int]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results.json"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, results: Path) -> Run:
    """The program with measuring that finds what it is told, and then fails, where it is told so."""

    def run(*flags: str, found: list[Result], failure: BaseException | None = None) -> int:
        def measure(measured: list[Result], effort: Effort) -> Findings:
            measured += found
            if failure:
                raise failure
            return NOTHING_ELSE

        monkeypatch.setattr(program, "measure", measure)
        monkeypatch.setattr(program, "end_in_order", lambda: None)  # the signals are the test runner's
        monkeypatch.setattr(sys, "argv", ["sfmint_bench", "--json", str(results), *flags])
        return program.main()

    return run


def entries(results: Path) -> list[dict[str, Any]]:
    return list(json.loads(results.read_text())["results"])


def test_when_every_gate_is_passed_it_returns_0(run: Run) -> None:
    assert run("--quick", found=AT_ITS_LIMIT) == 0


def test_a_quick_run_writes_nothing(run: Run, results: Path) -> None:
    run("--quick", found=AT_ITS_LIMIT)
    assert not results.exists()


def test_when_a_gate_is_missed_it_returns_1_and_says_which(
    run: Run, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(found=[*AT_ITS_LIMIT, TOO_SLOW]) == 1
    assert "missed: memory hit, p50\n" in capsys.readouterr().out
    assert [entry["name"] for entry in entries(results) if not entry["pass"]] == [MEMORY_HIT.name]


def test_when_measuring_fails_it_returns_1_and_lists_what_was_not_measured(
    run: Run, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(found=AT_ITS_LIMIT[:2], failure=BROKEN) == 1
    assert "The org is gone. Start it again." in capsys.readouterr().err
    assert [entry["name"] for entry in entries(results)] == [gate.name for gate in GATES]
    unmeasured = entries(results)[2:]
    assert {entry["value"] for entry in unmeasured} == {None}
    assert not any(entry["pass"] for entry in unmeasured)


def test_when_it_is_interrupted_it_returns_130_and_writes_nothing(run: Run, results: Path) -> None:
    assert run(found=AT_ITS_LIMIT, failure=KeyboardInterrupt()) == 130
    assert not results.exists()
