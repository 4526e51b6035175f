"""The program `sfmint`: its commands, by what a person is about to do, and how each run ends."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from traceback import extract_tb
from typing import Any, NoReturn

import click

from sfmint.errors import SfmintError
from sfmint_cli import render
from sfmint_cli.options import global_options
from sfmint_cli.result import Failed, Report
from sfmint_setup.errors import SetupError
from sfmint_values.exits import EXITS
from sfmint_values.redaction import redacted

SECTIONS = {
    "Start": {
        "app": "Make a connection's app in Salesforce, or look at it.",
        "keys": "Make and check key pairs.",
        "login": "Log in once without AWS, and explain each step.",
        "connection": "Store, show and retire connections, limit their requests.",
    },
    "Use": {
        "exec": "Run a command that finds a fresh token in its environment.",
        "token": "Get a connection's token and show what is known of it.",
        "request": "Send one REST request, and print what Salesforce answers.",
        "assertion": "Show the assertion that a login sends, without a login.",
    },
    "Understand": {
        "status": "Show how all connections are, or one.",
        "doctor": "Check a connection, and say of each fault its cause and its remedy.",
        "why": "Say why a token was refused, or a call failed.",
        "explain": "Say the cause and the remedy of a pasted error.",
    },
    "Look after": {
        "rotate": "Give a connection a new key, by hand or by itself.",
        "refresh": "Have the stack log in, if a login is due.",
        "flush": "Drop a connection's token, and any remembered failure.",
        "taint": "Bar a key that has leaked, for good.",
    },
}
LONGEST_USAGE = 400  # characters of a message of Click's
OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130  # 130: as a shell counts SIGINT


class Program(click.Group):
    """The group of all commands, each imported when it is called: `sfmint --help` loads none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Return the names in the order of the sections."""
        return [name for commands in SECTIONS.values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"sfmint_cli.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the sections of the help text."""
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))

    def main(self, args: Sequence[str] | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Run a command line and exit: 0 done, 1 a finding or failure, 2 a wrong command line, 130 interrupted."""
        given = sys.argv[1:] if args is None else list(args)
        ending = _Ending(as_json="--json" in _own(given))
        try:
            _write_any_letter()
            code = ending.show(self._outcome(given, extra))
            sys.stdout.flush()  # here, and not at exit, where nobody can tell of a fault
        except BrokenPipeError:  # the reader has gone, and wants to hear no more
            _hang_up()
            code = FAILED
        except OSError as error:
            _hang_up()
            render.complain(f"The result cannot be written: {error.strerror}.", "Make room, or write it elsewhere.")
            code = FAILED
        except KeyboardInterrupt:
            code = INTERRUPTED
        sys.exit(code)

    def _outcome(self, args: list[str], extra: dict[str, Any]) -> object:
        """Return a report, an exit code of Click's, or what went wrong."""
        try:
            return super().main(args, **{**extra, "standalone_mode": False})
        except (Failed, SetupError, SfmintError, click.ClickException, click.Abort) as error:
            return error
        except EXITS:
            raise
        except BaseException as error:  # noqa: BLE001 - the last line of defence: a foreign error may quote a secret
            return _fault(error)


class _Ending:
    """Shows how a run has ended.

    Args:
        as_json: whether results are for a program.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def show(self, outcome: object) -> int:
        """Show it and return the exit code."""
        match outcome:
            case Report():
                self._show(outcome)
                if outcome.next_step and not self._as_json:
                    render.advise(outcome.next_step)
                return OK
            case Failed():
                return self._fail(outcome, outcome.exit_code)
            case SfmintError():
                return self._fail(Failed(outcome.cause, remedy=outcome.remedy, name=type(outcome).__name__))
            case SetupError():
                return self._fail(Failed(outcome.cause, remedy=outcome.remedy, name=outcome.name))
            case click.exceptions.NoArgsIsHelpError() if not self._as_json:
                outcome.show()
                return USAGE
            case click.ClickException():
                return self._fail(_of_click(outcome), outcome.exit_code)
            case click.Abort():
                failed = Failed(
                    "Interrupted.", remedy="Run it again; what was done until then stands.", name="Interrupted"
                )
                return self._fail(failed, INTERRUPTED)
            case int():  # --help, --version
                return outcome
            case _:
                return OK

    def _show(self, outcome: Report | Failed) -> None:
        if self._as_json:
            render.document(outcome.facts)
        elif outcome.shown:
            render.lines(outcome.shown)
        else:
            render.report(outcome.facts)

    def _fail(self, failed: Failed, code: int = FAILED) -> int:
        if self._as_json:
            render.document(failed.to_facts())
        else:
            self._show(failed)
            render.complain(failed.cause, failed.remedy)
        return code


def _of_click(error: click.ClickException) -> Failed:
    context = getattr(error, "ctx", None)
    place = context.command_path if context else "sfmint"
    missing = isinstance(error, click.exceptions.NoArgsIsHelpError)
    # It quotes the command line, into which a token may have been pasted.
    cause = "Missing command." if missing else redacted(error.format_message(), LONGEST_USAGE)
    return Failed(cause, remedy=f"See `{place} --help`.", name="UsageError")


def _own(words: list[str]) -> list[str]:
    """Return the words of a command line that are for sfmint: those after -- are another program's."""
    return words[: words.index("--")] if "--" in words else words


def _fault(error: BaseException) -> Failed:
    place = extract_tb(error.__traceback__)[-1]
    failed = Failed(
        f"sfmint met a fault of its own: {type(error).__name__} at {Path(place.filename).stem}:{place.lineno}.",
        remedy="Report this line with what `sfmint --version` prints to sfmint's maintainers.",
        name="InternalError",
    )
    failed.exit_code = getattr(error, "exit_code", FAILED)
    return failed


def _write_any_letter() -> None:
    """Escape what the terminal's encoding lacks: a path or a user's name may hold anything."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _print_version(context: click.Context, _: click.Parameter, asked: object) -> None:
    if asked:
        click.echo(f"sfmint {version('sfmint')}")
        context.exit()


program = Program(
    "sfmint",
    params=[
        *global_options(),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Show the version.",
        ),
    ],
    help="Salesforce access tokens from a key in AWS.",
    epilog="""\b
    First time: sfmint app create NAME --username USER.  In trouble: sfmint doctor NAME.
    The options above may also stand after the command.
    Exit: 0 ok, 1 finding or failure, 2 usage, 130 interrupted.""",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)


def _open_closed_streams() -> None:
    """Open what the caller has closed (`>&-`) as Python expects it: nothing is read there, and talk is lost.

    A result is not: stdout cannot be written, and the run fails with that.
    """
    for number, name, way in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)  # the lowest number that is free
            setattr(sys, name, open(number, way, closefd=False))  # noqa: SIM115 - for as long as the process lives


def _hang_up() -> None:
    """Drop what could not be written: Python would try it again at exit, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> NoReturn:
    """Run the process's command line."""
    _open_closed_streams()
    program.main(prog_name="sfmint")
