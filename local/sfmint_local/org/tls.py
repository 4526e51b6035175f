"""A certificate authority made on the spot, and the server's certificate from it."""

import ssl
from pathlib import Path

import trustme


def server_context(ca: Path) -> ssl.SSLContext:
    """Make an authority and a server's TLS context; only the authority's certificate is written, to ``ca``.

    The private keys stay in memory: a new start is a new authority.
    """
    authority = trustme.CA(organization_name="sfmint embedded org")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(ca)
    return context
