"""The recipe with AWS's advice: aws-secretsmanager-caching keeps the secret for an hour, and each invocation logs in."""

import json
import os
import time
from typing import Any

import boto3
import jwt
import requests
from aws_secretsmanager_caching import SecretCache

SECRETS = SecretCache(client=boto3.client("secretsmanager"))


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Log in and hand on the token."""
    secret = json.loads(SECRETS.get_secret_string(os.environ["SECRET_ID"]))
    claims = {
        "iss": secret["consumer_key"],
        "sub": secret["username"],
        "aud": secret["audience"],
        "exp": int(time.time()) + 180,
    }
    login = requests.post(
        f"{secret['token_host']}/services/oauth2/token",
        data={
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": jwt.encode(claims, secret["private_key"], algorithm="RS256"),
        },
        timeout=10,
    )
    login.raise_for_status()
    token = login.json()
    return {"access_token": token["access_token"], "instance_url": token["instance_url"]}
