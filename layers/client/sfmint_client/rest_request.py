"""The documented path of `RestRequest`."""

from sfmint_client.rest.request import RestRequest

__all__ = ["RestRequest"]
