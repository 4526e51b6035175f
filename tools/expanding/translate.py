"""Runs in the SAM CLI's environment, which has SAM's translator: a line of JSON in, a line of JSON out.

In: {"template": with loops, "parameters": {...}, "pseudo": {...}, "unrolled": {expander: a template without loops}}.
Out: {expander: that template, translated}; one more expander is the SAM CLI itself, which `sam build` uses.
"""

import json
import sys
from typing import Any

from samcli.lib.cfn_language_extensions.models import PseudoParameterValues  # type: ignore[import-not-found]
from samcli.lib.cfn_language_extensions.sam_integration import (  # type: ignore[import-not-found]
    process_template_for_sam_cli,
)
from samtranslator.translator.transform import transform  # type: ignore[import-not-found]

SAM_CLI = "SAM CLI"


class _NoPolicies:
    """The template names no policy by AWS's short names, so none has to be looked up."""

    def load(self) -> dict[str, str]:
        """Return the ARNs of those policies."""
        return {}


def main() -> None:
    """Translate what stands on standard input."""
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))))


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    pseudo, parameters = asked["pseudo"], asked["parameters"]
    known = PseudoParameterValues(
        region=pseudo["AWS::Region"],
        account_id=pseudo["AWS::AccountId"],
        stack_name=pseudo["AWS::StackName"],
        partition=pseudo["AWS::Partition"],
        url_suffix=pseudo["AWS::URLSuffix"],
    )
    unrolled = asked["unrolled"] | {SAM_CLI: process_template_for_sam_cli(asked["template"], parameters, known)}
    return {expander: _translated(template, parameters) for expander, template in unrolled.items()}


def _translated(template: dict[str, Any], values: dict[str, str]) -> Any:
    for resource in template["Resources"].values():
        for name in {"CodeUri", "ContentUri"} & set(resource.get("Properties", {})):
            # What `sam deploy` writes there; the translator takes no folder.
            resource["Properties"][name] = f"s3://bucket/{resource['Properties'][name]}"
    return transform(template, dict(values), _NoPolicies())


if __name__ == "__main__":
    main()
