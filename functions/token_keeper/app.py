"""token_keeper: `refresh` and `watch` for the schedule; `flush`, `taint`, `status` and `try` for operators; answers metadata only."""

import gc

gc.disable()  # until the function stands: nothing that its start makes is garbage

from typing import TYPE_CHECKING, Any

from sfmint import bootstrap
from sfmint.request import (
    FlushRequest,
    RefreshRequest,
    RowsRequest,
    TaintRequest,
    TryRequest,
    WatchRequest,
    check_alias,
    parse_keeper_event,
)

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

FUNCTION = bootstrap.token_keeper()
gc.freeze()  # and what it has made is not looked through again
gc.enable()


def handler(event: object, context: "LambdaContext") -> dict[str, Any]:
    """Parse, call, answer."""
    with FUNCTION.outcome():
        FUNCTION.telemetry.begin(context.aws_request_id)
        request = parse_keeper_event(event, FUNCTION.settings.connections)
        check_alias(request, context.invoked_function_arn, context.function_name)
    with FUNCTION.outcome(request.connection):
        match request:
            case RefreshRequest():
                remaining_s = context.get_remaining_time_in_millis() / 1000
                return FUNCTION.use_case.refresh(request, remaining_s=remaining_s)
            case FlushRequest():
                return FUNCTION.use_case.flush(request)
            case RowsRequest():
                return FUNCTION.use_case.status(request)
            case TaintRequest():
                return FUNCTION.use_case.taint(request)
            case TryRequest():
                return FUNCTION.use_case.staged_login.attempt(request)
            case WatchRequest():
                return FUNCTION.use_case.watch.run(request)
