"""Deploys, puts back, prunes and removes a stack: ``python tools/deploy.py deploy --env default``.

The exit code is 0 if it is done, 1 if it was begun and has failed, 2 for a mistake on the command line, 3 if a check or
the person has stopped it and nothing is changed, 130 if it was interrupted.
"""

import argparse
import signal
import sys
import time
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from deploying import artefact, commands
from deploying.aws import in_words
from deploying.commands import Job
from deploying.console import terminal
from deploying.errors import Failed, Refused
from samconfig import Environment, UnusableConfig, parse_parameters, split_words

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 3, 130


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    parser, began = _parser(), time.monotonic()
    words = parser.parse_args(arguments)
    try:
        parameters = parse_parameters([*getattr(words, "words", []), *split_words(getattr(words, "parameters", ""))])
    except UnusableConfig as error:
        parser.error(str(error))
    try:
        _run(words, parameters)
    except (Refused, UnusableConfig) as error:
        return _told(error, REFUSED)
    except Failed as error:
        return _told(error, FAILED)
    except (ClientError, BotoCoreError) as error:
        return _told(in_words(error), FAILED)
    except KeyboardInterrupt:
        return _told("interrupted. CloudFormation finishes what it has begun; run this again.", INTERRUPTED)
    print(f"took {time.monotonic() - began:.0f} s")
    return DONE


def _run(words: argparse.Namespace, parameters: dict[str, str]) -> None:
    target = Environment.read(artefact.ROOT / "samconfig.toml", words.env)
    job = Job(
        target=target,
        env=words.env,
        console=terminal(agreed=words.confirm == "no" or not target.asks),
        parameters=parameters,
        removed=[name.strip() for name in getattr(words, "remove", "").split(",") if name.strip()],
        plan=words.plan,
        sam=words.sam,
    )
    match words.command:
        case "preflight":
            checked = commands.preflight(job)
            print(f"nothing stands against it. Build for {checked.values['Architecture']}.")
        case "deploy":
            commands.deploy(job, builds=words.build)
        case "rollback":
            commands.rollback(job)
        case "prune":
            commands.prune(job)
        case _:
            commands.remove(job)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deploy.py", description="Deploy, put back, prune or remove a stack.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    shared.add_argument("--env", default="default", help="environment of samconfig.toml (default: default)")
    shared.add_argument("--plan", action="store_true", help="show what would change, and change nothing")
    shared.add_argument(
        "--confirm", default="yes", choices=["yes", "no"], help="no: do it without asking (default: yes)"
    )
    shared.add_argument("--sam", type=Path, default=artefact.SAM, help="the SAM CLI (default: the one of make setup)")
    listing = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    listing.add_argument("--remove", default="", metavar="NAMES", help="connections that may go, separated by commas")
    giving = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    giving.add_argument("words", nargs="*", metavar="Name=value", help="a parameter of template.yaml")
    giving.add_argument("--parameters", default="", metavar="TEXT", help="several of them, quoted as for a shell")
    subparsers.add_parser("preflight", parents=[shared, listing, giving], help="check a deploy, and build nothing")
    deploy = subparsers.add_parser("deploy", parents=[shared, listing, giving], help="deploy, and ask every function")
    deploy.add_argument("--build", action="store_true", help="build after the checks have passed")
    subparsers.add_parser("rollback", parents=[shared, listing], help="put back the build before the present one")
    subparsers.add_parser("prune", parents=[shared], help="delete old versions of functions and client layer")
    subparsers.add_parser("remove", parents=[shared], help="remove the stack, and name what stays")
    return parser


def _told(error: object, code: int) -> int:
    print(f"error: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a pipeline's end clears up as Ctrl-C does
    sys.exit(main())
