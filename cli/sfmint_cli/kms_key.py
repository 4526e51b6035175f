"""The ARN of a KMS key, as Secrets Manager and an IAM policy both take it."""

import re

import click

from sfmint_values.foreign import Foreign

# Source: Service Authorization Reference, AWS KMS, resource type key; KMS Developer Guide, key identifiers (mrk-).
_ARN = re.compile(
    r"arn:aws[a-z-]{0,20}:kms:[a-z]{2}(?:-[a-z]{1,12}){1,3}-[0-9]{1,2}:[0-9]{12}:key/"
    r"(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)
_LONGEST = 200


def is_key_arn(text: Foreign) -> bool:
    """Return whether a text is the ARN of a KMS key; one of an alias grants nothing in an IAM policy."""
    return len(text) <= _LONGEST and _ARN.fullmatch(text) is not None


class KmsKey(click.ParamType[str]):
    """The ARN of a KMS key on a command line."""

    name = "arn"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it."""
        if not is_key_arn(value):
            self.fail(
                "that is not the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID, not an alias and not the id alone.",
                param,
                ctx,
            )
        return value
