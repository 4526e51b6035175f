"""The program: starts, announces itself, ends; and who may control it."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from processes import in_the_background
from sfmint_local.org.announcement import Announcement
from sfmint_local.org.control_client import OrgControl, OrgControlError
from sfmint_local.org.values import App, Policy, Settings, User

PROGRAM = [sys.executable, "-m", "sfmint_local.org", "--state"]


@contextmanager
def program(state: Path, *options: str, background: bool = False) -> Iterator[subprocess.Popen[str]]:
    command = [*PROGRAM, str(state), *options]
    if background:
        command = in_the_background(command)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_program_announces_itself_serves_and_ends_cleanly(
    tmp_path: Path, end: signal.Signals, *, background: bool
) -> None:
    state = tmp_path / "state"
    with program(state, background=background) as process:
        line = first_line(process)
        announcement = Announcement.read(state)
        with OrgControl.from_state(state) as control:
            counted = control.counters().token_requests
        process.send_signal(end)
        rest, log = process.communicate(timeout=10)

    assert announcement.url in line
    assert counted == 0
    assert (process.returncode, rest) == (0, "")
    assert re.fullmatch(r"GET /_org/counters 200 \d+ ms\n", log)
    assert [path.name for path in state.iterdir()] == ["ca.pem"]


def test_the_announcement_is_for_the_owners_eyes_only(tmp_path: Path) -> None:
    with program(tmp_path) as process:
        first_line(process)
        assert (tmp_path / "org.json").stat().st_mode & 0o777 == 0o600
        assert set(json.loads((tmp_path / "org.json").read_text())) == {"url", "ca", "control_token"}
        assert "PRIVATE" not in "".join(path.read_text() for path in tmp_path.iterdir())


def test_a_taken_port_is_told_in_a_sentence(tmp_path: Path, org: OrgControl) -> None:
    with program(tmp_path, "--port", org.url.rpartition(":")[2]) as process:
        _, told = process.communicate(timeout=10)

    assert process.returncode == 1
    assert told.startswith("error: the org cannot start: ")
    assert "Traceback" not in told


@pytest.mark.parametrize("headers", [{}, {"X-Org-Control": "guess"}])
def test_the_control_interface_needs_its_token(org: OrgControl, headers: dict[str, str]) -> None:
    answer = requests.get(f"{org.url}/_org/counters", headers=headers, verify=org.ca, timeout=10)

    assert answer.status_code == 403


def test_plain_http_and_an_unknown_authority_are_refused(org: OrgControl) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(org.url.replace("https", "http"), timeout=10)
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(org.url, timeout=10)
    assert org.settings() == Settings()


def test_what_does_not_exist_is_named(org: OrgControl) -> None:
    with pytest.raises(OrgControlError, match="nobody"):
        org.approve(org.put_app(App()).consumer_key, "nobody@example.com")
    with pytest.raises(OrgControlError, match="no-such-key"):
        org.remove_certificate("no-such-key")


def test_an_unknown_field_or_choice_is_refused_by_name(org: OrgControl) -> None:
    wrong: Policy = "Everybody"  # type: ignore[assignment]
    with pytest.raises(ValueError, match="Everybody"):
        App(policy=wrong)
    for path, body, cause in [
        ("apps", {"colour": "red"}, "colour"),
        ("users", {}, "username"),
        ("users", [], "JSON object"),
        ("settings", {"api_limit": "many"}, "api_limit"),
        ("sessions/end", {}, "fingerprint"),
    ]:
        method = "PUT" if path == "settings" else "POST"
        with pytest.raises(OrgControlError, match=cause):
            org._call(method, path, body)


def test_a_given_consumer_key_is_kept_and_a_drawn_one_has_salesforces_shape(org: OrgControl) -> None:
    assert org.put_app(App(consumer_key="mine")).consumer_key == "mine"
    assert App().consumer_key.startswith("3MVG9")
    assert org.put_user(User(username="a+b/c@example.com")).username in org.counters().by_user
