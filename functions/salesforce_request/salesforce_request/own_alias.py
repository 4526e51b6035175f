"""The connection of a call: the alias that was invoked, and nothing that a caller says."""

from collections.abc import Collection

from sfmint_client.errors import ConnectionForbidden


def connection_of(invoked_arn: str, function_name: str, connections: Collection[str]) -> str:
    """Return the connection whose alias was invoked.

    Args:
        invoked_arn: `context.invoked_function_arn`, which Lambda sets on every path and a caller cannot.
        function_name: the function's own name.
        connections: the stack's connections.

    Raises:
        ConnectionForbidden: unqualified, `$LATEST`, a version, `live`, or an alias that is no connection.
    """
    match invoked_arn.split(":"):
        case ["arn", _, "lambda", _, _, "function", name, alias] if name == function_name and alias in connections:
            return alias
        case _:
            raise ConnectionForbidden(
                "The function was invoked without the alias of a connection."
                " Invoke the alias ARN that stands in SSM under /sfmint/STACK/connections/NAME/request."
            )
