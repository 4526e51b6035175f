"""prober: uses one connection as a caller does, and asks AWS for what its policy does not give; answers what came of both."""

import gc

gc.disable()  # until the function stands: nothing that its start makes is garbage

from typing import TYPE_CHECKING, Any

from prober.event import check_alias, check_event
from prober.wiring import Prober
from sfmint_values.alias_arn import asks_for_build

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

FUNCTION = Prober()
gc.freeze()  # and what it has made is not looked through again
gc.enable()


def handler(event: object, context: "LambdaContext") -> dict[str, Any]:
    """Parse, probe, answer."""
    if asks_for_build(event, context.invoked_function_arn, context.function_name):
        return {"build": FUNCTION.settings.build}
    with FUNCTION.log.run(context.aws_request_id) as run:
        check_alias(context.invoked_function_arn, context.function_name)
        check_event(event)
        run.finding = FUNCTION.probe().run(within_s=context.get_remaining_time_in_millis() / 1000)
        return run.finding.to_json()
