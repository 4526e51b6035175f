"""A handshake of TLS in memory, between two contexts and without a socket."""

import ssl
from contextlib import suppress


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, host: str = "localhost") -> None:
    """Let a client meet a server.

    Raises:
        SSLCertVerificationError: the client does not trust the server's certificate.
    """
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(to_client, to_server, server_hostname=host)
    far = server.wrap_bio(to_server, to_client, server_side=True)
    while True:
        try:
            near.do_handshake()
        except ssl.SSLWantReadError:
            with suppress(ssl.SSLWantReadError):
                far.do_handshake()
        else:
            return
