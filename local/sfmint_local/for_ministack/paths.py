"""What IAM judges a request for many parameters by: the path, as on AWS; MiniStack takes all parameters for it.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Systems Manager".
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
    def resource_with_path(service: str, *request: Any, **more: Any) -> str:
        arn: str = resource_of(service, *request, **more)
        if service != "ssm" or arn != "*":
            return arn
        [body] = [part for part in (*request, *more.values()) if isinstance(part, bytes)] or [b""]
        asked = json.loads(body or b"{}")
        if not asked.get("Path"):
            return arn
        region, account = _place()
        return f"arn:aws:ssm:{region}:{account}:parameter{asked['Path'].rstrip('/')}/"

    iam_actions.extract_resource_arn = resource_with_path


def _place() -> tuple[str, str]:
    from ministack.core.responses import get_account_id, get_region

    return get_region(), get_account_id()
