"""The program that takes this one's place, with a token in its environment."""

import os
import shutil
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import NoReturn

from sfmint_cli.result import Failed
from sfmint_client.access_token import AccessToken

# ruff: noqa: TID251 - the environment is handed on
NOT_EXECUTABLE, NOT_FOUND = 126, 127  # exit codes as those of env, nohup and timeout (POSIX)
# The last is what the sf CLI goes by: it takes a token for an org, and without it asks the person's own default org
# (Salesforce DX Developer Guide, Use an Existing Access Token).
TOKEN_NAMES = ("SF_ACCESS_TOKEN", "SALESFORCE_ACCESS_TOKEN", "SF_TARGET_ORG")
# What the sf CLI, libraries and the sf CLI's own configuration call it.
URL_NAMES = ("SF_INSTANCE_URL", "SALESFORCE_INSTANCE_URL", "SF_ORG_INSTANCE_URL")
OF_ADMINISTRATORS = "SFMINT_ADMIN_"  # an administrator's session is nobody else's
# Python ignores these, and what a process ignores its successor ignores too.
_IGNORED = ("SIGPIPE", "SIGXFSZ", "SIGXFZ")


def environment_of(token: AccessToken, given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the program.

    Args:
        token: what it may use.
        given: this process's.
    """
    kept = {name: value for name, value in given.items() if not name.startswith(OF_ADMINISTRATORS)}
    tokens = dict.fromkeys(TOKEN_NAMES, token.access_token)
    return {**kept, **tokens, **dict.fromkeys(URL_NAMES, token.instance_url)}


def become(command: tuple[str, ...], token: AccessToken) -> NoReturn:
    """Let a program take this process's place: its id, signals and exit code are the program's from then on.

    Args:
        command: the program and its arguments.
        token: what it may use.

    Raises:
        Failed: it cannot be started.
    """
    if not command[0]:
        raise _not_found("")
    sys.stdout.flush()
    sys.stderr.flush()
    for name in _IGNORED:
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(command[0], command, environment_of(token, os.environ))  # noqa: S606 - no shell is meant
    except FileNotFoundError:
        raise _not_found(command[0]) from None
    except (OSError, ValueError) as error:
        reason = (
            os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "its words hold a zero byte"
        )
        raise _failed(
            f"The program {command[0]!r} cannot be run: {reason}.",
            "Give a program that you may execute; a script needs #! in its first line, and the right chmod +x gives.",
            "NotExecutable",
            NOT_EXECUTABLE,
        ) from None


def _not_found(program: str) -> Failed:
    if shutil.which(program):
        cause = f"The program {program!r} cannot be run: what should run it is not there."
        remedy = "Look at its first line, which names it after #!, or at the loader that it was linked for."
        return _failed(cause, remedy, "NotExecutable", NOT_EXECUTABLE)
    if os.path.dirname(program):  # noqa: PTH120 - as execvp decides whether it searches
        return _failed(f"There is no program {program!r}.", "Check its path.", "NotFound", NOT_FOUND)
    return _failed(f"There is no program {program!r} in PATH.", "Check its name, and PATH.", "NotFound", NOT_FOUND)


def _failed(cause: str, remedy: str, name: str, code: int) -> Failed:
    with suppress(ValueError):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # this process goes on for a moment, as Python began it
    failed = Failed(cause, remedy=remedy, name=name)
    failed.exit_code = code
    return failed
