"""Logins of the sf CLI: where it keeps them, and what they say.

Source: forcedotcom/sfdx-core, authInfo.ts (a JWT login has `privateKey`, the path of a file, and no `refreshToken`),
orgAccessor.ts (`~/.sfdx/USERNAME.json`), aliasAccessor.ts (`~/.sfdx/alias.json`). Its encrypted fields are not touched.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sfmint_cli.imports.piece import subject
from sfmint_cli.key_file import octets_in
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed
from sfmint_values.foreign import Foreign, ForeignBytes
from sfmint_values.text_bytes import text_of

FOLDER = ".sfdx"
_ALIASES = "alias.json"
LONGEST_ORG = 255


def login_file(org: str, home: Path) -> Path:
    """Return the file in which sf keeps the login of a user or an alias.

    Raises:
        Failed: there is none.
    """
    folder = home / FOLDER
    username = _aliases(folder / _ALIASES).get(org, org)
    path = folder / f"{username}.json"
    if not _is_file_name(username) or not path.is_file():
        raise Failed(
            f"The sf CLI has no login for {org if _is_file_name(org) else 'that name'} in {folder}.",
            remedy="See `sf org list auth`, and name the alias or the user name that it shows.",
            name="LoginNotFound",
        )
    return path


def notes_of(login: Mapping[str, object]) -> tuple[str, ...]:
    """Return what a person should know of a login, before it is stored."""
    notes = ["sf does not keep which audience it used; if Salesforce refuses this one, give another with --audience."]
    if login.get("expirationDate"):
        notes.append("It is a scratch org, which ends on its day; its login ends then, too.")
    return tuple(notes)


def is_login(fields: Mapping[str, object]) -> bool:
    """Return whether a JSON object is a login of the sf CLI."""
    return "username" in fields and "instanceUrl" in fields and ("orgId" in fields or "loginUrl" in fields)


def not_by_key(source: str, name: str) -> Failed:
    """Return why a login that was made in a browser cannot be imported."""
    return Failed(
        f"{subject(source)} is a login by browser or token, so there is no key to import; its tokens are encrypted, and not touched.",
        remedy="Name a login that `sf org login jwt` has made, or make a key and its app:"
        f" {sfmint('app', 'create', name, '--username', 'USER')}",
        name="NoKey",
    )


def json_object(octets: ForeignBytes) -> dict[str, Any] | None:
    """Return a JSON object; None: it is something else."""
    try:
        value = json.loads(text_of(octets))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _aliases(path: Path) -> dict[str, str]:
    """Return user names by their aliases; where there is no such file, or it cannot be read, none."""
    try:
        found = json_object(octets_in(path)) or {}
    except Failed:
        return {}
    orgs = found.get("orgs")
    return {alias: user for alias, user in orgs.items() if isinstance(user, str)} if isinstance(orgs, dict) else {}


def _is_file_name(text: Foreign) -> bool:
    return (
        bool(text)
        and len(text) <= LONGEST_ORG
        and text.isprintable()
        and not set(text) & set("/\\\0")
        and text[0] != "."
    )
