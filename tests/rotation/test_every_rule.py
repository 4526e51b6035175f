"""No rule of a rotation is idle: without it a promise is broken."""

import pytest

from rotation.promises import BrokenPromiseError
from rotation.rules import RULES


@pytest.mark.parametrize("name", RULES)
def test_without_a_rule_a_promise_is_broken(name: str) -> None:
    rule = RULES[name]
    with rule.left_out(), pytest.raises(BrokenPromiseError):
        rule.search()


def test_a_broken_promise_tells_how_it_came_to_it() -> None:
    rule = RULES["five logins"]
    with rule.left_out(), pytest.raises(BrokenPromiseError) as broken:
        rule.search()
    assert "keeper.try_login: done" in broken.value.__notes__[0]
