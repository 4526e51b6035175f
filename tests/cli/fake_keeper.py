"""The stack's keeper as the command line meets it: it tries what is staged, and says no where a test wants that."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from sfmint.adapters.signers.signing_key import key_id_of, load_signing_key
from sfmint_values.secret import Secret

LOGGED_IN = {
    "token_type": "Bearer",
    "instance_url": "https://acme.my.salesforce.com",
    "scope": "api",
    "connection": "my-org",
    "fingerprint": "0123456789abcdef",
    "issued_at": "2026-11-24T12:00:00Z",
    "expires_at": "2026-11-24T12:14:15Z",
    "expires_in": 855,
    "refreshed": True,
}
ROW = {
    "fence": 1,
    "fingerprint": "0123456789abcdef",
    "key_id": "fedcba9876543210",
    "issued_at": "2026-11-24T12:00:00Z",
    "expires_at": "2026-11-24T12:14:15Z",
    "leased_until": None,
    "reject_count": 0,
    "tainted_keys": [],
    "failure": None,
}
EMPTY_ROW: dict[str, Any] = {
    **dict.fromkeys(("fence", "fingerprint", "key_id", "key_since", "certificate_until", "issued_at", "soft_expiry")),
    **dict.fromkeys(("expires_at", "leased_until", "rejected", "failure")),
    "reject_count": 0,
    "tainted_keys": [],
}
BROKER_STATUS = {"connection": "my-org", "build": "", "credentials": {}, "budget": {"logins": 3, "limit": 240}}
NOTHING_STAGED = {
    "errorType": "InvalidCredentials",
    "errorMessage": "The secret has no version with the stage SFMINT_TRY. Stage one first.",
}


@dataclass
class FakeKeeper:
    """Answers the events of an operator; `LambdaService.broker` calls it.

    Attributes:
        secrets: the account's client of Secrets Manager.
        answers: by action, in place of the usual answer.
        tried: the user names of the versions that were tried.
    """

    secrets: Any
    answers: dict[str, Any] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)

    def __call__(self, arn: str, event: dict[str, Any]) -> Any:
        """Answer an event."""
        action, connection = event["action"], event.get("connection", "")
        if ":function:acme-token-broker:" in unquote(arn):
            return self.answers.get("broker status", BROKER_STATUS)
        staged = self._staged(connection) if action == "try" else {}
        if action == "try" and staged is not None:
            self.tried.append(staged["username"])
        if action in self.answers:
            return self.answers[action]
        if staged is None:
            return NOTHING_STAGED
        return {
            "flush": {"connection": connection, "flushed": True, "fence": 1},
            "refresh": LOGGED_IN,
            "status": {"build": "", "connections": {connection: ROW}},
            "taint": {"connection": connection, "tainted": True, "known": False, "token_dropped": False, "fence": 2},
            "try": {"connection": connection, "tried": True, **_login(staged)},
        }[action]

    def _staged(self, connection: str) -> dict[str, Any] | None:
        try:
            found = self.secrets.get_secret_value(SecretId=f"sfmint/acme/{connection}", VersionStage="SFMINT_TRY")
        except ClientError:
            return None
        staged: dict[str, Any] = json.loads(found["SecretString"])
        return staged


def _login(staged: dict[str, Any]) -> dict[str, Any]:
    if not staged.keys() & {"private_key", "signer"}:
        return {}
    return {"key_id": _key_id(staged), "username": staged["username"], "instance_url": LOGGED_IN["instance_url"]}


def _key_id(staged: dict[str, Any]) -> str:
    if "signer" in staged:
        return key_id_of(staged["certificate"])
    passphrase = staged.get("private_key_passphrase")
    return load_signing_key(Secret(staged["private_key"]), Secret(passphrase) if passphrase else None, None).key_id
