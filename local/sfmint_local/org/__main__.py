"""The program: ``python -m sfmint_local.org --state DIR [--port N]``, and commands to a running one."""

import argparse
import signal
import sys
import time
from pathlib import Path

from sfmint_local.org import commands
from sfmint_local.org.server import OrgServer


def main() -> int:
    """Serve until SIGTERM or Ctrl-C, or carry out a command. Returns 0, or 1 where that could not be done."""
    parser = argparse.ArgumentParser(prog="python -m sfmint_local.org", description="The embedded Salesforce org.")
    parser.add_argument("--state", type=Path, help="directory for ca.pem and org.json")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0, the default, takes a free one")
    commands.add_to(parser)
    arguments = parser.parse_args()
    if arguments.command:
        return commands.carry_out(arguments)
    if arguments.state is None:
        parser.error("--state is missing: name the directory of the org that shall start")
    return _serve(arguments)


def _serve(arguments: argparse.Namespace) -> int:
    # Werkzeug ends a server in order on KeyboardInterrupt: SIGTERM becomes one too, and SIGINT even in the background.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        server = OrgServer(state=arguments.state, port=arguments.port, clock=time.time, log=_log)
        print(f"embedded Salesforce org: {server.announcement.url} (authority: {server.announcement.ca})", flush=True)
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        print(f"error: the org cannot start: {error}. Choose another --port or --state.", file=sys.stderr)
        return 1
    return 0


def _log(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
