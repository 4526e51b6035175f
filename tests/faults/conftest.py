from collections.abc import Iterator, Mapping

import pytest

from sfmint_local.faults.matrix import arena, measure
from sfmint_local.faults.outcome import Case, Outcome
from sfmint_local.faults.scene import Scene


@pytest.fixture(scope="package")
def scene() -> Iterator[Scene]:
    with arena() as scene:
        yield scene


@pytest.fixture(scope="package")
def measured(scene: Scene) -> Mapping[Case, Outcome]:
    return measure(scene)
