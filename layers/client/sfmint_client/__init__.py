"""Salesforce access tokens for AWS: what a caller of sfmint imports.

It stands alone and needs botocore; `sfmint_client.auth` also needs requests, and nothing else imports that.
"""

from sfmint_client.access_token import AccessToken, TokenProvider
from sfmint_client.errors import SfmintError
from sfmint_client.token_client import TokenClient

__all__ = ["AccessToken", "SfmintError", "TokenClient", "TokenProvider"]
