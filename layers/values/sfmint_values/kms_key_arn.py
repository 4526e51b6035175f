"""The ARN of a KMS key, as Secrets Manager, KMS and an IAM policy all take it.

Source: Service Authorization Reference, AWS KMS, resource type key; KMS Developer Guide, key identifiers (mrk-).
"""

import re

from sfmint_values.foreign import Foreign

SHAPE = "arn:aws:kms:REGION:ACCOUNT:key/ID"  # in errors

_ARN = re.compile(
    r"arn:aws[a-z-]{0,20}:kms:[a-z]{2}(?:-[a-z]{1,12}){1,3}-[0-9]{1,2}:[0-9]{12}:key/"
    r"(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)
_LONGEST = 200
_REGION = 3  # which part of an ARN names the region


def is_key_arn(text: Foreign) -> bool:
    """Return whether a text is the ARN of a KMS key; one of an alias grants nothing in an IAM policy."""
    return len(text) <= _LONGEST and _ARN.fullmatch(text) is not None


def region_of(arn: str) -> str:
    """Return the region in which a key is used.

    Args:
        arn: of a key.
    """
    return arn.split(":")[_REGION]
