"""The ways to a connection's token that its stack makes: aliases, and the policies that lead to them."""

from dataclasses import dataclass
from typing import Self

from sfmint_cli.stack import Stack
from sfmint_values.connection_name import is_admin

_BROKER, _REQUEST = "token-broker", "salesforce-request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An alias, and the managed policy that lets somebody invoke it.

    Attributes:
        gives: what whoever goes it gets, in a word.
        function: the function's name.
        alias: the ARN of the connection's alias.
        policy: the ARN of the policy; None: an administrators' connection has none.
    """

    gives: str
    function: str
    alias: str
    policy: str | None

    @classmethod
    def all_of(cls, stack: Stack, connection: str) -> tuple[Self, ...]:
        """Return the ways to a connection of a stack."""
        _, partition, _, region, account, *_ = stack.keeper.split(":")
        functions = f"arn:{partition}:lambda:{region}:{account}:function:{stack.name}-"
        policies = f"arn:{partition}:iam::{account}:policy/{stack.name}-"
        of_admin = is_admin(connection)
        token = cls(
            gives="token",
            function=f"{stack.name}-{_BROKER}",
            alias=f"{functions}{_BROKER}:{connection}",
            policy=None if of_admin else f"{policies}get-token-{connection}-{region}",
        )
        request = cls(
            gives="requests",
            function=f"{stack.name}-{_REQUEST}",
            alias=f"{functions}{_REQUEST}:{connection}",
            policy=f"{policies}request-{connection}-{region}",
        )
        return (token,) if of_admin else (token, request)
