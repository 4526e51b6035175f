"""Connected apps: the old kind, which can be edited and no longer made."""

import re
import textwrap


def certificate_pem(text: str) -> str:
    """Return the PEM of a connected app's certificate, which stands there as base64 in one line."""
    body = "\n".join(textwrap.wrap(re.sub(r"\s", "", text), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
