"""The local stack in the foreground: ``make local``."""

import argparse
import os
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sfmint_local import places
from sfmint_local.embedded_stack import EmbeddedStack, LocalConnection
from sfmint_local.errors import LocalStackError
from sfmint_local.interruption import INTERRUPTED, end_in_order

_READY = """
The local stack is ready. In another terminal:

  source {env}
  {python} -c '{code}'

A Lambda function of your own is next: examples/accounts-lambda. Logs are in {folder}. Ctrl-C ends everything.
"""
_INVOKE = """
import boto3, json
answer = json.load(boto3.client("lambda").invoke(FunctionName="{arn}")["Payload"])
answer.pop("access_token", None)
print(json.dumps(answer, indent=2))
"""


class _Progress:
    """Prints a line for each step, with the seconds that it took."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, name: str, line: str) -> None:
        now = time.monotonic()
        print(f"{now - self._last:5.1f} s  {name}: {line}", flush=True)
        self._last = now


def main() -> int:
    """Runs the local stack until Ctrl-C. Returns 130 then, and 1 where it could not start."""
    arguments = _arguments()
    end_in_order()
    stack = EmbeddedStack(
        *(LocalConnection(name) for name in arguments.connections),
        token_hosts=tuple(arguments.token_hosts),
        ca_bundle=arguments.ca_bundle,
    )
    try:
        with stack:
            stack.set_up(_Progress())
            with _env_file(stack, arguments.env_file):
                print(_instructions(stack, arguments), flush=True)
                stack.watch()
    except LocalStackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make local", description="The local stack in the foreground.")
    parser.add_argument("--connections", type=_words, default=["orders"], metavar="A,B", help="names; default orders")
    parser.add_argument("--token-hosts", type=_words, default=[], metavar="HOST:PORT", help="further token hosts")
    parser.add_argument("--ca-bundle", type=Path, metavar="PATH", help="authorities of those hosts, PEM")
    parser.add_argument("--env-file", type=Path, default=places.ENV_FILE, metavar="PATH", help="default .local/env")
    arguments = parser.parse_args()
    if not arguments.connections:
        parser.error("CONNECTIONS names no connection; name one, or leave it out")
    if arguments.ca_bundle and not arguments.ca_bundle.is_file():
        parser.error(f"there is no file {arguments.ca_bundle}; CA_BUNDLE must name a PEM file")
    return arguments


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _instructions(stack: EmbeddedStack, arguments: argparse.Namespace) -> str:
    return _READY.format(
        env=_shortest(arguments.env_file),
        python=_shortest(Path(sys.executable)),
        code=_INVOKE.format(arn=stack.functions.broker_arn(arguments.connections[0])),
        folder=_shortest(stack.folder),
    )


def _shortest(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def shell_text(variables: Mapping[str, str]) -> str:
    """Returns what a shell sources to have the variables, and after its own programs ours: the SAM CLI and sfmint."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    programs = ":".join(str(python.parent) for python in (places.SAM, Path(sys.executable)))
    return "\n".join([*lines, f'export PATH="$PATH":{shlex.quote(programs)}', ""])


@contextmanager
def _env_file(stack: EmbeddedStack, path: Path) -> Iterator[None]:
    """Keeps the stack's variables in a file for the block; another stack's, written meanwhile, are left alone."""
    text = shell_text(stack.environment())
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123 - with a mode
        file.write(text)
    try:
        yield
    finally:
        if path.exists() and path.read_text() == text:
            path.unlink()


if __name__ == "__main__":
    sys.exit(main())
