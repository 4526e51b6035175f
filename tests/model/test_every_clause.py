"""No clause of any condition is idle: without it something happens that must never happen."""

import pytest

from model.clauses import CAUGHT_BY, clauses_of, every_clause, every_write, without
from model.promises import BrokenPromiseError
from model.scenarios import SCENARIOS


@pytest.mark.parametrize("clause", CAUGHT_BY)
def test_without_a_clause_a_promise_is_broken(clause: str) -> None:
    with pytest.raises(BrokenPromiseError):
        SCENARIOS[CAUGHT_BY[clause]].explore(without(clause))


def test_every_clause_of_every_write_is_tried_here() -> None:
    assert set(CAUGHT_BY) == every_clause()


def test_no_two_clauses_of_a_write_have_one_name() -> None:
    for update in every_write():
        names = [name for name, _ in clauses_of(update)]
        assert len(names) == len(set(names)), names


def test_a_broken_promise_tells_how_it_came_to_it() -> None:
    with pytest.raises(BrokenPromiseError) as broken:
        SCENARIOS["a failure far ahead"].explore(without("acquire: failure_absurd"))
    told = "\n".join(broken.value.__notes__)
    assert "0 s  actor 0: acquire: refused" in told
