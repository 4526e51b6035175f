"""A connection of a deployed stack, as the global options and a command's argument name it."""

from dataclasses import dataclass
from typing import Self

import click

from sfmint.salesforce.connection import Connection
from sfmint_cli.allow_parameter import AllowParameter
from sfmint_cli.aws_account import Account
from sfmint_cli.connection_secret import ConnectionSecret
from sfmint_cli.credentials import usable
from sfmint_cli.keeper import Keeper
from sfmint_cli.options import Target
from sfmint_cli.result import Failed
from sfmint_cli.signing import Signing
from sfmint_cli.stack import Stack
from sfmint_cli.storing_command import storing


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What a command asks for one connection.

    Attributes:
        name: the connection's.
        account: of the stack.
        stack: as it is deployed.
    """

    name: str
    account: Account
    stack: Stack

    @classmethod
    def find(cls, context: click.Context, name: str) -> Self:
        """Return a connection of the stack that the global options name.

        Raises:
            Failed: there is no such stack or connection, or AWS does not tell.
        """
        target = Target.read(context)
        account = Account(target)
        stack = Stack.deployed(account, target.stack)
        stack.require(name)
        return cls(name=name, account=account, stack=stack)

    def secret(self) -> ConnectionSecret:
        """Return its secret."""
        return ConnectionSecret(client=self.account.secrets_manager(), name=f"{self.stack.secret_prefix}{self.name}")

    def credentials(self) -> tuple[Connection, Signing]:
        """Return what its secret says, and the key that signs.

        Raises:
            Failed: the secret holds nothing that the broker would take, or AWS does not tell.
        """
        secret = self.secret()
        text = secret.read()
        if text is None:
            raise Failed(
                f"The secret {secret.name} does not exist, or holds no credentials.",
                remedy=f"Store them: {storing(self.name)}.",
                name="ConnectionNotFound",
            )
        return usable(self.name, text, self.stack.token_hosts, self.account)

    def keeper(self) -> Keeper:
        """Return the stack's keeper."""
        return Keeper(client=self.account.functions(), arn=self.stack.keeper, connection=self.name)

    def allow_parameter(self) -> AllowParameter:
        """Return its allow-list."""
        name = f"{self.stack.parameter_prefix}{self.name}/allow"
        return AllowParameter(client=self.account.parameter_store(), name=name)
