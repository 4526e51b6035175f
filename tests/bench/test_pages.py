"""What the benchmark writes for people: tables between markers, plots beside them, all or nothing."""

from pathlib import Path

import pytest

from marked_blocks import NoMarkers
from sfmint_bench.cold import ColdStart
from sfmint_bench.gates import GATES, MEMORY_AGAINST_NAIVE, MEMORY_HIT
from sfmint_bench.micro import Piece
from sfmint_bench.pages import Findings, write
from sfmint_bench.report import Report, Result
from sfmint_local import places

PAGES = ("README.md", "docs/performance.md")
FINDINGS = Findings(
    starts=[
        ColdStart(name="sfmint, row hit", phases_s={"interpreter": 0.01, "import": 0.09, "first call": 0.05}),
        ColdStart(name="naive", phases_s={"interpreter": 0.01, "import": 0.7, "first call": 0.3}),
    ],
    calls_s={"naive": [0.3, 0.31, 0.35], "memory hit": [0.00005, 0.00006, 0.00007]},
    logins={"sfmint": {1: 1, 100: 1}, "naive": {1: 1, 100: 98}},
    pieces=[Piece(name="RS256 signature", cpu_s=0.000241, deviation_s=0.000003)],
)
VALUES = {MEMORY_HIT: 57.31, MEMORY_AGAINST_NAIVE: 1660.4}
REPORT = Report.judge([Result(gate=gate, value=VALUES.get(gate, gate.limit), seen="seen") for gate in GATES], GATES)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The pages as they stand in the repository, elsewhere."""
    (tmp_path / "docs").mkdir()
    for page in PAGES:
        (tmp_path / page).write_text((places.ROOT / page).read_text())
    return tmp_path


def test_the_page_has_a_row_for_each_gate_and_every_other_finding(tree: Path) -> None:
    write(REPORT, FINDINGS, tree)
    lines = (tree / "docs/performance.md").read_text().splitlines()
    assert "| memory hit, p50 | 57.3 µs CPU | ≤ 100 | seen |" in lines
    assert all(any(line.startswith(f"| {gate.name} | ") for line in lines) for gate in GATES)
    assert "| naive | 10 | 700 | 300 | 1,010 |" in lines
    assert "| memory hit | 3 | 0.0600 | 0.0690 |" in lines
    assert "| RS256 signature | 241 | 1% |" in lines


def test_the_readme_has_the_figures_in_short(tree: Path) -> None:
    write(REPORT, FINDINGS, tree)
    assert "| naive / memory hit | 1,660 x CPU | ≥ 500 |" in (tree / "README.md").read_text().splitlines()


def test_every_plot_that_is_written_is_shown_and_the_other_way_round(tree: Path) -> None:
    write(REPORT, FINDINGS, tree)
    page = (tree / "docs/performance.md").read_text()
    written = {path.name for path in (tree / "docs").glob("*.svg")}
    assert len(written) == 3
    assert {name for name in written if f"({name})" in page} == written


def test_writing_again_changes_nothing(tree: Path) -> None:
    write(REPORT, FINDINGS, tree)
    once = {path: path.read_bytes() for path in tree.rglob("*.*")}
    write(REPORT, FINDINGS, tree)
    assert {path: path.read_bytes() for path in tree.rglob("*.*")} == once


def test_where_a_page_has_no_place_for_a_table_nothing_is_written(tree: Path) -> None:
    (tree / "README.md").write_text("no markers\n")
    before = {path: path.read_bytes() for path in tree.rglob("*.*")}
    with pytest.raises(NoMarkers, match="'in short'"):
        write(REPORT, FINDINGS, tree)
    assert {path: path.read_bytes() for path in tree.rglob("*.*")} == before


def test_where_a_gate_is_missed_nothing_is_written(tree: Path) -> None:
    before = {path: path.read_bytes() for path in tree.rglob("*.*")}
    slow = Result(gate=MEMORY_HIT, value=MEMORY_HIT.limit + 1)
    write(Report.judge([*REPORT.results, slow], GATES), FINDINGS, tree)
    assert {path: path.read_bytes() for path in tree.rglob("*.*")} == before
