"""The ARN of a Lambda alias. Each connection has one on token_broker and one on salesforce_request."""

from collections.abc import Collection

from sfmint_values.foreign import Foreign

LIVE = "live"  # the alias that a deploy publishes; no connection has its name
OBSERVE = "observe"  # the keeper's alias that answers `status` alone: who may only look has no other
_STATUS = {"action": "status"}
_ACCOUNT_DIGITS = 12


def alias_parts(arn: Foreign) -> tuple[str, str, str] | None:
    """Return region, function and alias of an alias's ARN; None where the text is no such ARN."""
    match arn.split(":"):
        case ["arn", partition, "lambda", region, account, "function", function, alias]:
            words = all(map(_is_word, (partition, region, function, alias)))
            is_account = len(account) == _ACCOUNT_DIGITS and account.isascii() and account.isdigit()
            return (region, function, alias) if words and is_account else None
        case _:
            return None


def connection_of(invoked_arn: Foreign, function_name: str, connections: Collection[str]) -> str | None:
    """Return the connection whose alias was invoked.

    Args:
        invoked_arn: `context.invoked_function_arn`, which Lambda sets on every path and a caller cannot.
        function_name: the function's own name.
        connections: the stack's connections.

    Returns:
        None where the ARN is unqualified or another function's, or where the qualifier is no connection: `$LATEST`, a
        version, `live`.
    """
    match alias_parts(invoked_arn):
        case (_, function, alias) if function == function_name and alias in connections:
            return alias
        case _:
            return None


def asks_for_build(event: object, invoked_arn: Foreign, function_name: str) -> bool:
    """Return whether somebody asks which build is deployed: through `live`, which gives out nothing else.

    Args:
        event: as it came.
        invoked_arn: as in `connection_of`.
        function_name: likewise.
    """
    return event == _STATUS and connection_of(invoked_arn, function_name, (LIVE,)) is not None


def _is_word(part: Foreign) -> bool:
    return part.isascii() and part.replace("-", "a").replace("_", "a").isalnum()
