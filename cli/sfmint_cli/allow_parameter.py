"""The allow-list of a connection in Parameter Store: what salesforce_request may send."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from botocore.exceptions import ClientError

from sfmint_cli.aws_account import asking
from sfmint_cli.result import Failed
from sfmint_client.rest.allow_list import DEFAULT, AllowList
from sfmint_values.aws_codes import code_of

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

LONGEST = 4096  # characters of a standard parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowParameter:
    """The parameter `/sfmint/STACK/connections/NAME/allow`; every call may raise `Failed`.

    Attributes:
        client: of Parameter Store.
        name: the parameter's.
    """

    client: "SSMClient"
    name: str

    def read(self) -> str | None:
        """Return the text, or None where it was never set."""
        with asking(f"read the parameter {self.name}"):
            try:
                return self.client.get_parameter(Name=self.name)["Parameter"].get("Value")
            except ClientError as error:
                if code_of(error) == "ParameterNotFound":
                    return None
                raise

    def rules(self) -> tuple[list[str], bool]:
        """Return the rules in force, and whether they were ever set."""
        text = self.read()
        try:
            return (DEFAULT if text is None else AllowList.parse(text)).lines, text is not None
        except ValueError as error:
            raise Failed(
                f"The parameter {self.name} cannot be used: {error}.",
                remedy="salesforce_request sends nothing until it can: set the rules anew.",
                name="InvalidAllowList",
            ) from None

    def before(self) -> tuple[list[str], bool]:
        """Return the rules to be replaced, and whether they are in force; where not, they are the text, line by line."""
        try:
            return self.rules()[0], True
        except Failed as failed:
            if failed.name != "InvalidAllowList":
                raise
            return (self.read() or "").splitlines(), False

    def write(self, rules: Iterable[str], *, description: str) -> None:
        """Put these rules in place of any others."""
        with asking(f"write the parameter {self.name}"):
            self.client.put_parameter(
                Name=self.name, Description=description, Type="String", Value="\n".join(rules), Overwrite=True
            )


def listed_in(rules: Iterable[str]) -> list[str]:
    """Return rules as a person has typed them, checked as salesforce_request will.

    Raises:
        click.UsageError: one is none, or they are too long for a parameter.
    """
    try:
        lines = AllowList.parse("\n".join(rules)).lines
    except ValueError as error:
        raise click.UsageError(f"Of the rules, {error}.") from None
    if not lines:
        raise click.UsageError("The rules are empty: a connection needs one at least.")
    if len("\n".join(lines)) > LONGEST:
        raise click.UsageError(f"The rules have more than the {LONGEST} characters that a parameter takes.")
    return lines
