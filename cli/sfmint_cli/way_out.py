"""The way from this machine to an org: the proxy that the environment names, and the authorities that are trusted."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit

import click

from sfmint_cli.result import Failed


class _Host(click.ParamType[str]):
    name = "host"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from sfmint_values.hosts import origin_of

        try:
            return origin_of(f"https://{value}").removeprefix("https://")
        except ValueError as error:
            self.fail(f"it {error}.", param, ctx)


allow_host_option = click.option(
    "--allow-host", type=_Host(), metavar="HOST:PORT", help="Host of an org that is not Salesforce's, for tests."
)


def authorities(path: Path | None) -> str | None:
    """Return the path of authorities to trust, once it is seen that there are some; None: certifi's.

    Raises:
        Failed: the file holds none.
    """
    from sfmint_values.budgeted_socket import client_context

    if path is None:
        return None
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
    return str(path)


def proxy_for(url: str) -> str | None:
    """Return the URL of the proxy that the environment names for a host, if any.

    Raises:
        Failed: it is spoken to in a way that sfmint does not know.
    """
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


def host_of(proxy: str | None) -> str | None:
    """Return a proxy's host and port: its URL may hold a password."""
    if proxy is None:
        return None
    parts = urlsplit(proxy)
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
