"""The program of `make fuzz`: what it counts, what it says of a finding, how it ends."""

import re
import sys
from pathlib import Path

import pytest
from hypothesis import strategies as st

from fuzz.target import Target
from sfmint_local import places

sys.path.append(str(places.ROOT / "tools"))
import fuzzing


def harmless(value: int) -> None:
    assert value >= 0


def fails_at_last(value: int) -> None:
    assert value < 1000, "too much"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "LOCAL", tmp_path)


def given_targets(monkeypatch: pytest.MonkeyPatch, **checks: object) -> None:
    numbers = st.integers(0, 2**20)
    monkeypatch.setattr(fuzzing, "TARGETS", [Target(name, numbers, check) for name, check in checks.items()])  # type: ignore[arg-type]


def test_it_ends_with_one_line_of_counts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    given_targets(monkeypatch, one=harmless, two=harmless)

    assert fuzzing.main(["--minutes", "0.002"]) == 0

    said = capsys.readouterr()
    assert (counts := re.fullmatch(r"fuzz: 2 targets, ([\d,]+) inputs, 0 findings, \d+ s\n", said.out))
    assert int(counts[1].replace(",", "")) >= 100
    assert [line.partition(":")[2].split()[0] for line in said.err.splitlines()] == ["one", "two"]


def test_a_finding_is_told_with_the_smallest_input_and_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    given_targets(monkeypatch, one=fails_at_last, two=harmless)

    assert fuzzing.main(["--minutes", "0.002"]) == 1

    said = capsys.readouterr()
    assert "2 targets, " in said.out
    assert ", 1 findings, " in said.out
    assert "the input: 1000\n" in said.err
    assert "AssertionError: too much" in said.err
    assert 'make fuzz TARGETS="one"' in said.err
    assert any((tmp_path / "fuzz/one").rglob("*"))


def test_some_targets_may_be_chosen_and_others_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given_targets(monkeypatch, one=fails_at_last, two=harmless)

    assert fuzzing.main(["--minutes", "0.001", "--targets", "two"]) == 0
    for wrong in (["--targets", "three"], ["--minutes", "0"], ["--minutes", "nan"], ["--minutes", "soon"]):
        with pytest.raises(SystemExit) as ended:
            fuzzing.main(wrong)
        assert ended.value.code == 2
    assert "no target is called three; there are one, two" in capsys.readouterr().err


def test_an_interruption_ends_with_what_was_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(value: int) -> None:
        raise KeyboardInterrupt

    given_targets(monkeypatch, one=harmless, two=interrupted)

    assert fuzzing.main(["--minutes", "0.002"]) == 130
    assert capsys.readouterr().out.startswith("fuzz: 1 targets, ")


def test_a_reader_that_comes_to_no_end_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def endless(value: int) -> None:
        while True:
            pass

    monkeypatch.setattr(fuzzing, "STUCK_S", 0.01)
    given_targets(monkeypatch, one=endless)

    assert fuzzing.main(["--minutes", "0.001"]) == 1
    assert "does not come to an end" in capsys.readouterr().err
