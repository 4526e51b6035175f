"""REST requests to a connection's org, whose token the caller never sees.

    client = RestClient(TokenClient("my-org"), https_session())
    client.send(RestRequest(method="GET", path="/services/data/v67.0/query", query={"q": "SELECT Id FROM Account"}))

The names are imported when they are first used (PEP 562): a module of this package that needs no HTTP loads no requests.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sfmint_client.rest.allow_list import AllowList
    from sfmint_client.rest.answer import RestAnswer
    from sfmint_client.rest.client import RestClient
    from sfmint_client.rest.request import RestRequest
    from sfmint_client.rest.session import https_session

__all__ = ["AllowList", "RestAnswer", "RestClient", "RestRequest", "https_session"]

_HOMES = {
    "AllowList": "allow_list",
    "RestAnswer": "answer",
    "RestClient": "client",
    "RestRequest": "request",
    "https_session": "session",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
