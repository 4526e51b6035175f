"""What all connections that leave a function have in common."""

import ssl
from functools import cache
from importlib.util import find_spec
from pathlib import Path

IDLE_S = 60.0  # a NAT forgets a quiet connection without a word: do not send a request into it


@cache
def tls(ca_bundle: str | None) -> ssl.SSLContext:
    """Return the one context of TLS 1.2 and later; to parse the authorities anew for each connection takes 17 ms.

    Args:
        ca_bundle: path of the authorities to trust; None: certifi's.
    """
    context = ssl.create_default_context(cafile=ca_bundle or _certifi())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _certifi() -> str:
    """Return the path of certifi's authorities; to import it for that takes twice as long as to parse them."""
    found = find_spec("certifi")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("certifi")
    return str(Path(found.origin).with_name("cacert.pem"))
