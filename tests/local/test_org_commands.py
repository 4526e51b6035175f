"""The commands to a running org: what they do, where they find it, what they say when they cannot."""

import dataclasses
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from conftest import KeyPair
from local.conftest import certificate_of
from local.org_visitor import Visitor
from sfmint_local.org.announcement import Announcement
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.setup.app_parts import app_parts


def typed(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sfmint_local.org", *words], env=variables, capture_output=True, text=True, check=False
    )


@pytest.fixture
def terminal(visitor: Visitor, org_announcement: Announcement) -> dict[str, str]:
    """The variables of ``.local/env``."""
    return {
        "SFMINT_ORG_CA": org_announcement.ca,
        "SFMINT_ORG_USERNAME": visitor.user.username,
        "SFMINT_ORG_CONSUMER_KEY": visitor.app.consumer_key,
    }


def test_a_users_sessions_end(visitor: Visitor, terminal: dict[str, str]) -> None:
    token = visitor.log_in()

    done = typed("end-sessions", **terminal)

    assert (done.returncode, done.stdout) == (0, f"{visitor.user.username}: 1 sessions ended\n")
    assert visitor.probe(token) == 401


def test_another_users_sessions_end_and_nobody_elses(visitor: Visitor, terminal: dict[str, str]) -> None:
    token = visitor.log_in()
    unknown = typed("end-sessions", "--username", "another@example.com", **terminal)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "There is no user another@example.com" in unknown.stderr
    typed("user", "add", "another@example.com", **terminal)

    done = typed("end-sessions", "--username", "another@example.com", **terminal)

    assert (done.returncode, done.stdout) == (0, "another@example.com: 0 sessions ended\n")
    assert visitor.probe(token) == 200


def test_an_uploaded_certificate_takes_the_place_of_the_old_one(
    visitor: Visitor, terminal: dict[str, str], tmp_path: Path, other_key_pair: KeyPair
) -> None:
    certificate = tmp_path / "new.crt"
    certificate.write_text(other_key_pair.certificate)

    assert typed("certificate", certificate, **terminal).returncode == 0
    assert visitor.exchange().json()["error"] == "invalid_grant"

    certificate.write_text(certificate_of(visitor.key))
    assert typed("certificate", certificate, "--consumer-key", visitor.app.consumer_key, **terminal).returncode == 0
    assert visitor.exchange().status_code == 200


def variables_of(lines: str) -> dict[str, str]:
    """Let a shell read lines of exports, and return what it has then."""
    shell = 'set -eu; eval "$0"; printf \'%s\\n\' "$SFMINT_ADMIN_ACCESS_TOKEN" "$SFMINT_ADMIN_INSTANCE_URL"'
    done = subprocess.run(["/bin/sh", "-c", shell, lines], env={}, capture_output=True, text=True, check=True)
    token, url = done.stdout.splitlines()
    return {"token": token, "url": url}


@pytest.mark.parametrize("options", [[], ["--jwt"]])
def test_an_administrators_session_is_for_eval(visitor: Visitor, terminal: dict[str, str], options: list[str]) -> None:
    done = typed("admin-session", *options, **terminal)

    read = variables_of(done.stdout)
    assert (done.returncode, read["url"]) == (0, visitor.control.url)
    rows = visitor.call("/services/data/v67.0/query", read["token"], params={"q": "SELECT Id FROM PermissionSet"})
    assert rows.status_code == 200


def test_an_administrators_session_is_not_shown_in_a_terminal(terminal: dict[str, str]) -> None:
    reader, writer = pty.openpty()
    words = [sys.executable, "-m", "sfmint_local.org", "admin-session"]
    done = subprocess.run(words, env=terminal, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)

    assert done.returncode == 1
    assert done.stderr.startswith("error: The token would be shown in this terminal. Type: eval ")
    with suppress(OSError):
        assert os.read(reader, 1000) == b""
    os.close(reader)


def test_an_administrator_who_is_there_keeps_the_rights_that_were_granted(
    org: OrgControl, terminal: dict[str, str]
) -> None:
    username = f"{uuid4().hex}@example.com"
    typed("user", "add", username, "--profile", "System Administrator", "--alias", "adm", **terminal)
    granted = typed("user", "grant", username, "ManageUsers", **terminal)
    typed("admin-session", "--username", username, **terminal)

    (user,) = [each for each in org.users() if each.user.username == username]
    assert granted.stdout == f"{username}: AssignPermissionSets, ManageUsers, ViewSetup\n"
    assert (user.user.alias, user.user.profile) == ("adm", "System Administrator")
    assert "ModifyMetadata" not in user.rights


@pytest.mark.parametrize(
    ("verb", "error", "is_live"),
    [("freeze", "user is locked", True), ("deactivate", "inactive user", False), ("activate", None, True)],
)
def test_a_user_is_frozen_deactivated_and_activated(
    visitor: Visitor, terminal: dict[str, str], verb: str, error: str | None, *, is_live: bool
) -> None:
    token = visitor.log_in()

    done = typed("user", verb, visitor.user.username, **terminal)

    assert done.returncode == 0, done.stderr
    assert visitor.exchange().json().get("error_description") == error
    assert (visitor.probe(token) == 200) is is_live


def test_settings_are_shown_and_changed(org: OrgControl, terminal: dict[str, str]) -> None:
    changed = typed("settings", "deploy_s=1.5", "is_sandbox=true", "propagation=by_turns", **terminal)
    shown = typed("settings", **terminal)

    assert changed.stdout == "deploy_s=1.5\npropagation=by_turns\nis_sandbox=true\n"
    settings = org.settings()
    assert (settings.deploy_s, settings.is_sandbox, settings.propagation) == (1.5, True, "by_turns")
    assert {line.partition("=")[0] for line in shown.stdout.splitlines()} == {
        field.name for field in dataclasses.fields(settings)
    }
    typed("settings", "--reset", "deploy_s=2", **terminal)
    assert (org.settings().deploy_s, org.settings().is_sandbox) == (2, False)


def test_setup_shows_what_is_there_without_keys_and_empty_takes_it_away(
    org: OrgControl, terminal: dict[str, str]
) -> None:
    name = f"app_{uuid4().hex[:8]}"
    parts = app_parts(name)
    for part in parts.values():
        org.put_component(part)

    shown = typed("setup", **terminal).stdout
    emptied = typed("empty", **terminal)

    assert f"{terminal['SFMINT_ORG_USERNAME']}: active, Standard User" in shown
    assert f"{name}_access: tied to no app" in shown
    assert f"ExtlClntAppOauthSettings {name}_oauth" in shown
    settings = parts["ExtlClntAppGlobalOauthSettings"]
    assert settings.text("consumerKey") not in shown
    assert settings.text("consumerSecret") not in shown
    assert emptied.returncode == 0
    assert org.components() == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["settings", "deploy_s"], "'deploy_s' is no NAME=VALUE of a setting. Known names are deploy_s, "),
        (["settings", "speed=1"], "'speed=1' is no NAME=VALUE of a setting."),
        (["settings", "deploy_s=soon"], "deploy_s is neither a number nor true or false: 'soon'."),
        (
            ["settings", "propagation=never"],
            "propagation is 'never'. It must be one of at_once, late, by_turns, neither.",
        ),
        (["user", "freeze", "nobody@example.com"], "There is no user nobody@example.com."),
        (["user", "grant", "nobody@example.com", "ViewSetup"], "There is no 'nobody@example.com'."),
        (["user", "grant", "{user}", "Everything"], "There is no right 'Everything'."),
        (["user", "add", "{user}"], "{user} is there already."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(terminal: dict[str, str], words: list[str], said: str) -> None:
    user = terminal["SFMINT_ORG_USERNAME"]

    done = typed(*(word.replace("{user}", user) for word in words), **terminal)

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {said.replace('{user}', user)}")


@pytest.mark.parametrize(
    ("words", "variables", "said"),
    [
        (["end-sessions"], {}, "SFMINT_ORG_CA is not set. Type `source .local/env`"),
        (["end-sessions"], {"SFMINT_ORG_CA": "/nowhere/ca.pem"}, "No org runs for /nowhere. Run `make local`"),
        (["--state", "/nowhere", "end-sessions"], {}, "No org runs for /nowhere. Run `make local`"),
    ],
)
def test_without_an_org_there_is_a_sentence(words: list[str], variables: dict[str, str], said: str) -> None:
    done = typed(*words, **variables)

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {said}")


@pytest.mark.parametrize("file", ["missing.crt", "key.pem", "binary"])
def test_what_is_no_certificate_is_refused_in_a_sentence(terminal: dict[str, str], tmp_path: Path, file: str) -> None:
    (tmp_path / "key.pem").write_text("no certificate")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")

    done = typed("certificate", tmp_path / file, **terminal)

    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_an_org_that_shall_start_needs_a_folder() -> None:
    done = typed()

    assert done.returncode == 2
    assert "--state is missing" in done.stderr
