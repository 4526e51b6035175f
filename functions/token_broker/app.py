"""token_broker: `get_token` and `status`, through a connection's alias; its build only, through `live`."""

import gc

gc.disable()  # until the function stands: nothing that its start makes is garbage

from typing import TYPE_CHECKING, Any

from sfmint import bootstrap
from sfmint.request import StatusRequest, TokenRequest, alias_of, parse_broker_event
from sfmint.telemetry import RequestFailed, TokenRefused
from sfmint_values.alias_arn import asks_for_build

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

FUNCTION = bootstrap.token_broker()
gc.freeze()  # and what it has made is not looked through again
gc.enable()


def handler(event: object, context: "LambdaContext") -> dict[str, Any]:
    """Parse, call, answer."""
    if asks_for_build(event, context.invoked_function_arn, context.function_name):
        return {"build": FUNCTION.settings.build}
    with FUNCTION.outcome(told=TokenRefused):
        FUNCTION.telemetry.begin(context.aws_request_id)
        alias = alias_of(context.invoked_function_arn, context.function_name, FUNCTION.settings.connections)
    with FUNCTION.outcome(alias, TokenRefused):
        checked = parse_broker_event(event, alias)
    with FUNCTION.outcome(alias, TokenRefused if isinstance(checked, TokenRequest) else RequestFailed):
        match checked:
            case TokenRequest() as request:
                remaining_s = context.get_remaining_time_in_millis() / 1000
                return FUNCTION.use_case.get_token(request, remaining_s=remaining_s)
            case StatusRequest() as request:
                return FUNCTION.use_case.status(request)
