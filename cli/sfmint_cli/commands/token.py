"""`sfmint token`: get a connection's token as every consumer does."""

import click

from sfmint.salesforce.access_token import iso8601
from sfmint_cli.options import Command, Target, connection_argument, show_option
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed, Report
from sfmint_values.invoke_limits import DEFAULT_MIN_TTL_S, LONGEST_MIN_TTL_S

REMEMBERED = frozenset({"AssertionRejected", "InvalidCredentials", "SalesforceUnavailable"})


@click.command("token", cls=Command)
@connection_argument
@click.option(
    "--min-ttl",
    type=click.IntRange(0, LONGEST_MIN_TTL_S),
    default=DEFAULT_MIN_TTL_S,
    show_default=True,
    metavar="SECONDS",
    help="Seconds of life that the token should have left.",
)
@show_option
@click.pass_context
def command(context: click.Context, *, name: str, min_ttl: int, show: bool) -> Report:
    """Get a connection's token and show what is known of it.

    It asks the broker through the connection's alias, as consumers do, so it needs what they need: the managed policy
    STACK-get-token-NAME-REGION. The token itself is shown with --show only.
    """
    from sfmint_cli.aws_account import Account
    from sfmint_client.errors import SfmintError
    from sfmint_client.token_client import TokenClient

    target = Target.read(context)
    account = Account(target)
    try:
        token = TokenClient(name, stack=target.stack, min_ttl=min_ttl, session=account.botocore).get_token()
    except SfmintError as error:
        failed = Failed.told(getattr(error, "name", type(error).__name__), str(error))
        raise _with_way_out(failed, name) from None
    return Report(
        facts={
            **({"access_token": token.access_token} if show else {}),
            "connection": token.connection,
            "instance_url": token.instance_url,
            "org_id": token.org_id,
            "user_id": token.user_id,
            "scope": token.scope.split(),
            "fingerprint": token.fingerprint,
            "issued_at": iso8601(token.issued_at.timestamp()),
            "expires_at": iso8601(token.expires_at.timestamp()),
            "expires_in": token.expires_in,
            "min_ttl_applied": token.min_ttl_applied,
            "source": token.source,
        }
    )


def _with_way_out(failed: Failed, name: str) -> Failed:
    if failed.name not in REMEMBERED:
        return failed
    forget = f"If an earlier refusal is remembered, this says until when: {sfmint('refresh', name)}"
    return Failed(failed.cause, remedy=f"{failed.remedy} {forget}", name=failed.name)
