"""The documented path of `https_session`."""

from sfmint_client.rest.session import https_session

__all__ = ["https_session"]
