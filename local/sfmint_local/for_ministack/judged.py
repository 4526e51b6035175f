"""What IAM judges a request by, where MiniStack knows less of it than AWS; it counts where ``AUTH`` is on.

Sources: Service Authorization Reference, AWS Systems Manager and AWS KMS: resource types and condition keys; IAM User Guide, "AWS
global condition context keys".
"""

import functools
import json
from typing import Any

from sfmint_local.for_ministack.names import named


class _Each(str):
    """The ARNs that a request names, as text with a space between them."""

    __slots__ = ()


def patch_paths() -> None:
    """GetParametersByPath needs the right to the parameters under its path, and DeleteParameters to each; neither to all."""
    from ministack.core import iam_actions

    resource_of = named(iam_actions, "extract_resource_arn")

    @functools.wraps(resource_of)
    def resource_with_path(service: str, *request: Any) -> Any:
        found = resource_of(service, *request)
        _, _, _, body, _, region, account = request
        asked = _fields(body) if service == "ssm" and found == "*" else {}
        paths = [f"{asked['Path'].rstrip('/')}/"] if "Path" in asked else asked.get("Names", [])
        return _Each(" ".join(f"arn:aws:ssm:{region}:{account}:parameter{path}" for path in paths)) if paths else found

    iam_actions.extract_resource_arn = resource_with_path


def patch_several() -> None:
    """A request that names several resources needs the right to each."""
    from ministack.core import iam_evaluator

    enforce = named(iam_evaluator, "enforce")

    @functools.wraps(enforce)
    def enforce_each(*request: Any, resource_arn: str = "*", **more: Any) -> Any:
        arns = resource_arn.split() if isinstance(resource_arn, _Each) else [resource_arn]
        refusals = (enforce(*request, resource_arn=arn, **more) for arn in arns)
        return next((refusal for refusal in refusals if refusal is not None), None)

    iam_evaluator.enforce = enforce_each


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


def patch_principal_arn() -> None:
    """``aws:PrincipalArn`` of a role's session is the ARN of the role, as on AWS, not of the session."""
    from ministack.core import iam_evaluator
    from ministack.services import iam

    resolve = named(iam_evaluator, "_resolve_condition_key")
    role_name_of = named(iam_evaluator, "_role_name_from_assumed_arn")

    @functools.wraps(resolve)
    def resolve_role(key: str, context: Any) -> Any:
        found = resolve(key, context)
        if key.lower() != "aws:principalarn" or ":assumed-role/" not in str(found):
            return found
        role = iam._roles.get_scoped(context.principal_account, None, role_name_of(found))  # noqa: SLF001
        return role["Arn"] if role else found

    iam_evaluator._resolve_condition_key = resolve_role  # noqa: SLF001


def _fields(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body or b"{}")
    return found
