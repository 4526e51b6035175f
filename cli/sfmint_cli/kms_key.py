"""A KMS key on a command line."""

import click

from sfmint_values.kms_key_arn import SHAPE, is_key_arn


class KmsKey(click.ParamType[str]):
    """The ARN of a KMS key on a command line."""

    name = "arn"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it."""
        if not is_key_arn(value):
            self.fail(
                f"that is not the ARN of a KMS key: {SHAPE}, not an alias and not the id alone.",
                param,
                ctx,
            )
        return value
