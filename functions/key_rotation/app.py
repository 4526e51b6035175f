"""key_rotation: Secrets Manager's four steps, an operator's orders and the schedule's tick; answers how rotations stand."""

import gc

gc.disable()  # until the function stands: nothing that its start makes is garbage

from typing import TYPE_CHECKING, Any

from key_rotation.event import TickRequest, check_alias, home_of, parse_event
from key_rotation.wiring import KeyRotation
from sfmint_values.alias_arn import asks_for_build

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

FUNCTION = KeyRotation()
gc.freeze()  # and what it has made is not looked through again
gc.enable()


def handler(event: object, context: "LambdaContext") -> dict[str, Any]:
    """Parse, run, answer."""
    arn = context.invoked_function_arn
    if asks_for_build(event, arn, context.function_name):
        return {"build": FUNCTION.settings.build}
    with FUNCTION.log.outcome() as outcome:
        FUNCTION.telemetry.begin(context.aws_request_id)
        check_alias(arn, context.function_name)
        request = parse_event(event, home_of(arn, FUNCTION.settings.stack, FUNCTION.settings.connections))
        if not isinstance(request, TickRequest):
            outcome.connection = request.connection
        remaining_s = context.get_remaining_time_in_millis() / 1000
        FUNCTION.deadline.begin(remaining_s)
        return FUNCTION.runner.run(request, remaining_s=remaining_s)
