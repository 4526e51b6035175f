"""`sfmint token`: get a connection's token as every consumer does."""

import click

from sfmint_cli.instants import written
from sfmint_cli.options import Command, Target, connection_argument, min_ttl_option, show_option
from sfmint_cli.result import Report


@click.command("token", cls=Command)
@connection_argument
@min_ttl_option
@show_option
@click.pass_context
def command(context: click.Context, *, name: str, min_ttl: int, show: bool) -> Report:
    """Get a connection's token and show what is known of it.

    It asks the broker through the connection's alias, as consumers do, so it needs what they need: the managed policy
    STACK-get-token-NAME-REGION. The token itself is shown with --show only.
    """
    from sfmint_cli.use.broker_token import BrokerTokens

    token = BrokerTokens.open(Target.read(context), name, min_ttl).get_token()
    return Report(
        facts={
            **({"access_token": token.access_token} if show else {}),
            "connection": token.connection,
            "instance_url": token.instance_url,
            "org_id": token.org_id,
            "user_id": token.user_id,
            "scope": token.scope.split(),
            "fingerprint": token.fingerprint,
            "issued_at": written(token.issued_at),
            "expires_at": written(token.expires_at),
            "expires_in": token.expires_in,
            "min_ttl_applied": token.min_ttl_applied,
            "source": token.source,
        }
    )
