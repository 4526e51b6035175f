"""salesforce_request: one REST request through a connection's alias; the token stays inside."""

import gc

gc.disable()  # until the function stands: nothing that its start makes is garbage

from typing import TYPE_CHECKING, Any

from salesforce_request.event import parse_event
from salesforce_request.own_alias import connection_of
from salesforce_request.wiring import SalesforceRequest
from sfmint_values.alias_arn import asks_for_build

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

FUNCTION = SalesforceRequest()
gc.freeze()  # and what it has made is not looked through again
gc.enable()
MARGIN_S = 1.0  # to answer, and to tell of it


def handler(event: object, context: "LambdaContext") -> dict[str, Any]:
    """Parse, call, answer."""
    if asks_for_build(event, context.invoked_function_arn, context.function_name):
        return {"build": FUNCTION.settings.build}
    with FUNCTION.log.outcome() as outcome:
        outcome.request_id = context.aws_request_id
        connections = FUNCTION.settings.connections
        outcome.connection = connection_of(context.invoked_function_arn, context.function_name, connections)
        outcome.request = request = parse_event(event)
        answer = FUNCTION.client(outcome.connection).send(
            request,
            allow_list=FUNCTION.allow_lists.read(outcome.connection, outcome.served_stale_list),
            within_s=context.get_remaining_time_in_millis() / 1000 - MARGIN_S,
            observe=outcome.saw,
        )
        return answer.to_json() | {"connection": outcome.connection}
