"""The session of an administrator as an installed sf CLI has it.

Source: salesforcecli/plugin-org, `org auth show-access-token` and `org display`, which hides tokens since May 2026 (2.136.8).
"""

import json
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from sfmint_cli.result import Failed
from sfmint_values.foreign import ForeignBytes
from sfmint_values.redaction import redacted
from sfmint_values.vocabulary import REST

PATIENCE_S = 120.0  # it may renew the session first, and Node starts slowly
_LONGEST = 1024 * 1024  # bytes of what it says
_SHOW_TOKEN, _DISPLAY = ("org", "auth", "show-access-token"), ("org", "display")
_HIDDEN = "[REDACTED]"
_LOG_IN = "sf org login web --alias"


def session_of(alias: str) -> tuple[str, str]:
    """Return the instance URL and the access token of an org that the sf CLI is logged in to.

    Args:
        alias: or user name, as the sf CLI knows it.

    Raises:
        Failed: there is no sf CLI, it does not know the org, or it does not show the token.
    """
    program = shutil.which("sf")
    if program is None:
        raise Failed(
            "There is no sf CLI on this machine's PATH, which --org asks for the session.",
            remedy="Install it, or give the session by SFMINT_ADMIN_ACCESS_TOKEN and SFMINT_ADMIN_INSTANCE_URL instead.",
            name="SfNotInstalled",
        )
    shown = _asked(program, _SHOW_TOKEN, alias)
    told = _asked(program, _DISPLAY, alias)
    if (refusal := _refusal_of(alias, shown, told)) is not None:
        raise refusal
    url = _text(_result(told), "instanceUrl")
    token = _token(shown) or _token(told)
    if token is None or not url:
        raise Failed(
            "The sf CLI hides the access token: `sf org display` shows none since May 2026, and this version has no"
            " `sf org auth show-access-token`.",
            remedy="Update it (sf update), or give the session by SFMINT_ADMIN_ACCESS_TOKEN and SFMINT_ADMIN_INSTANCE_URL.",
            name="SfHidesToken",
        )
    return url, token


def _asked(program: str, command: tuple[str, ...], alias: str) -> Mapping[str, Any]:
    """Return the JSON document that the sf CLI prints; an empty one, if it prints none."""
    options = ("--no-prompt",) if command is _SHOW_TOKEN else ()
    try:
        done = subprocess.run(
            [program, *command, "--target-org", alias, *options, "--json"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Failed(
            f"The sf CLI did not answer within {PATIENCE_S:.0f} s.",
            remedy=f"See whether `sf org display --target-org {alias}` does, then run this again.",
            name="SfNoAnswer",
        ) from None
    except OSError as error:
        raise Failed(
            f"The sf CLI cannot be started: {error.strerror}.",
            remedy="Check the program that `command -v sf` names.",
            name="SfNotInstalled",
        ) from None
    return _document(done.stdout)


def _document(output: ForeignBytes) -> Mapping[str, Any]:
    if len(output) > _LONGEST:
        return {}
    try:
        value = json.loads(output)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _refusal_of(alias: str, shown: Mapping[str, Any], told: Mapping[str, Any]) -> Failed | None:
    """Return what is wrong, if the sf CLI said so of the org itself and not of a command that it lacks."""
    if _result(told):
        return None
    name, message = (_text(told, part) or _text(shown, part) for part in ("name", "message"))
    if name == "NamedOrgNotFoundError":
        cause = f"The sf CLI is logged in to no org {alias}"
    elif name:
        cause = f'The sf CLI does not tell of the org {alias}: {redacted(name, vocabulary=REST)}, "{redacted(message, vocabulary=REST)}"'
    else:
        cause = f"The sf CLI does not tell of the org {alias}"
    return Failed(
        f"{cause}.",
        remedy=f"Log in with {_LOG_IN} {alias} (a sandbox: --instance-url too); `sf org list` shows what it knows.",
        name="SfKnowsNoOrg",
    )


def _token(document: Mapping[str, Any]) -> str | None:
    token = _text(_result(document), "accessToken")
    return token if token and _HIDDEN not in token else None


def _result(document: Mapping[str, Any]) -> Mapping[str, Any]:
    found = document.get("result")
    return found if isinstance(found, dict) else {}


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
