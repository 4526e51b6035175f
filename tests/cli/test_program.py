"""The program as a whole: help, JSON, exit codes, signals, pipes; as a process where that tells more."""

import ast
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

import cli_page
from adapters.peers import listening, silent
from cli.command_line import CommandLine, options
from conftest import pem_of
from read_template import ReadTemplate
from sfmint_cli import render
from sfmint_cli.main import SECTIONS, program
from sfmint_cli.options import NamedPath
from sfmint_cli.result import ByName, Failed, Report
from sfmint_values import connection_name

if TYPE_CHECKING:
    from conftest import KeyPair

ROOT = Path(__file__).parents[2]
HEAVY = ("boto3", "botocore", "cryptography", "jwt", "requests", "rich")
START = [sys.executable, "-c", "from sfmint_cli.main import main; main()"]
# As a person has it: what is written waits for the end.
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def process(*words: object, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*START, *map(str, words)], capture_output=True, text=True, timeout=60, check=False, **more)


def loaded_by(words: Sequence[str]) -> set[str]:
    """Return which of the heavy packages a command line has imported."""
    code = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print('LOADED', *[name for name in {HEAVY!r} if name in sys.modules]))\n"
        "from sfmint_cli.main import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=60, check=False)
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["--stack", "x", "-h"], ["nonsense"]])
def test_the_help_text_loads_nothing_heavy(words: list[str]) -> None:
    assert loaded_by(words) <= ({"rich"} if words == ["nonsense"] else set())


@pytest.mark.parametrize("words", cli_page.commands()[1:], ids=" ".join)
def test_the_help_text_of_a_command_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    assert loaded_by([*words, "--help"]) == set()


def test_the_page_shows_every_help_text_as_it_is() -> None:
    assert cli_page.PAGE.read_text() == cli_page.page(), "run: make docs"


@pytest.mark.parametrize("words", cli_page.commands(), ids=" ".join)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_has_help(sfmint: CommandLine, words: tuple[str, ...], flag: str) -> None:
    ended = sfmint(*words, flag)
    assert ended.code == 0
    assert ended.stdout.startswith("Usage: sfmint")


def test_the_commands_stand_in_the_order_of_use(sfmint: CommandLine) -> None:
    text = sfmint("--help").stdout
    places = [text.index(f"\n{section}:") for section in SECTIONS]
    assert places == sorted(places)
    for commands in SECTIONS.values():
        for name, line in commands.items():
            command = program.get_command(click.Context(program), name)
            assert command is not None
            assert (command.help or "").partition("\n")[0] == line


def test_the_version_is_the_distributions(sfmint: CommandLine) -> None:
    assert sfmint("--version").stdout.startswith("sfmint 0.")


@pytest.mark.parametrize("words", [[], ["keys"], ["connection"]])
def test_a_command_line_that_names_no_command_gets_help_and_is_wrong(sfmint: CommandLine, words: list[str]) -> None:
    ended = sfmint(*words)
    assert (ended.code, ended.stdout) == (2, "")
    assert "Usage: sfmint" in ended.stderr
    assert sfmint("--json", *words).document["error"]["cause"] == "Missing command."


@pytest.mark.parametrize("words", [["nonsense"], ["keys", "new"], ["keys", "new", "x", "--no-such-option"]])
def test_a_wrong_command_line_is_told_in_two_lines(sfmint: CommandLine, words: list[str]) -> None:
    ended = sfmint(*words)
    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 2
    assert "--help" in ended.remedy
    assert sfmint("--json", *words).document["error"]["name"] == "UsageError"


@pytest.mark.parametrize("option", ["--stack", "--profile", "--region"])
@pytest.mark.parametrize("value", ["", " ", "x" * 256])
def test_an_option_without_a_value_of_use_is_named(sfmint: CommandLine, option: str, value: str) -> None:
    for words in ([option, value, "token", "my-org"], ["token", "my-org", option, value]):
        ended = sfmint(*words)
        assert (ended.code, f"'{option}'" in ended.cause) == (2, True)
        assert "xxx" not in ended.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("login", "--consumer-key", "k", "--username", "u", "--token-host", "https://a.my.salesforce.com", "--key"),
        ("keys", "new", "orders", "--out"),
        ("keys", "check"),
    ],
    ids=" ".join,
)
def test_a_key_in_place_of_its_file_is_not_shown_again(
    sfmint: CommandLine, key_pair: "KeyPair", words: tuple[str, ...]
) -> None:
    sfmint.keys.add(key_pair.pem)
    for flags in ((), ("--json",)):
        ended = sfmint(*flags, *words, key_pair.pem)
        assert ended.code == 2
        assert "no path" in ended.stdout + ended.stderr or "No such option" in ended.stdout + ended.stderr


def test_exit_codes_are_the_processes_own(tmp_path: Path) -> None:
    assert process("--help").returncode == 0
    assert process("explain", "hello").returncode == 1
    assert process("explain").returncode == 2


def test_a_fault_of_our_own_is_one_line_without_its_words(sfmint: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    sfmint.phrases.add("canary")

    @click.command("explain")
    def broken() -> Report:
        raise RuntimeError("canary")

    monkeypatch.setattr("sfmint_cli.commands.explain.command", broken)
    ended = sfmint("explain")
    assert ended.code == 1
    assert ended.cause.startswith("sfmint met a fault of its own: RuntimeError at test_program:")
    assert "sfmint --version" in ended.remedy
    assert sfmint("explain", "--json").code == 2  # the broken one takes no options


class Panic(BaseException):
    """As an extension in Rust raises it: no `Exception`."""


@pytest.mark.parametrize("kind", [ValueError, RecursionError, MemoryError, Panic])
def test_a_fault_of_our_own_is_one_document_for_a_program(
    sfmint: CommandLine, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    sfmint.phrases.add("canary")

    @click.command("explain")
    def broken() -> Report:
        raise kind("canary")

    monkeypatch.setattr("sfmint_cli.commands.explain.command", broken)
    ended = sfmint("--json", "explain")
    assert ended.code == 1
    assert ended.document["error"]["name"] == "InternalError"
    assert ended.document["error"]["cause"].startswith(f"sfmint met a fault of its own: {kind.__name__} at ")
    assert ended.stderr == ""


def test_control_letters_of_others_do_not_reach_the_terminal(
    sfmint: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command("explain")
    def hostile() -> Report:
        return Report(facts={"scope": "a\x1b[31mb\nc", "list": ["x\ry z"]}, next_step="d\x1b]0;e\x07")

    monkeypatch.setattr("sfmint_cli.commands.explain.command", hostile)
    ended = sfmint("explain")
    assert "\x1b" not in ended.stdout + ended.stderr
    assert "scope  a?[31mb?c" in ended.stdout


def test_interrupting_it_ends_with_130_and_no_traceback(tmp_path: Path, key_pair: "KeyPair") -> None:
    key = tmp_path / "my.key"
    key.write_text(key_pair.pem)
    with listening(silent) as port:
        given = {"key": key, "consumer_key": "k", "username": "u", "token_host": f"https://localhost:{port}"}
        child = subprocess.Popen(
            [*START, "login", *options(given)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        with child:
            assert child.stderr is not None
            while "Asking" not in child.stderr.readline():
                assert child.poll() is None
            child.send_signal(signal.SIGINT)
            said = child.stderr.read()
    assert child.returncode == 130
    assert "Traceback" not in said
    assert "error: Interrupted." in said


def test_an_interrupt_while_the_result_is_shown_ends_likewise(
    sfmint: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow:
        def __str__(self) -> str:
            raise KeyboardInterrupt

    @click.command("explain")
    def slow() -> Report:
        return Report(facts={"slow": Slow()})

    monkeypatch.setattr("sfmint_cli.commands.explain.command", slow)
    assert sfmint("explain").code == 130


@pytest.mark.parametrize("words", [["--help"], ["explain", "invalid_client"], ["explain", "invalid_client", "--json"]])
def test_a_reader_that_hangs_up_is_no_event(words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*START, *words],
            stdout=writing,
            stderr=subprocess.PIPE,
            env=BUFFERED,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the /dev/full of Linux")
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_full_disk_is_told(flags: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*START, "explain", "invalid_client", *flags],
            stdout=full,
            stderr=subprocess.PIPE,
            env=BUFFERED,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("error: The result cannot be written: No space left on device.\nremedy: ")
    assert "Traceback" not in done.stderr


def test_a_letter_that_the_terminal_lacks_is_escaped(tmp_path: Path) -> None:
    folder = tmp_path / "caf\N{LATIN SMALL LETTER E WITH ACUTE}"
    folder.mkdir()
    done = process("keys", "new", "orders", "--out", folder, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "caf\\xe9/orders.key" in done.stdout


def on_a_terminal(*words: object, typed: bytes = b"", **environment: str) -> bytes:
    """Run a command line with a terminal on all three sides, and return what it shows."""
    controller, terminal = pty.openpty()
    more = {"TERM": "xterm-256color"} | environment
    base = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        [*START, *map(str, words)], stdin=terminal, stdout=terminal, stderr=terminal, env=base | more
    ):
        os.close(terminal)
        os.write(controller, typed)
        shown = b""
        while data := _read(controller):
            shown += data
    os.close(controller)
    return shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other side is closed
        return b""


def test_there_is_colour_on_a_terminal_only_and_none_where_nobody_wants_it() -> None:
    assert b"\x1b[" in on_a_terminal("explain", "hello")
    assert b"\x1b[1;31m" not in on_a_terminal("explain", "hello", NO_COLOR="1")
    assert "\x1b" not in process("explain", "hello").stderr


def test_a_passphrase_typed_on_a_terminal_is_not_echoed(tmp_path: Path, key_pair: "KeyPair") -> None:
    (tmp_path / "a.key").write_text(pem_of(key_pair.key, passphrase="correct horse"))
    (tmp_path / "a.crt").write_text(key_pair.certificate)
    controlling = [sys.executable, "-c", "import pty, sys; pty.spawn(sys.argv[1:])", *START]
    child = subprocess.Popen(
        [*controlling, "keys", "check", str(tmp_path / "a.key"), str(tmp_path / "a.crt")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdin is not None
        assert child.stdout is not None
        shown = b""
        while b"Passphrase of" not in shown:
            shown += os.read(child.stdout.fileno(), 65536)
        child.stdin.write(b"correct horse\n")
        child.stdin.flush()
        while data := os.read(child.stdout.fileno(), 65536):
            shown += data
    assert b"key id" in shown
    assert b"horse" not in shown


def test_no_option_takes_the_text_of_a_secret() -> None:
    for words in cli_page.commands():
        command: click.Command = program
        for word in words:
            assert isinstance(command, click.Group)
            command = command.get_command(click.Context(command), word) or command
        secret = [param for param in command.params if re.search("key$|pass|token$|secret", param.name or "")]
        taken = {param.name for param in secret if not isinstance(param.type, NamedPath)}
        # An app's client id stands in every assertion; the other is an ARN. Neither is a secret.
        assert taken <= {"consumer_key", "other_consumer_key", "kms_key"}


def test_only_the_listed_modules_reveal() -> None:
    revealing = {
        source.name
        for source in (ROOT / "cli").rglob("*.py")
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "reveal"
    }
    # What files and other sources hold is looked at, and goes into the secret; an assertion is shown with --show.
    assert revealing == {"key_file.py", "piece.py", "assertion.py"}


def test_json_is_one_document_whatever_the_terminal() -> None:
    done = process("explain", "invalid_client", "--json")
    assert json.loads(done.stdout)["reason"] == "unknown_client"
    assert done.stderr == ""


def test_a_connections_name_obeys_the_templates_rule() -> None:
    template = ReadTemplate.unrolled(ROOT / "template.yaml", "my-org")
    pattern = template.parameters["Connections"]["AllowedPattern"]
    assert pattern == f"^(?!admin-){connection_name.PATTERN}$"  # names that begin so have a parameter of their own


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("sfmint f", {"flush"}),
        ("sfmint connection ", {"add", "allow"}),
        ("sfmint connection add --roll", {"--rollback"}),
        ("sfmint --stack x re", {"refresh"}),
    ],
)
def test_a_shell_completes_commands_and_options(typed: str, offered: set[str]) -> None:
    asked = {"_SFMINT_COMPLETE": "zsh_complete", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split(" ")) - 1)}
    done = process(env=os.environ | asked)
    assert done.returncode == 0
    assert set(done.stdout.split("\n")) & {"flush", "add", "allow", "--rollback", "refresh", "token"} == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_shell_gets_what_it_reads_at_its_start(shell: str) -> None:
    done = process(env=os.environ | {"_SFMINT_COMPLETE": f"{shell}_source"})
    assert (done.returncode, "_SFMINT_COMPLETE" in done.stdout) == (0, True)
    assert f"{shell}_source" in cli_page.PAGE.read_text()


@pytest.mark.parametrize(
    ("message", "cause", "remedy"),
    [
        ("It fails. Look there.", "It fails.", "Look there."),
        ('It said: "No. Not here.". Look there.', 'It said: "No. Not here.".', "Look there."),
        ('It said "a. b" and "c. d". Look. Twice.', 'It said "a. b" and "c. d".', "Look. Twice."),
        ('A size of 5". Look there.', 'A size of 5".', "Look there."),
        ("It fails.", "It fails.", "See `sfmint explain Name`."),
        ("v67.0 is new. Look.", "v67.0 is new.", "Look."),
    ],
)
def test_a_function_s_message_is_told_as_cause_and_remedy(message: str, cause: str, remedy: str) -> None:
    failed = Failed.told("Name", message)
    assert (failed.cause, failed.remedy) == (cause, remedy)


def test_names_that_others_gave_are_shown_as_they_are_spelt(capsys: pytest.CaptureFixture[str]) -> None:
    render.report({"permission_sets": ByName({"my_orders_access": {"opens_the_app": True}}), "differences": {}})
    assert capsys.readouterr().out.split("\n") == [
        "permission sets",
        "  my_orders_access",
        "    opens the app  yes",
        "differences  none",
        "",
    ]
