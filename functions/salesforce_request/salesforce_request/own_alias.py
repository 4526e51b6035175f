"""The connection of a call: the alias that was invoked, and nothing that a caller says."""

from collections.abc import Collection

from sfmint_client.errors import ConnectionForbidden
from sfmint_values import alias_arn


def connection_of(invoked_arn: str, function_name: str, connections: Collection[str]) -> str:
    """Return the connection whose alias was invoked; see `alias_arn.connection_of`.

    Raises:
        ConnectionForbidden: the alias of no connection, or another function's.
    """
    connection = alias_arn.connection_of(invoked_arn, function_name, connections)
    if connection is None:
        raise ConnectionForbidden(
            "The function was invoked without the alias of a connection."
            " Invoke the alias ARN that stands in SSM under /sfmint/STACK/connections/NAME/request."
        )
    return connection
