"""Writes docs/app-create.md, a run of `sfmint app create` as it looks on a terminal: ``python tools/app_create_page.py``.

A real process at a pseudo-terminal, whose answers are typed when it asks. Its clock does not wait, and what differs from run to
run is replaced.
"""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.org.setup import rights
from sfmint_local.org.values import User

PAGE = Path(__file__).resolve().parent.parent / "docs/app-create.md"
TEMPLATE = Path(__file__).with_suffix(".template")
CONNECTION, USERNAME, ADMIN = "orders", "integration@acme.example", "admin@acme.example"
# The program as it is, with a clock that does not wait for the app to arrive.
PROGRAM = """
from sfmint_cli.broker_code import SystemClock
from sfmint_cli.main import program

class Hasty(SystemClock):
    def sleep(self, seconds): pass

program.main(prog_name="sfmint", obj=Hasty())
"""
SILENT_S = 120  # without a word, after which a run is given up
_END_OF_INPUT = 4  # Ctrl-D
_BOLD = re.compile(r"\x1b\[[0-9;]*m")
_SAME = {  # what differs from run to run, by its form; the org's id first, for consumer keys may begin like it
    r"\b00D\w{15}\b": "00Dxx0000000001EAA",
    r"\b3MVG[\w.]+": "3MVG9example",
    r"\b0Af\w{12,15}\b": "0Afxx0000000001AAA",
    r"\b0xI\w{12,15}\b": "0xIxx0000000001AAA",
    r"\b[0-9a-f]{16}\b": "0123456789abcdef",
    r"\blocalhost:\d+": "localhost:8443",
    r"\b127\.0\.0\.1:\d+": "127.0.0.1:4566",
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?Z?": "2026-11-28T10:42:00Z",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that is over.

    Attributes:
        shown: all that the terminal showed, what was typed too.
        code: the exit code.
    """

    shown: str
    code: int


def at_a_terminal(command: Sequence[str], environment: Mapping[str, str], answers: Mapping[str, str]) -> Run:
    """Run a program at a terminal of its own, and type an answer to each question that it asks.

    Args:
        command: the program and its arguments.
        environment: all of its variables.
        answers: what is typed, by the end of the question.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=dict(environment), start_new_session=True
    ) as process:
        os.close(theirs)
        try:
            shown = b"".join(_heard(ours, {end.encode(): text.encode() for end, text in answers.items()}))
        finally:
            os.close(ours)
            if process.poll() is None:
                process.terminate()
    return Run(shown=shown.decode().replace("\r\n", "\n"), code=process.wait())


def _heard(terminal: int, answers: Mapping[bytes, bytes]) -> Iterator[bytes]:
    """Yield what a program says until it ends; a question that has no answer is answered by Ctrl-D."""
    said = b""
    while select.select([terminal], [], [], SILENT_S)[0]:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the other side is closed
            return
        if not piece:
            return
        yield piece
        said = (said + piece)[-200:]
        if answer := next((text for end, text in answers.items() if said.rstrip(b" ").endswith(end)), None):
            os.write(terminal, answer + b"\n")
            said = b""
    os.write(terminal, bytes([_END_OF_INPUT]))


def create_at_a_terminal(stack: EmbeddedStack, connection: str, home: Path) -> Run:
    """Make the app of a connection that has none, as a person does, in the org of a local stack."""
    org = stack.org
    org.put_user(User(username=ADMIN, profile="System Administrator"))
    org.grant(ADMIN, rights.ADMINISTRATOR)
    org.put_user(User(username=USERNAME))
    was_sandbox = org.settings().is_sandbox
    org.change_settings(is_sandbox=True)
    environment = {
        **stack.environment(),
        "AWS_CONFIG_FILE": "/dev/null",
        "HOME": str(home),
        "NO_COLOR": "1",
        "PATH": os.environ["PATH"],
        "SFMINT_ADMIN_ACCESS_TOKEN": org.open_session(ADMIN),
        "SFMINT_ADMIN_INSTANCE_URL": org.url,
        "TERM": "xterm",
    }
    host = org.url.removeprefix("https://")
    command = [sys.executable, "-c", PROGRAM, "app", "create", connection]
    try:
        return at_a_terminal(
            [*command, "--username", USERNAME, "--allow-host", host], environment, {"Go on? [y/N]:": "y"}
        )
    finally:
        org.change_settings(is_sandbox=was_sandbox)


def transcript(run: Run, connection: str, home: Path) -> str:
    """Return what a run has shown, with the same values each time."""
    plain = _BOLD.sub("", run.shown).replace(str(home), "~")
    shown = re.sub(rf"\b{re.escape(connection)}\b", CONNECTION, plain)
    shown = shown.replace(connection.replace("-", "_"), CONNECTION)
    for form, same in _SAME.items():
        shown = re.sub(form, same, shown)
    return "\n".join(line.rstrip() for line in shown.strip().splitlines())


def page(shown: str) -> str:
    """Return the page around a transcript."""
    return TEMPLATE.read_text().replace("$TRANSCRIPT", shown)


def main() -> int:
    """Start a local stack, make the app, and write the page."""
    with EmbeddedStack(title="page", spare=(CONNECTION,)) as stack, tempfile.TemporaryDirectory() as home:
        stack.set_up()
        run = create_at_a_terminal(stack, CONNECTION, Path(home))
        print(run.shown)
        if run.code == 0:
            PAGE.write_text(page(transcript(run, CONNECTION, Path(home))))
        return run.code


if __name__ == "__main__":
    sys.exit(main())
