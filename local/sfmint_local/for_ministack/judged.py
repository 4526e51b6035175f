"""What IAM judges a request by, where MiniStack knows less of it than AWS; it counts where ``AUTH`` is on.

Source: Service Authorization Reference, AWS Systems Manager and AWS KMS: resource types and condition keys.
"""

import functools
import json
from typing import Any

from sfmint_local.for_ministack.names import named


def patch_paths() -> None:
    """GetParametersByPath needs the right to the parameters under its path, and no right to all."""
    from ministack.core import iam_actions

    resource_of = named(iam_actions, "extract_resource_arn")

    @functools.wraps(resource_of)
    def resource_with_path(service: str, *request: Any) -> Any:
        found = resource_of(service, *request)
        _, _, _, body, _, region, account = request
        asked = _fields(body) if service == "ssm" and found == "*" else {}
        if "Path" not in asked:
            return found
        return f"arn:aws:ssm:{region}:{account}:parameter{asked['Path'].rstrip('/')}/"

    iam_actions.extract_resource_arn = resource_with_path


def patch_kms_conditions() -> None:
    """A policy may ask how KMS is to sign, and in which context it encrypts."""
    from ministack.core import iam_actions

    context_of = named(iam_actions, "request_tag_context")

    @functools.wraps(context_of)
    def context_of_kms(service: str, action: str, body: bytes, params: Any) -> Any:
        asked = _fields(body) if service == "kms" else {}
        context = {f"kms:EncryptionContext:{key}": value for key, value in asked.get("EncryptionContext", {}).items()}
        if "SigningAlgorithm" in asked:
            context |= {
                "kms:SigningAlgorithm": asked["SigningAlgorithm"],
                "kms:MessageType": asked.get("MessageType", "RAW"),
            }
        return {**context_of(service, action, body, params), **context}

    iam_actions.request_tag_context = context_of_kms


def _fields(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body or b"{}")
    return found
