"""A connection's token, got from the broker as every consumer gets it."""

from dataclasses import dataclass

from sfmint_cli.aws_account import Account
from sfmint_cli.options import Target
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed
from sfmint_client.access_token import AccessToken
from sfmint_client.errors import SfmintError
from sfmint_client.token_client import TokenClient
from sfmint_values.connection_name import is_admin
from sfmint_values.invoke_limits import DEFAULT_MIN_TTL_S

_REMEMBERED = frozenset({"AssertionRejected", "InvalidCredentials", "SalesforceUnavailable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerTokens:
    """Provides the tokens of one connection.

    Attributes:
        connection: its name.
        client: asks the broker.
    """

    connection: str
    client: TokenClient

    @classmethod
    def open(cls, target: Target, connection: str, min_ttl: int) -> "BrokerTokens":
        """Return what asks the broker of a stack, through the connection's alias.

        Raises:
            Failed: there is no region, the configuration of AWS cannot be read, or nobody gets its tokens.
        """
        if is_admin(connection):
            raise _of_an_administrator(connection)
        return cls.of(Account(target), target.stack, connection, min_ttl)

    @classmethod
    def of(cls, account: Account, stack: str, connection: str, min_ttl: int = DEFAULT_MIN_TTL_S) -> "BrokerTokens":
        """Return what asks the broker of an account's stack."""
        client = TokenClient(connection, stack=stack, min_ttl=min_ttl, session=account.botocore)
        return cls(connection=connection, client=client)

    def get_token(self) -> AccessToken:
        """Return a token.

        Raises:
            Failed: there is none, and why.
        """
        try:
            return self.client.get_token()
        except SfmintError as error:
            raise self.told(error) from None

    def told(self, error: SfmintError) -> Failed:
        """Return an error of the client or of Salesforce, with the way out where it may be an old one."""
        failed = Failed.told(error.name, str(error))
        if failed.name not in _REMEMBERED:
            return failed
        forget = f"If an earlier refusal is remembered, this says until when: {sfmint('refresh', self.connection)}"
        return Failed(failed.cause, remedy=f"{failed.remedy} {forget}", name=failed.name)


def _of_an_administrator(connection: str) -> Failed:
    return Failed(
        f"The tokens of {connection!r} are for the function that rotates keys alone: it is an admin connection.",
        remedy=f"Name another connection. To see whether this one works: {sfmint('doctor', connection)}",
        name="ConnectionForbidden",
    )
