"""The size of what is deployed."""

from pathlib import Path

import pytest

from sfmint_bench import gates
from sfmint_bench.artefacts import NAIVE, Artefact, Artefacts
from sfmint_bench.sizes import sizes, unzipped_mb, zipped_mb


def artefact(name: str, folder: Path, *files: str) -> Artefact:
    """Make an artefact with a megabyte of the same letter in each file; its folders are those of the files."""
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a" * 1_000_000)
    return Artefact(name=name, folders=tuple(sorted(path for path in folder.iterdir())))


def test_a_function_weighs_as_much_as_all_its_files_and_those_of_its_layers(tmp_path: Path) -> None:
    assert unzipped_mb(artefact("one", tmp_path, "function/app.py", "layer/deep/a.py", "layer/b.py")) == 3.0


def test_zipped_it_weighs_what_is_uploaded(tmp_path: Path) -> None:
    both = artefact("both", tmp_path, "function/app.py", "layer/deep/a.py")
    one = Artefact(name="one", folders=both.folders[:1])
    assert 0 < zipped_mb(one) < 0.01
    assert zipped_mb(both) == pytest.approx(2 * zipped_mb(one), rel=0.1)


def test_the_broker_is_held_to_the_gates_and_the_naive_recipe_named_beside_it(tmp_path: Path) -> None:
    broker = artefact("sfmint", tmp_path / "broker", "function/app.py", "layer/a.py")
    naive = artefact("naive", tmp_path / "naive", "function/app.py", "function/a.py", "function/b.py")
    unzipped, zipped = sizes(
        Artefacts(broker=broker, broker_without_byte_code=broker, naive_with_byte_code=naive, rivals={NAIVE: naive})
    )
    assert unzipped.gate == gates.UNZIPPED
    assert unzipped.value == pytest.approx(2.0)
    assert unzipped.seen == "sfmint 2.0 MB, naive 3.0 MB"
    assert zipped.gate == gates.ZIPPED
    assert zipped.value == pytest.approx(zipped_mb(broker))
