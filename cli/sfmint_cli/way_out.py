"""The way from this machine to an org: the proxy that the environment names, and the authorities that are trusted."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit

from sfmint_cli.result import Failed


def require_authorities(path: Path) -> None:
    """Check that a file holds authorities.

    Raises:
        Failed: it does not.
    """
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
