"""The size of what is deployed."""

from pathlib import Path

import pytest

from build_size import Weight
from sfmint_bench import gates
from sfmint_bench.artefacts import NAIVE, Artefact, Artefacts
from sfmint_bench.report import Result
from sfmint_bench.sizes import sizes


def artefact(name: str, folder: Path, *files: str) -> Artefact:
    """Make an artefact with a megabyte of the same letter in each file; its folders are those of the files."""
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a" * 1_000_000)
    return Artefact(name=name, folders=tuple(sorted(path for path in folder.iterdir())))


@pytest.fixture
def measured(tmp_path: Path) -> list[Result]:
    broker = artefact("sfmint", tmp_path / "broker", "function/app.py", "layer/deep/a.py")
    naive = artefact("naive", tmp_path / "naive", "function/app.py", "function/a.py", "function/b.py")
    return sizes(
        Artefacts(broker=broker, broker_without_byte_code=broker, naive_with_byte_code=naive, rivals={NAIVE: naive})
    )


def test_a_function_weighs_as_much_as_all_its_files_and_those_of_its_layers(measured: list[Result]) -> None:
    unzipped = measured[0]
    assert unzipped.gate == gates.UNZIPPED
    assert unzipped.value == pytest.approx(2.0)
    assert unzipped.seen == "sfmint 2.0 MB, naive 3.0 MB"


def test_zipped_it_weighs_what_is_uploaded(measured: list[Result], tmp_path: Path) -> None:
    zipped = measured[1]
    assert zipped.gate == gates.ZIPPED
    parts = [Weight.measure(tmp_path / "broker" / part) for part in ("function", "layer")]
    assert zipped.value == sum(part.zipped for part in parts) / 1e6
    assert 0 < zipped.value < 0.01
