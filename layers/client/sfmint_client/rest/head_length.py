"""How long URL and headers of a request may be: the length is known before anything is sent.

Source: REST API Developer Guide, "Status Codes and Error Responses", 414 and 431.
"""

from urllib.parse import urlsplit

from requests import PreparedRequest

from sfmint_client.errors import InvalidRequest
from sfmint_client.rest.refusals.request import LONGEST_HEAD, SPLIT


def check_head(prepared: PreparedRequest) -> None:
    """Refuse a request whose URL and headers are too long for Salesforce.

    Raises:
        InvalidRequest: they are.
    """
    lines = [f"{name}: {value}" for name, value in prepared.headers.items()]
    lines += (f"{prepared.method} {prepared.path_url} HTTP/1.1", f"Host: {urlsplit(prepared.url or '').netloc}", "")
    length = sum(len(line) + len("\r\n") for line in lines)
    if length > LONGEST_HEAD:
        raise InvalidRequest(
            f"URL and headers have {length} bytes, and Salesforce takes {LONGEST_HEAD}; nothing was sent. {SPLIT}"
        )
