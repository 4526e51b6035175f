"""`sfmint exec`, as a process of its own: it is replaced by the command."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import CommandLine
from cli.test_token import ANSWER, TOKEN
from lambda_service import DENIED, LambdaService, alias_arn
from sfmint_local import places

SFMINT = [sys.executable, "-c", "from sfmint_cli.main import main; main()"]
SHOW = "import json, os, sys; json.dump(dict(os.environ), sys.stdout)"
URL = "https://acme.my.salesforce.com"

type Exec = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def broker(lambda_service: LambdaService, monkeypatch: pytest.MonkeyPatch) -> LambdaService:
    monkeypatch.setenv("SFMINT_STACK", "acme")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    lambda_service.parameters["/sfmint/acme/connections/my-org/broker"] = alias_arn()
    lambda_service.broker = lambda _arn, _event: ANSWER
    return lambda_service


@pytest.fixture
def run(broker: LambdaService) -> Exec:
    """Run a command line of exec to its end."""

    def call(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        env = {**os.environ, **environment}
        return subprocess.run([*SFMINT, "exec", *words], capture_output=True, env=env, check=False, cwd=places.ROOT)

    return call


def test_the_command_finds_the_token_and_where_it_may_be_used(run: Exec) -> None:
    given = {"SFMINT_ADMIN_ACCESS_TOKEN": "admin", "SF_TARGET_ORG": "another-org", "KEPT": "as it was"}
    ended = run("my-org", "--", sys.executable, "-c", SHOW, **given)
    found: dict[str, str] = json.loads(ended.stdout)
    tokens = {"SF_ACCESS_TOKEN", "SALESFORCE_ACCESS_TOKEN", "SF_TARGET_ORG"}
    assert {name for name, value in found.items() if value == TOKEN} == tokens
    urls = {"SF_INSTANCE_URL", "SALESFORCE_INSTANCE_URL", "SF_ORG_INSTANCE_URL"}
    assert {name for name, value in found.items() if value == URL} == urls
    assert not [name for name in found if name.startswith("SFMINT_ADMIN_")]
    assert (found["KEPT"], found["SFMINT_STACK"]) == ("as it was", "acme")
    said = ended.stderr.decode()
    assert "is not renewed" in said
    assert "/proc" in said
    assert TOKEN not in said


@pytest.mark.parametrize("code", [0, 1, 2, 3, 125, 255])
def test_the_commands_exit_code_passes(run: Exec, code: int) -> None:
    assert run("my-org", "--", sys.executable, "-c", f"raise SystemExit({code})").returncode == code


def test_a_signal_reaches_the_command_itself(broker: LambdaService) -> None:
    script = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(42))\n"
        "print(os.getpid(), signal.getsignal(signal.SIGPIPE).name, flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [*SFMINT, "exec", "my-org", "--", "sh", "-c", 'exec "$0" -c "$1"', sys.executable, script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=places.ROOT) as process:
        assert process.stdout
        assert process.stdout.readline().split()[0] == str(process.pid).encode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 42


def test_the_command_begins_with_the_signals_that_every_program_has(run: Exec) -> None:
    # Bit 13 of SigIgn: SIGPIPE, which Python ignores and hands on.
    ended = run("my-org", "--", "sed", "-n", "s/^SigIgn:[[:space:]]*//p", "/proc/self/status")
    assert int(ended.stdout, 16) & (1 << (signal.SIGPIPE - 1)) == 0


def test_words_of_the_command_are_its_own(run: Exec) -> None:
    ended = run("my-org", "--", "printf", "%s|", "--json", "--stack", "a b", "--", "-h")
    assert ended.stdout == b"--json|--stack|a b|--|-h|"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("my-org", "--", "no-such-program-anywhere"), 127),
        (("my-org", "--", "./no/such/program"), 127),
        (("my-org", "--", "/etc/hostname"), 126),
        (("my-org", "--", "/etc"), 126),
        (("my-org",), 125),
        (("my-org", "--", ""), 127),
        (("my-org", "--min-ttl", "3600", "--", "true"), 125),
    ],
)
def test_what_goes_wrong_before_the_command_has_a_code_of_its_own(run: Exec, words: tuple[str, ...], code: int) -> None:
    ended = run(*words)
    assert ended.returncode == code
    assert b"error" in ended.stderr + ended.stdout
    assert TOKEN.encode() not in ended.stderr + ended.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("my-org", "--"),
        ("my-org", "true"),
        ("my-org", "printenv", "-0"),
        ("my-org", "ls", "--stack", "acme"),
        ("my-org", "git", "log", "--", "file"),
        ("my-org", "--min-ttl", "60", "true"),
        ("No_Name", "--", "true"),
        ("my-org", "--json", "--", "true"),
        ("my-org", "--min-ttl", "x", "--", "true"),
    ],
)
def test_words_that_are_wrong_have_that_code_too(
    sfmint: CommandLine, broker: LambdaService, words: tuple[str, ...]
) -> None:
    ended = sfmint("exec", *words)
    assert ended.code == 125
    assert "error" in ended.stderr + ended.stdout
    assert broker.invocations == []


def test_a_forgotten_separator_is_named_and_nothing_runs(run: Exec) -> None:
    for words in (("my-org", "printenv", "-0"), ("my-org", "git", "log", "--", "file")):
        assert b"Write -- before the command" in run(*words).stderr


@pytest.mark.parametrize(
    "words",
    [("my-org", "--min-ttl", "60", "--"), ("--min-ttl=60", "my-org", "--"), ("my-org", "--stack", "acme", "--")],
)
def test_options_stand_before_the_separator_in_any_place(run: Exec, words: tuple[str, ...]) -> None:
    assert run(*words, "echo", "ran").stdout == b"ran\n"


def test_a_script_whose_interpreter_is_missing_is_told_from_a_missing_script(run: Exec, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o700)
    ended = run("my-org", "--", str(script))
    assert ended.returncode == 126
    assert b"what should run it is not there" in ended.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_stays_the_commands_own_affair(
    broker: LambdaService, tmp_path: Path, closed: str
) -> None:
    script = f'exec "$@" {closed}'
    command = ["sh", "-c", script, "sh", *SFMINT, "exec", "my-org", "--", "sh", "-c", f"echo ran > {tmp_path / 'ran'}"]
    ended = subprocess.run(command, capture_output=True, check=False, cwd=places.ROOT)
    assert ended.returncode == 0
    assert b"Traceback" not in ended.stderr
    assert (tmp_path / "ran").read_text() == "ran\n"


def test_a_result_that_nobody_can_read_is_a_failure(broker: LambdaService) -> None:
    command = ["sh", "-c", 'exec "$@" >&-', "sh", *SFMINT, "token", "my-org"]
    ended = subprocess.run(command, capture_output=True, check=False, cwd=places.ROOT)
    assert ended.returncode == 1
    assert ended.stderr.endswith(b"remedy: Make room, or write it elsewhere.\n")
    assert b"Traceback" not in ended.stderr


def test_a_token_that_is_too_short_is_not_handed_on(sfmint: CommandLine, broker: LambdaService) -> None:
    broker.broker = lambda _arn, _event: ANSWER | {"expires_in": 90, "min_ttl_applied": 90}
    ended = sfmint("exec", "my-org", "--min-ttl", "300", "--", "echo", "ran")
    assert (ended.code, ended.stdout) == (125, "")
    assert "has 90 s left" in ended.stderr


@pytest.mark.parametrize("answer", [DENIED, {"errorType": "AssertionRejected", "errorMessage": "No. Look."}])
def test_without_a_token_nothing_runs(sfmint: CommandLine, broker: LambdaService, answer: Any) -> None:
    broker.broker = lambda _arn, _event: answer
    ended = sfmint("exec", "my-org", "--", "echo", "ran")
    assert (ended.code, ended.stdout) == (125, "")
    assert "remedy: " in ended.stderr


def test_its_help_says_the_codes(sfmint: CommandLine) -> None:
    text = sfmint("exec", "--help").stdout
    assert all(code in text for code in ("125", "126", "127"))
    assert len(text.splitlines()) <= 40


def test_a_file_in_the_folder_is_no_program_of_path(run: Exec, tmp_path: Path) -> None:
    assert run("my-org", "--", "pyproject.toml").returncode == 127
