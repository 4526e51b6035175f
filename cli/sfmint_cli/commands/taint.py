"""`sfmint taint`: bar a key that has leaked, for good."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfmint_cli import render
from sfmint_cli.options import Command, NamedPath, connection_argument
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Facts, Failed, Report
from sfmint_values.secret import is_fingerprint

if TYPE_CHECKING:
    from sfmint_cli.connection_secret import ConnectionSecret
    from sfmint_cli.deployed import Deployed

GOING = "the secret is scheduled for deletion"


class _KeyId(click.ParamType[str]):
    name = "key id"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not is_fingerprint(value):
            self.fail("a key id is 16 hex digits in lower case, as status and keys check show it.", param, ctx)
        return value


@click.command("taint", cls=Command)
@connection_argument
@click.argument("key_id", type=_KeyId())
@click.option(
    "--certificate", type=NamedPath(), metavar="FILE", help="Certificate of the leaked key, to compare its id with."
)
@click.pass_context
def command(context: click.Context, *, name: str, key_id: str, certificate: Path | None) -> Report:
    """Bar a key that has leaked, for good.

    KEY_ID is what keys check and the keeper's status show. It is written into the secret, which each login reads, and
    then onto the row, which stops a login that is under way and drops the key's token. First replace the certificate in
    Salesforce, end the user's sessions and store another key (connection add), or callers are refused once their token
    ends. It holds for this secret: another stack or region has its own.
    """
    from sfmint_cli.connection_secret import State
    from sfmint_cli.deployed import Deployed

    is_of_file = certificate is not None and _is_of(certificate, key_id)
    deployed = Deployed.find(context, name)
    secret = deployed.secret()
    is_going = secret.describe().state is State.DELETED
    is_in_secret = not is_going and key_id in set(_known_to(secret))
    done = GOING if is_going else _bar(secret, key_id)
    facts: Facts = {"connection": name, "secret": secret.name, "key_id": key_id, "done": done}
    on_row = _bar_on_row(deployed, key_id, facts)
    known = is_of_file or is_in_secret or on_row.get("known") is True
    if not known:
        render.warn(
            f"Neither the secret nor the row knows the key {key_id}: compare it with what status or keys check shows."
        )
    return Report(
        facts={**facts, **on_row, "known": known},
        next_step=_when_it_comes_back(name, key_id) if is_going else _next_step(secret, name, key_id),
    )


def _is_of(certificate: Path, key_id: str) -> bool:
    """Return whether a certificate is of the key."""
    from sfmint_cli.key_file import certified_key_id

    return certified_key_id(certificate) == key_id


def _known_to(secret: "ConnectionSecret") -> Iterator[str | None]:
    """Give the ids of all keys that the secret's versions hold, or bar."""
    from sfmint_cli.connection_secret import STAGES
    from sfmint_cli.tainted_keys import key_id_in, listed_in

    texts = {stage: secret.read(stage) for stage in STAGES}
    if (current := texts["AWSCURRENT"]) is None:
        raise Failed(
            f"The secret {secret.name} holds no credentials, so no key of it can be barred.",
            remedy="Check the connection's name.",
            name="ConnectionNotFound",
        )
    yield from listed_in(current)
    yield from (key_id_in(text) for text in texts.values() if text is not None)


def _bar(secret: "ConnectionSecret", key_id: str) -> str:
    """Write the key into the secret's list, and return what that was."""
    from sfmint_cli.tainted_keys import extended, listed_in

    text = secret.read() or ""
    if key_id in listed_in(text):
        return "tainted already"
    secret.amend(extended(text, key_id), before=text)
    return "tainted"


def _bar_on_row(deployed: "Deployed", key_id: str, facts: Facts) -> Facts:
    """Have the keeper bar the key on the row; where rows cannot, drop the token."""
    keeper = deployed.keeper()
    try:
        if deployed.stack.has_table:
            return keeper.taint(key_id)
        keeper.flush()
    except Failed as error:
        done = "Nobody logs in with the key" if facts["done"] == GOING else "The secret bars the key"
        raise Failed(
            f"{done}, but its token may still be served: {error.cause}",
            remedy=f"{error.remedy} Then run this again.",
            name=error.name,
            facts=facts,
        ) from None
    return {"token_dropped": True}


def _when_it_comes_back(name: str, key_id: str) -> str:
    return (
        "nobody logs in with the key, for its secret is scheduled for deletion; should that be taken back, at once:"
        f" {sfmint('taint', name, key_id)}"
    )


def _next_step(secret: "ConnectionSecret", name: str, key_id: str) -> str:
    from sfmint_cli.connection_secret import PENDING
    from sfmint_cli.storing_command import storing
    from sfmint_cli.tainted_keys import key_id_in

    current, pending = key_id_in(secret.read() or ""), key_id_in(secret.read(PENDING) or "")
    if pending == key_id != current:
        return f"the pending rotation to this key cancels itself; see it to its end: {sfmint('rotate', 'cancel', name)}"
    if current == key_id and pending not in {None, current}:
        return (
            f"a rotation to the key {pending} is pending, which is the cure; see it to its end, and after that end the"
            f" user's sessions in Salesforce: {sfmint('rotate', 'finish', name)}"
        )
    if current == key_id:
        return (
            "the secret still holds this key, so callers are refused once their token ends: upload another certificate to"
            f" the Salesforce app, end the user's sessions there, then: {storing(name)}"
        )
    return (
        "if you have not yet, take the key's certificate out of the Salesforce app and end the user's sessions there; then"
        f" see that callers are served: {sfmint('token', name)}"
    )
