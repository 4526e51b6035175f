"""The commands to a running org: what they do, where they find it, what they say when they cannot."""

import subprocess
import sys
from pathlib import Path

import pytest

from conftest import KeyPair
from local.conftest import certificate_of
from local.org_visitor import Visitor
from sfmint_local.org.announcement import Announcement


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
