"""`sfmint login`: the whole flow without AWS, explained."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit

import click

from sfmint_cli import render
from sfmint_cli.options import Command, Identity, KeyPaths, NamedPath, identity_options, key_options, show_option
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed, Report
from sfmint_values.hosts import SUFFIXES
from sfmint_values.login_urls import audience_url


@click.command("login", cls=Command)
@key_options
@identity_options
@click.option(
    "--ca-bundle",
    envvar="SSL_CERT_FILE",
    show_envvar=True,
    type=NamedPath(),
    metavar="FILE",
    help="Authorities to trust, PEM, where a proxy opens TLS.  [default: certifi's]",
)
@show_option
def command(*, paths: KeyPaths, identity: Identity, ca_bundle: Path | None, show: bool) -> Report:
    """Log in once without AWS, and explain each step.

    It signs and sends what the broker would, with the same code, and says what was sent and what came back. Each try
    counts as a login of the user; all commands together try ten in ten minutes. HTTPS_PROXY and NO_PROXY are honoured.
    """
    from sfmint_cli.credentials import checked, secret_text
    from sfmint_cli.key_file import KeyFile
    from sfmint_cli.login_attempt import Trial, host_of
    from sfmint_cli.tool_logins import ToolLogins
    from sfmint_cli.vocabulary import of_files

    key_file = KeyFile.read(paths)
    listed = _listed(identity)
    if ca_bundle is not None:
        _require_authorities(ca_bundle)
    connection = checked("login", secret_text(identity, key_file), key_file, listed)
    proxy = _proxy_for(connection.token_host)
    trial = Trial(
        connection=connection,
        key=key_file.signing_key,
        listed=listed,
        ca_bundle=None if ca_bundle is None else str(ca_bundle),
        proxy=proxy,
        vocabulary=of_files(paths, host_of(proxy)),
    )
    ToolLogins.of_this_user().count(connection.token_host, connection.username)
    render.say(f"Asking {connection.token_host} for a token of {connection.username}.")
    return Report(
        facts=trial.run(show=show),
        next_step=f"store it for the stack: {_to_store(paths, identity)}",
    )


def _to_store(paths: KeyPaths, identity: Identity) -> str:
    """Return the command that stores what has logged in; the connection's name and the certificate are to be filled in."""
    one_each = {
        "--key": paths.key,
        "--certificate": "FILE",
        "--passphrase-file": paths.passphrase_file,
        "--consumer-key": identity.consumer_key,
        "--username": identity.username,
        "--token-host": identity.token_host,
        "--audience": identity.audience,
        "--org-id": identity.org_id,
    }
    given = [word for option, value in one_each.items() if value is not None for word in (option, value)]
    return sfmint("connection", "add", "NAME", *given, *(word for host in identity.hosts for word in ("--host", host)))


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


def _require_authorities(path: Path) -> None:
    from sfmint_values.budgeted_socket import client_context

    try:
        client_context(cafile=str(path))
    except FileNotFoundError:
        raise Failed(f"There is no file {path}.", remedy="Check --ca-bundle and SSL_CERT_FILE.") from None
    except ssl.SSLError:
        raise Failed(f"{path} holds no certificates.", remedy="Give authorities as PEM with --ca-bundle.") from None
    except OSError as error:
        raise Failed(
            f"{path} cannot be read: {error.strerror}.", remedy="Give a file that you may read with --ca-bundle."
        ) from None


def _proxy_for(url: str) -> str | None:
    """Return the URL of the proxy that the environment names for a host, if any."""
    from requests.utils import get_environ_proxies, select_proxy

    proxy = select_proxy(url, get_environ_proxies(url))
    if proxy is None:
        return None
    whole = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(whole).scheme != "http":
        raise Failed(
            "The environment names a proxy that is spoken to otherwise than by plain HTTP, which sfmint does not do.",
            remedy="Set HTTPS_PROXY to one that begins with http://, or NO_PROXY to the token host.",
            name="UnusableProxy",
        )
    return whole
