"""A function that dies leaves no memory behind: the system may write none of it."""

import resource

import pytest

from sfmint_values import core_dumps


@pytest.fixture
def limits() -> list[tuple[int, int]]:
    return []


@pytest.mark.parametrize("soft", [0, 1, 4096, resource.RLIM_INFINITY])
def test_nothing_of_the_memory_is_written_and_what_a_person_may_allow_stays(
    monkeypatch: pytest.MonkeyPatch, limits: list[tuple[int, int]], soft: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", lambda _, most: limits.append(most))
    core_dumps.leave_none()
    assert limits == [(0, resource.RLIM_INFINITY)]
