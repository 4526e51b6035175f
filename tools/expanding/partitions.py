"""What an expanded template says that holds in some partitions only.

cfn-lint compares resource types and properties with those of each region. It knows China and GovCloud, but for the iso
regions it has no list of its own. So the services are looked up in botocore's list of endpoints too.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.session
from cfnlint.api import ManualArgs, lint  # type: ignore[import-untyped]

from expanding.expand import Expanded
from expanding.places import keys, texts

REGIONS = {
    "eu-central-1": "aws",
    "us-east-1": "aws",
    "us-gov-west-1": "aws-us-gov",
    "cn-north-1": "aws-cn",
    "us-iso-east-1": "aws-iso",
    "us-isob-east-1": "aws-iso-b",
}
USED_BY_THE_CODE = {"secretsmanager", "sts"}  # beside the services of the template's own resources
_REGION = re.compile(r"\b(?:af|ap|ca|cn|eu|eusc|il|me|mx|sa|us)(?:-gov|-iso[a-z]?|-de)?-[a-z]+-[1-9]\b")


def lint_faults(template: Mapping[str, Any], *regions: str) -> list[str]:
    """Return what cfn-lint has against a template, in all regions by default."""
    found = lint(json.dumps(template), config=ManualArgs(regions=list(regions or REGIONS)))
    return [f"{each.rule.id} {'/'.join(map(str, each.path or []))}: {each.message}" for each in found]


def bound_to_a_partition(expanded: Expanded) -> Iterator[str]:
    """Give each text that is right in some partitions or regions only, and each remnant of a loop."""
    own = {word for value in expanded.variant.given.values() for word in (value, *value.split(","))}  # the operator's
    for place, text in texts(expanded.general):
        if text in own:
            continue
        where = "/".join(place)
        if re.search(r"\barn:(?!\$\{AWS::Partition\}:)", text):
            yield f"{where}: an ARN without ${{AWS::Partition}}: {text}"
        # Services have one name in every partition (lambda.amazonaws.com also in China), but not one host.
        if "amazonaws" in text and place[-2:] not in {("Principal", "Service"), ("Properties", "Principal")}:
            yield f"{where}: a host without ${{AWS::URLSuffix}}: {text}"
        if _REGION.search(text):
            yield f"{where}: a region: {text}"
        if "&{" in text:
            yield f"{where}: a variable of a loop: {text}"
    yield from (f"a loop: {key}" for key in keys(expanded.general) if "Fn::ForEach" in key or "&{" in key)


def missing_services(expanded: Expanded) -> Iterator[str]:
    """Give each service that a region does not have, by botocore's list."""
    known = botocore.session.get_session()
    kinds = {resource["Type"].split("::")[1].lower() for resource in expanded.general["Resources"].values()}
    for service in sorted(kinds | USED_BY_THE_CODE):
        for region, partition in REGIONS.items():
            regions = known.get_available_regions(service, partition, allow_non_regional=True)
            worldwide = any(each.endswith("-global") for each in regions)
            if region not in regions and not worldwide:
                yield f"{service} is not in {region}"
