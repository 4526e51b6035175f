"""`sfmint login`: the whole flow without AWS, explained."""

from functools import partial
from pathlib import Path

import click

from sfmint_cli import render
from sfmint_cli.key_options import GivenKey, key_options
from sfmint_cli.options import (
    Command,
    Identity,
    ca_bundle_option,
    identity_options,
    show_option,
)
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Report
from sfmint_cli.way_out import authorities, host_of, proxy_for
from sfmint_values.hosts import SUFFIXES
from sfmint_values.login_urls import audience_url


@click.command("login", cls=Command)
@key_options
@identity_options
@ca_bundle_option
@show_option
@click.pass_context
def command(
    context: click.Context, *, given: GivenKey, identity: Identity, ca_bundle: Path | None, show: bool
) -> Report:
    """Log in once without AWS, and explain each step.

    It signs and sends what the broker would, with the same code, and says what was sent and what came back. Each try
    counts as a login of the user; all commands together try ten in ten minutes. HTTPS_PROXY and NO_PROXY are honoured.
    """
    from sfmint_cli.credentials import account_of, checked, opened, secret_text
    from sfmint_cli.login_attempt import Trial
    from sfmint_cli.tool_logins import ToolLogins
    from sfmint_cli.vocabulary import through

    key = opened(given, partial(account_of, context))
    listed = _listed(identity)
    trusted = authorities(ca_bundle)
    connection = checked("login", secret_text(identity, key), key, listed)
    proxy = proxy_for(connection.token_host)
    trial = Trial(
        connection=connection,
        key=key.signing_key,
        listed=listed,
        ca_bundle=trusted,
        proxy=proxy,
        vocabulary=through(host_of(proxy), key.vocabulary),
    )
    ToolLogins.of_this_user().count(connection.token_host, connection.username)
    render.say(f"Asking {connection.token_host} for a token of {connection.username}.")
    return Report(
        facts=trial.run(show=show),
        next_step=f"store it for the stack: {_to_store(given, identity)}",
    )


def _to_store(given: GivenKey, identity: Identity) -> str:
    """Return the command that stores what has logged in; the connection's name and the certificate are to be filled in."""
    one_each = {
        "--key": given.key,
        "--kms": given.kms,
        "--certificate": given.certificate or "FILE",
        "--passphrase-file": given.passphrase_file,
        "--consumer-key": identity.consumer_key,
        "--username": identity.username,
        "--token-host": identity.token_host,
        "--audience": identity.audience,
        "--org-id": identity.org_id,
    }
    words = [word for option, value in one_each.items() if value is not None for word in (option, value)]
    return sfmint("connection", "add", "NAME", *words, *(word for host in identity.hosts for word in ("--host", host)))


def _listed(identity: Identity) -> frozenset[str]:
    """Return the host that the person has named, if it is not Salesforce's: for this one login that allows it."""
    authority = audience_url(identity.origin).split("/")[2]
    if authority.endswith(SUFFIXES):
        return frozenset()
    render.warn(
        f"{authority} is not a host of Salesforce: it gets a signed login for its audience. A stack asks it only if"
        " its parameter TokenHosts lists it."
    )
    return frozenset({authority})
