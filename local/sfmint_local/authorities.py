"""Whom the local stack trusts over TLS: certifi's authorities, this machine's own, and those that it is given."""

import os
import re
import ssl
from pathlib import Path

import certifi

# What Python and OpenSSL read, what requests does, and what Node adds to its own.
VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def write(bundle: Path, *further: Path) -> None:
    """Write a PEM file with every authority once: a proxy's too, where this machine's settings name one."""
    text = b"\n".join(path.read_bytes() for path in (Path(certifi.where()), *_of_this_machine(), *further))
    bundle.write_bytes(b"\n".join([*dict.fromkeys(_CERTIFICATE.findall(text)), b""]))


def _of_this_machine() -> list[Path]:
    named = (ssl.get_default_verify_paths().cafile, *map(os.environ.get, VARIABLES[1:]))
    # A terminal that used an earlier stack names a file that has gone with it.
    return [Path(path) for path in named if path and Path(path).is_file()]
