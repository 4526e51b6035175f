"""The way from a function to Salesforce, as the template's variables describe it: a proxy, and the authorities to trust."""

import os
from collections.abc import Mapping

from sfmint_values.aws_endpoints import place_of

PROXY, AUTHORITIES = "SFMINT_HTTPS_PROXY", "SSL_CERT_FILE"


def proxy_url(env: Mapping[str, str]) -> str | None:
    """Return the proxy as a URL of scheme, host and port alone, or None where there is none.

    Raises:
        ValueError: it is no such URL; the message names the variable, and says what to do.
    """
    if not (url := env.get(PROXY)):
        return None
    if (place := place_of(url, {"http"})) is None:
        raise ValueError(f"{PROXY} is no URL of http, host and port alone. Correct it.")
    return place


def ca_bundle(env: Mapping[str, str]) -> str | None:
    """Return the path of the authorities to trust, or None where certifi's are.

    Raises:
        ValueError: there is no such file; the message names the variable, and says what to do.
    """
    path = env.get(AUTHORITIES)
    if path and not os.path.isfile(path):  # noqa: PTH113 - pathlib is not imported for this
        raise ValueError(f"{AUTHORITIES} names no file. Correct it, or put the file there: in a layer, perhaps.")
    return path or None
