"""The names of five accounts: a Lambda function of your own, with a token from sfmint."""

import os

import requests

from sfmint_client import TokenClient
from sfmint_client.auth import SalesforceAuth

tokens = TokenClient(os.environ["SFMINT_CONNECTION"])  # and SFMINT_STACK
salesforce = requests.Session()
salesforce.auth = SalesforceAuth(tokens)


def handler(_event: object, _context: object) -> list[str]:
    """Answer the names."""
    url = f"{tokens.get_token().instance_url}/services/data/v67.0/query"
    answer = salesforce.get(url, params={"q": "SELECT Name FROM Account LIMIT 5"}, timeout=10)
    answer.raise_for_status()
    return [account["Name"] for account in answer.json()["records"]]
