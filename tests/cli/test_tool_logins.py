"""Logins that this program makes: counted over all commands, for each org and user, and limited."""

import pwd
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.command_line import CommandLine, Ended, options
from org_fixture import Customer
from sfmint_cli.result import Failed
from sfmint_cli.tool_logins import MOST, WITHIN_S, ToolLogins, _instants
from sfmint_values.system import SystemClock

HOST, USER = "https://acme.my.salesforce.com", "sfmint@acme.example"
TOKEN_HOSTS = ("https://acme.my.salesforce.com", "https://acme--sbx.sandbox.my.salesforce.com")

type Login = Callable[..., Ended]


@dataclass
class HandClock(SystemClock):
    """A clock that a test sets."""

    time: float = 1_800_000_000.0

    def now(self) -> float:
        return self.time


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def logins(tmp_path: Path, clock: HandClock) -> ToolLogins:
    return ToolLogins(folder=tmp_path / "new/logins", clock=clock)


@pytest.fixture
def login(sfmint: CommandLine, key_file: Path, customer: Customer) -> Login:
    def run(**changes: Any) -> Ended:
        given = {"key": key_file, "consumer_key": customer.app.consumer_key, "username": customer.username}
        where = {"token_host": customer.control.url, "ca_bundle": customer.control.ca}
        return sfmint("login", *options(given | where | changes))

    return run


def spend(logins: ToolLogins, times: int = MOST) -> None:
    for _ in range(times):
        logins.count(HOST, USER)


def test_the_eleventh_login_in_ten_minutes_is_refused_and_never_sent(login: Login, customer: Customer) -> None:
    assert [login().code for _ in range(MOST)] == [0] * MOST
    ended = login()
    assert (ended.code, customer.logins) == (1, MOST)
    assert "sfmint has logged in 10 times as" in ended.cause
    assert "block an address" in ended.cause
    assert ended.remedy.startswith("Wait 10 minutes, ")


def test_refused_logins_count_too(login: Login, customer: Customer) -> None:
    assert {login(audience="https://login.salesforce.com").code for _ in range(MOST)} == {1}
    assert "block an address" in login().cause
    assert customer.logins == MOST


def test_after_ten_minutes_the_oldest_counts_no_more(logins: ToolLogins, clock: HandClock) -> None:
    logins.count(HOST, USER)
    clock.time += 300
    spend(logins, MOST - 1)
    with pytest.raises(Failed, match="Wait 5 minutes"):
        logins.count(HOST, USER)
    clock.time += WITHIN_S - 300
    logins.count(HOST, USER)
    with pytest.raises(Failed, match="Wait 5 minutes"):
        logins.count(HOST, USER)


@pytest.mark.parametrize("instant", [1_800_000_000.0, 1_800_000_000.0006, 1_800_000_000.9999, 1_764_358_691.123_456_7])
def test_logins_of_one_instant_all_count(logins: ToolLogins, clock: HandClock, instant: float) -> None:
    clock.time = instant
    spend(logins)
    with pytest.raises(Failed):
        logins.count(HOST, USER)


def test_a_refusal_counts_for_nothing(logins: ToolLogins, clock: HandClock) -> None:
    spend(logins)
    for _ in range(MOST):
        clock.time += 1
        with pytest.raises(Failed):
            logins.count(HOST, USER)
    clock.time += WITHIN_S - MOST
    spend(logins)


@pytest.mark.parametrize(("host", "user"), [(TOKEN_HOSTS[1], USER), (HOST, "other@acme.example")])
def test_each_org_and_user_has_a_count_of_its_own(logins: ToolLogins, host: str, user: str) -> None:
    spend(logins)
    logins.count(host, user)


def test_a_user_name_counts_in_any_case(logins: ToolLogins) -> None:
    spend(logins)
    with pytest.raises(Failed):
        logins.count(HOST, USER.upper())


def test_runs_side_by_side_share_the_count(logins: ToolLogins) -> None:
    def run(_: int) -> bool:
        try:
            logins.count(HOST, USER)
        except Failed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(run, range(3 * MOST))) == MOST


def test_the_file_is_its_owners_and_names_nobody(logins: ToolLogins) -> None:
    spend(logins, 1)
    (path,) = logins.folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(logins.folder.stat().st_mode) == 0o700
    assert "acme" not in path.name + path.read_text()


def test_a_clock_that_was_ahead_locks_nobody_out(logins: ToolLogins, clock: HandClock) -> None:
    clock.time += 86400
    spend(logins)
    clock.time -= 86400
    spend(logins)


@given(content=st.binary(max_size=300), more=st.lists(st.floats(0, 1e12), max_size=20))
def test_a_damaged_file_counts_what_can_be_read(content: bytes, more: list[float]) -> None:
    now = 1_800_000_000.0
    written = b"\n".join([content, *(f"{instant:.3f}".encode() for instant in more)])
    assert all(now - WITHIN_S < instant <= now for instant in _instants(written, now))


def test_a_place_that_cannot_be_written_is_warned_of_and_keeps_nobody_from_a_login(
    login: Login, tmp_path: Path, customer: Customer
) -> None:
    (tmp_path / "state").write_text("no folder")
    ended = login()
    assert (ended.code, customer.logins) == (0, 1)
    assert "warning: This login is not counted: " in ended.stderr


def test_a_link_that_somebody_has_put_there_is_not_followed(logins: ToolLogins, tmp_path: Path) -> None:
    spend(logins, 1)
    (path,) = logins.folder.iterdir()
    path.unlink()
    (tmp_path / "theirs").write_text("keep")
    path.symlink_to(tmp_path / "theirs")
    logins.count(HOST, USER)
    assert (tmp_path / "theirs").read_text() == "keep"


def test_without_a_home_it_says_what_to_set(login: Login, monkeypatch: pytest.MonkeyPatch, customer: Customer) -> None:
    def nobody(_: int) -> None:
        raise KeyError

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    ended = login()
    assert (ended.code, ended.remedy) == (1, "Set HOME or XDG_STATE_HOME to a folder of yours.")
    assert customer.logins == 0


@pytest.mark.parametrize("named", ["", "relative/state"])
def test_without_a_state_folder_it_is_the_homes(named: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", named)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ToolLogins.of_this_user().folder == tmp_path / ".local/state/sfmint/logins"
