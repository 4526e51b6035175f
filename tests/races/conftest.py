from collections.abc import Iterator
from itertools import count

import pytest

from races.race import Race
from sfmint_local.environments import BareStack, Environments

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def bare_stack() -> Iterator[BareStack]:
    with BareStack("races") as stack:
        yield stack


@pytest.fixture(scope="session")
def environments(bare_stack: BareStack) -> Iterator[Environments]:
    with Environments(bare_stack.folder) as environments:
        yield environments


@pytest.fixture
def race(bare_stack: BareStack, environments: Environments) -> Iterator[Race]:
    name = f"race-{next(_NUMBERS)}"
    bare_stack.connect(name)
    race = Race(stack=bare_stack, environments=environments, connection=name)
    yield race
    race.end()
