"""The library that most Python programs use: simple-salesforce logs in by itself, with a key that was read once."""

import json
import os
from typing import Any

import boto3
from simple_salesforce.login import SalesforceLogin

ANSWER = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SECRET_ID"])
SECRET = json.loads(ANSWER["SecretString"])


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Log in and hand on the token."""
    access_token, instance = SalesforceLogin(
        username=SECRET["username"],
        consumer_key=SECRET["consumer_key"],
        privatekey=SECRET["private_key"],
        domain=SECRET["domain"],
    )
    return {"access_token": access_token, "instance_url": f"https://{instance}"}
