"""The versions of a secret as AWS keeps them: none changes, and each label is on one of them.

Source: AWS Secrets Manager API Reference, GetSecretValue and PutSecretValue (`ClientRequestToken`, `VersionStages`).
"""

import functools
import json
from typing import Any

from sfmint_local.for_ministack.names import named

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
_VALUES = ("SecretString", "SecretBinary")


def patch_empty_versions() -> None:
    """A secret or version without a value is not found, as on AWS; MiniStack answers it without one."""
    from ministack.core.responses import error_response_json
    from ministack.services import secretsmanager

    get_value = named(secretsmanager, "_get_secret_value")

    @functools.wraps(get_value)
    def get_existing_value(data: Any) -> Any:
        status, headers, body = get_value(data)
        answer = json.loads(body)
        if status == 200 and not (answer.get("SecretString") or answer.get("SecretBinary")):
            message = "Secrets Manager can't find the specified secret value."
            return error_response_json("ResourceNotFoundException", message, 400)
        return status, headers, body

    secretsmanager._get_secret_value = get_existing_value  # noqa: SLF001


def patch_written_versions() -> None:
    """PutSecretValue changes no version that has a value, and takes a label off the version that had it.

    MiniStack writes over the version, forgets the labels that it had, and leaves AWSPENDING on two of them. AWS does not say what
    becomes of a version's own labels: here they stay.
    """
    from ministack.core.responses import error_response_json
    from ministack.services import secretsmanager

    put_value = named(secretsmanager, "_put_secret_value")
    resolve = named(secretsmanager, "_resolve")

    @functools.wraps(put_value)
    def put_new_value(data: Any) -> Any:
        _, secret = resolve(data.get("SecretId"))
        version = secret["Versions"].get(data.get("ClientRequestToken")) if secret else None
        if version and any(version.get(name) for name in _VALUES) and not secret.get("DeletedDate"):
            if any(version.get(name) != data.get(name) for name in _VALUES):
                message = "A resource with the ID you requested already exists."
                return error_response_json("ResourceExistsException", message, 400)
            return _written(secret, data["ClientRequestToken"])
        had = list(version["Stages"]) if version else []
        status, headers, body = put_value(data)
        if status != 200:
            return status, headers, body
        token = json.loads(body)["VersionId"]
        for label in (*had, *(data.get("VersionStages") or [CURRENT])):
            attach(secret, label, token)
        return _written(secret, token)

    secretsmanager._put_secret_value = put_new_value  # noqa: SLF001


def _written(secret: Any, token: str) -> Any:
    from ministack.core.responses import json_response

    told = {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token}
    return json_response({**told, "VersionStages": list(secret["Versions"][token]["Stages"])})


def attach(secret: Any, label: str, token: str) -> None:
    """Put a label on one version, and off the one that has it."""
    for version in secret["Versions"].values():
        version["Stages"] = [each for each in version["Stages"] if each != label]
    secret["Versions"][token]["Stages"].append(label)


def version_with(secret: Any, label: str) -> str | None:
    """Return the id of the version that has a label."""
    return next((token for token, version in secret["Versions"].items() if label in version["Stages"]), None)
