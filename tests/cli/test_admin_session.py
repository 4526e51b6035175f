"""An administrator's session: from the sf CLI or the environment, handed to one command and kept by nobody."""

import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import CommandLine
from cli.conftest import Account, WriteFile
from sfmint_cli.apps.admin_session import TOKEN, URL, AdminSession, Handed
from sfmint_cli.result import Failed
from sfmint_values.secret import Secret

SESSION = "00D5g000004aBcd!AQ0AQFx7OKeNc4n9Ry.a1Bc3De5fG7hI9jK2lM4nO6pQ8rS0tU"
ORG_URL = "https://acme.my.salesforce.com"
HIDDEN = "[REDACTED] Use 'sf org auth show-access-token' to view"
NO_SUCH_ORG = {"name": "NamedOrgNotFoundError", "message": "No authorization information found for acme.", "status": 1}

type InstallSf = Callable[..., Path]


@pytest.fixture
def install_sf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> InstallSf:
    """Put a program `sf` on the PATH that answers each command with a document, and notes how it was called."""

    def install(*, show: Any = None, display: Any = None, raw: str | None = None) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        calls = tmp_path / "calls.json"
        program = folder / "sf"
        answers = {"show-access-token": show, "display": display}
        program.write_text(
            f"#!{sys.executable}\n"
            "import json, os, sys\n"
            f"open({str(calls)!r}, 'a').write(json.dumps([sys.argv[1:], dict(os.environ)]) + '\\n')\n"
            f"answers, raw = {answers!r}, {raw!r}\n"
            "found = next((value for name, value in answers.items() if name in sys.argv), None)\n"
            "print(raw if raw is not None else '' if found is None else json.dumps(found))\n"
            "sys.exit(0 if found and 'result' in found else 1)\n"
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(folder))
        return calls

    return install


@pytest.fixture(autouse=True)
def _no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (TOKEN, URL, "SF_ACCESS_TOKEN", "SF_INSTANCE_URL"):
        monkeypatch.delenv(name, raising=False)


def ok(**result: Any) -> dict[str, Any]:
    return {"status": 0, "result": result, "warnings": []}


@pytest.mark.parametrize(
    "answers",
    [
        {"show": ok(accessToken=SESSION), "display": ok(accessToken=HIDDEN, instanceUrl=ORG_URL)},
        {"show": ok(accessToken=SESSION), "display": ok(instanceUrl=ORG_URL)},
        {"show": None, "display": ok(accessToken=SESSION, instanceUrl=ORG_URL)},  # before May 2026
        {"show": {"name": "Error", "status": 127}, "display": ok(accessToken=SESSION, instanceUrl=ORG_URL)},
    ],
)
def test_the_sf_cli_gives_the_session(install_sf: InstallSf, answers: dict[str, Any]) -> None:
    calls = install_sf(**answers)
    found = AdminSession.given("acme", Handed.taken_out())
    assert found.access_token == Secret(SESSION)
    assert found.instance_url == ORG_URL
    assert SESSION not in repr(found)
    for line in calls.read_text().splitlines():
        words, _ = json.loads(line)
        assert words[words.index("--target-org") + 1] == "acme"
        assert "--json" in words


def test_no_child_inherits_the_session_of_the_environment(
    install_sf: InstallSf, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = install_sf(show=ok(accessToken=SESSION), display=ok(instanceUrl=ORG_URL))
    monkeypatch.setenv(TOKEN, "00D5g000004aBcd!another")
    monkeypatch.setenv(URL, "https://other.my.salesforce.com")
    assert AdminSession.given("acme", Handed.taken_out()).access_token == Secret(SESSION)
    assert TOKEN not in os.environ
    assert TOKEN not in calls.read_text()


@pytest.mark.parametrize(
    "command",
    [
        ("app", "create", "my-org", "--username", "u@example.com", "--yes"),
        ("app", "show", "my-org"),
        ("doctor", "my-org"),
    ],
)
def test_no_program_that_gives_credentials_of_aws_inherits_the_session(
    sfmint: CommandLine,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: tuple[str, ...],
) -> None:
    seen, script, config = tmp_path / "seen", tmp_path / "credentials.py", tmp_path / "config"
    answer = {"Version": 1, "AccessKeyId": "testing", "SecretAccessKey": "testing"}
    script.write_text(
        f"import os\nopen({str(seen)!r}, 'a').write(str(dict(os.environ)))\nprint({json.dumps(answer)!r})\n"
    )
    config.write_text(f"[profile child]\ncredential_process = {sys.executable} {script}\nregion = eu-central-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv(TOKEN, SESSION)
    monkeypatch.setenv(URL, "https://acme.example.com")  # where it is not sent to
    assert sfmint(*command, "--profile", "child", "--json").code == 1
    assert "AWS_CONFIG_FILE" in seen.read_text()
    assert SESSION not in seen.read_text()


def test_the_environment_gives_the_session_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, f" {SESSION}\n")
    monkeypatch.setenv(URL, ORG_URL)
    assert AdminSession.given(None, Handed.taken_out()) == AdminSession(
        instance_url=ORG_URL, access_token=Secret(SESSION)
    )
    assert TOKEN not in os.environ
    assert URL not in os.environ
    with pytest.raises(Failed, match="none was given"):
        AdminSession.given(None, Handed.taken_out())


def test_the_session_of_an_integration_user_is_never_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SF_ACCESS_TOKEN", SESSION)
    monkeypatch.setenv("SF_INSTANCE_URL", ORG_URL)
    with pytest.raises(Failed) as caught:
        AdminSession.given(None, Handed.taken_out())
    for way in ("--org", TOKEN, URL, "app metadata"):
        assert way in caught.value.remedy


@pytest.mark.parametrize(
    ("answers", "name", "words"),
    [
        (
            {"show": ok(accessToken=HIDDEN), "display": ok(accessToken=HIDDEN, instanceUrl=ORG_URL)},
            "SfHidesToken",
            "May 2026",
        ),
        ({"show": NO_SUCH_ORG, "display": NO_SUCH_ORG}, "SfKnowsNoOrg", "sf org login web --alias acme"),
        ({"raw": "not JSON"}, "SfKnowsNoOrg", "sf org list"),
        ({"raw": "[]"}, "SfKnowsNoOrg", "sf org list"),
        ({"raw": '{"result": 1}'}, "SfKnowsNoOrg", "sf org list"),
        ({"raw": "x" * (2 << 20)}, "SfKnowsNoOrg", "sf org list"),
        (
            {"show": {"name": "RefreshTokenAuthError", "message": f"expired {SESSION}"}, "display": None},
            "SfKnowsNoOrg",
            "RefreshTokenAuthError",
        ),
    ],
)
def test_what_the_sf_cli_says_is_told_in_words(
    install_sf: InstallSf, answers: dict[str, Any], name: str, words: str
) -> None:
    install_sf(**answers)
    with pytest.raises(Failed) as caught:
        AdminSession.given("acme", Handed.taken_out())
    assert caught.value.name == name
    assert words in f"{caught.value}"
    assert SESSION not in f"{caught.value}"


def test_a_machine_without_the_sf_cli_is_told_of_the_other_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failed) as caught:
        AdminSession.given("acme", Handed.taken_out())
    assert caught.value.name == "SfNotInstalled"
    assert TOKEN in caught.value.remedy


def test_a_program_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "sf"
    program.write_text("#!/nowhere/node\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failed, match="cannot be started"):
        AdminSession.given("acme", Handed.taken_out())


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "ünïcode", "x" * 20_000, "\x00"])
def test_what_is_no_token_is_refused_and_not_quoted(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    environment: Any = {TOKEN: token, URL: ORG_URL}
    monkeypatch.setattr(os, "environ", environment)
    with pytest.raises(Failed) as caught:
        AdminSession.given(None, Handed.taken_out())
    assert caught.value.name == "NoAdminSession"
    assert token not in str(caught.value)


def test_a_token_without_its_org_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, SESSION)
    with pytest.raises(Failed, match=URL):
        AdminSession.given(None, Handed.taken_out())


@pytest.mark.parametrize("alias", ["--json", "-o", "", "a b", "a\nb", SESSION, "x" * 300])
def test_an_alias_is_never_an_option_nor_a_token(sfmint: CommandLine, alias: str) -> None:
    ended = sfmint("app", "show", "my-org", "--no-stack", f"--org={alias}")
    assert ended.code == 2


@pytest.mark.parametrize("host", ["https://a.example", "a.example/x", "a b", "", "u@a.example", "127.0.0.1:1"])
def test_a_host_is_a_host(sfmint: CommandLine, host: str) -> None:
    assert sfmint("app", "show", "my-org", "--no-stack", f"--allow-host={host}").code == 2


def test_a_session_of_a_strange_host_is_not_sent(sfmint: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, SESSION)
    monkeypatch.setenv(URL, "https://evil.example")
    ended = sfmint("app", "show", "my-org", "--no-stack", "--json")
    assert ended.code == 1
    assert ended.document["error"]["name"] == "InvalidInstance"


def test_authorities_that_are_none_are_told(
    sfmint: CommandLine, monkeypatch: pytest.MonkeyPatch, write_file: WriteFile
) -> None:
    monkeypatch.setenv(TOKEN, SESSION)
    monkeypatch.setenv(URL, ORG_URL)
    ended = sfmint("app", "show", "my-org", "--no-stack", "--ca-bundle", write_file("ca.pem", "nothing"))
    assert "holds no certificates" in ended.cause
