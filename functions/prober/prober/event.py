"""The event of prober, which is always the same, and the alias that it comes through."""

from sfmint_client.errors import ConnectionForbidden, InvalidRequest
from sfmint_values.alias_arn import LIVE, connection_of
from sfmint_values.foreign import Foreign

_EVENT = {"action": "probe"}


def check_event(event: object) -> None:
    """Check what was sent.

    Raises:
        InvalidRequest: it is not the one event that there is.
    """
    if event != _EVENT:
        raise InvalidRequest('The event is not the one that prober knows. Send {"action": "probe"} and nothing else.')


def check_alias(invoked_arn: Foreign, function_name: str) -> None:
    """Check which alias was invoked.

    Args:
        invoked_arn: `context.invoked_function_arn`.
        function_name: the function's own name.

    Raises:
        ConnectionForbidden: another than `live`, or none.
    """
    if connection_of(invoked_arn, function_name, (LIVE,)) is None:
        raise ConnectionForbidden("prober was not invoked through its alias. Invoke its alias live.")
