"""The ARN of a role on a command line."""

import re

import click

from sfmint_values.foreign import Foreign

# Source: IAM User Guide, "IAM identifiers": a path of printable characters, and a name.
_ARN = re.compile(r"arn:aws[a-z-]{0,20}:iam::[0-9]{12}:role/(?:[\x21-\x7e]{1,510}/)?[\w+=,.@-]{1,64}", re.ASCII)
_LONGEST = 620


def is_role_arn(text: Foreign) -> bool:
    """Return whether a text is the ARN of a role, and not of a session that has assumed one."""
    return len(text) <= _LONGEST and _ARN.fullmatch(text) is not None


class RoleArn(click.ParamType[str]):
    """The ARN of a role on a command line."""

    name = "arn"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it."""
        if not is_role_arn(value):
            self.fail("that is not the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME, not of a session.", param, ctx)
        return value
