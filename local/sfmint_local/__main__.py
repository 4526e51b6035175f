"""The local stack in the foreground: ``make local``."""

import argparse
import os
import sys
import time
from pathlib import Path

from deploying.errors import Refused
from sfmint_local import artefact, env_file, places
from sfmint_local.embedded_stack import EmbeddedStack, LocalConnection
from sfmint_local.env_file import EnvFile
from sfmint_local.errors import LocalStackError
from sfmint_local.interruption import INTERRUPTED, end_in_order

_READY = """
The local stack is ready. In another terminal:

  source {env}
  sfmint token {connection}
  sfmint login --key "$SFMINT_ORG_KEY" --consumer-key "$SFMINT_ORG_CONSUMER_KEY" --username "$SFMINT_ORG_USERNAME" --token-host "$SFMINT_ORG_URL" --ca-bundle "$SFMINT_ORG_CA"

A Lambda function of your own is next: examples/accounts-lambda. Ctrl-C ends everything; until then logs are in {folder}.
"""


def main() -> int:
    """Run the local stack until Ctrl-C. Returns 130 then, and 1 where it could not start."""
    arguments = _arguments()
    end_in_order()
    stack = EmbeddedStack(
        *(LocalConnection(name) for name in arguments.connections),
        token_hosts=tuple(arguments.token_hosts),
        ca_bundle=arguments.ca_bundle,
    )
    try:
        with arguments.env_file.held(), stack:
            _set_up(stack)
            arguments.env_file.write({**stack.environment(), **stack.login_variables(arguments.connections[0])})
            print(_instructions(stack, arguments), flush=True)
            stack.watch()
    except LocalStackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _set_up(stack: EmbeddedStack) -> None:
    """Run all steps. The name of each is printed before it, the seconds that it took and its line after it."""
    for step in stack.steps():
        print(f"{step.name} ... ", end="", flush=True)
        began = time.monotonic()
        try:
            line = step.run()
        finally:
            print(f"{time.monotonic() - began:.1f} s", flush=True)
        print(f"  {line}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make local", description="The local stack in the foreground.")
    parser.add_argument("--connections", type=_words, default=["orders"], metavar="A,B", help="names; default orders")
    parser.add_argument("--token-hosts", type=_words, default=[], metavar="HOST:PORT", help="further token hosts")
    parser.add_argument("--ca-bundle", type=Path, metavar="PATH", help="authorities of those hosts, PEM")
    parser.add_argument(
        "--env-file",
        type=_env_file,
        default=os.environ.get(env_file.VARIABLE) or str(places.ENV_FILE),
        metavar="PATH",
        help=f"what another terminal sources; default {env_file.VARIABLE}, or .local/env",
    )
    arguments = parser.parse_args()
    if not arguments.connections:
        parser.error("CONNECTIONS names no connection; name one, or leave it out")
    try:
        artefact.check_names(arguments.connections)
    except Refused as error:
        parser.error(str(error))
    if arguments.ca_bundle and not arguments.ca_bundle.is_file():
        parser.error(f"there is no file {arguments.ca_bundle}; CA_BUNDLE must name a PEM file")
    return arguments


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _env_file(path: str) -> EnvFile:
    return EnvFile(Path(path))


def _instructions(stack: EmbeddedStack, arguments: argparse.Namespace) -> str:
    return _READY.format(
        env=_shortest(arguments.env_file.path),
        connection=arguments.connections[0],
        folder=_shortest(stack.folder),
    )


def _shortest(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    sys.exit(main())
