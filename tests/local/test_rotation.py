"""The judge of a rotation under load, and its parts: each without a stack."""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint_local.errors import LocalStackError
from sfmint_local.rotation.__main__ import PAGE, on_page
from sfmint_local.rotation.measured import MOST, Comparison, Measured, Spread
from sfmint_local.rotation.measuring import LONGEST_S, Watch, follow
from sfmint_local.rotation.rotated import REFUSED

CALM = Spread(calls=960, p50_s=0.02, p99_s=0.06)
GOOD = Measured(
    comparisons=[Comparison(kind="a token", before=CALM, during=CALM)],
    failures=[],
    every_s=0.125,
    took_s=364.2,
    phase="finished",
    words="",
    old_key=REFUSED,
    new_key="",
)


def slower(times: float) -> list[Comparison]:
    return [Comparison(kind="a token", before=CALM, during=replace(CALM, p99_s=CALM.p99_s * times))]


def test_a_rotation_that_nobody_noticed_has_no_fault() -> None:
    assert list(GOOD.faults()) == []
    assert list(replace(GOOD, comparisons=slower(MOST)).faults()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            {"failures": ["AssertionRejected: no.", "LoginFailed: no."]},
            "2 calls failed, .*Assertion",
            id="failed calls",
        ),
        pytest.param({"phase": "cancelled", "words": "It was late."}, "'cancelled': It was late", id="cancelled"),
        pytest.param({"old_key": ""}, "came to: a token", id="the old key logs in"),
        pytest.param(
            {"old_key": "LoginRateExceeded"}, "came to: LoginRate", id="the old key is refused for another cause"
        ),
        pytest.param({"new_key": REFUSED}, "new key does not log in", id="the new key is refused"),
        pytest.param({"comparisons": slower(MOST + 0.1)}, r"a token: p99 became 2\.10 times", id="slow"),
    ],
)
def test_each_fault_is_found_alone(change: dict[str, Any], said: str) -> None:
    [fault] = replace(GOOD, **change).faults()
    assert re.search(said, fault)


@given(st.lists(st.integers(1, 1000).map(float), min_size=1, max_size=300))
def test_a_spread_lies_within_what_was_measured(times_s: list[float]) -> None:
    spread = Spread.of(times_s)
    assert spread.calls == len(times_s)
    assert min(times_s) <= spread.p50_s <= spread.p99_s <= max(times_s)
    assert sum(each <= spread.p50_s for each in times_s) >= len(times_s) / 2


def test_the_page_is_filled_again_and_again() -> None:
    page = PAGE.read_text()
    once = on_page(page, GOOD)
    assert "the rotation ended after 364 s.\nOf 960 calls meanwhile none failed" in once
    assert "| a token | 960 | 20 | 60 | 960 | 20 | 60 | 1.00 |\n" in once
    assert on_page(once, GOOD) == once
    slow = on_page(once, replace(GOOD, comparisons=slower(1.5)))
    assert ("| 1.00 |" in slow, "| 1.50 |" in slow) == (False, True)


def test_programs_are_told_the_same() -> None:
    told = json.loads(json.dumps(replace(GOOD, failures=["LoginFailed: no."]).to_json()))
    assert (told["failed"], told["phase"], told["calls"]["a token"]["ratio"]) == (1, "finished", 1.0)
    assert len(told["faults"]) == 1


class Orders:
    """key_rotation as whoever gives it orders sees it, in a time of its own."""

    def __init__(self, *phases: str, every_s: float = 75.0) -> None:
        self.at = 0.0
        self.given: Counter[str] = Counter()
        self.early = 0
        self._due_at, self._every_s = 0.0, every_s
        self._phases = iter(phases)

    def sleep(self, seconds: float) -> None:
        self.at += seconds

    def __call__(self, action: str) -> dict[str, Any]:
        self.given[action] += 1
        self.early += self.at < self._due_at
        self._due_at = self.at + self._every_s
        phase, logins = next(self._phases, "testing"), self.given["advance"]
        return {"phase": phase, "next_at": self._due_at, "words": "It goes on.", "logins": logins, "refusals": 0}

    def watch(self) -> Watch:
        return Watch(now=lambda: self.at, epoch=lambda: self.at, sleep=self.sleep)


@pytest.mark.parametrize("end", ["finished", "cancelled", "void"])
def test_a_rotation_is_followed_to_its_end_and_asked_when_something_is_due(end: str) -> None:
    orders, told = Orders("setting", "testing", "testing", "finishing", end), list[str]()
    assert follow(orders, told.append, orders.watch())["phase"] == end
    assert (orders.given, orders.early) == (Counter(start=1, advance=4), 0)
    assert len(told) == 5


def test_what_is_due_at_once_is_not_asked_for_without_a_pause() -> None:
    orders = Orders("setting", "testing", "finished", every_s=-10.0)
    follow(orders, str, orders.watch())
    assert orders.at >= 2


@pytest.mark.parametrize("every_s", [-10.0, 1.0, 75.0, 3600.0])
def test_a_rotation_that_does_not_end_is_given_up_in_time(every_s: float) -> None:
    orders = Orders(every_s=every_s)
    with pytest.raises(LocalStackError, match=r"does not end .*It goes on"):
        follow(orders, str, orders.watch())
    assert orders.at <= LONGEST_S


def test_bad_use_ends_with_two_and_says_why() -> None:
    command = [sys.executable, "-m", "sfmint_local.rotation", "--pages=1"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "--pages" in ended.stderr
