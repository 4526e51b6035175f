"""The pieces that are measured one by one."""

import pyperf
import pytest

from sfmint_bench.micro import pieces
from sfmint_bench.micro_process import BARE, IMPORTS, PIECES


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_can_be_done_again_and_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"):
        monkeypatch.setenv(variable, "set by the piece")
    call = PIECES[name]()
    call()
    call()


def test_an_import_is_told_without_the_start_of_python() -> None:
    imported, alone = next(iter(IMPORTS)), next(iter(PIECES))
    taken_s = {alone: (0.5, 0.4, 0.6), BARE: (0.01, 0.01, 0.01), imported: (0.04, 0.05, 0.03)}
    suite = pyperf.BenchmarkSuite([benchmark(name, values) for name, values in taken_s.items()])
    measured = {piece.name: piece for piece in pieces(suite)}
    assert measured[imported].cpu_s == pytest.approx(0.03)
    assert measured[imported].deviation_s == pytest.approx(0.01)
    assert measured[BARE].cpu_s == pytest.approx(0.01)
    assert measured[alone].cpu_s == pytest.approx(0.5)


def benchmark(name: str, values: tuple[float, ...]) -> pyperf.Benchmark:
    run = pyperf.Run(values, metadata={"name": name}, collect_metadata=False)
    return pyperf.Benchmark([run])
