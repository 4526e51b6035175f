"""How an error leaves a function: Lambda's runtime logs the frames of every exception but those of a class of its own."""

import sys

_RUNTIME = "awslambdaric.lambda_runtime_exception"


def as_reported(error: Exception) -> Exception:
    """Return what to raise so that Lambda reports an error by its name and its words, and logs no frames of it.

    `errorType` and `errorMessage` are those of the error itself. Where Lambda's runtime is not at work, that is returned.

    Source: awslambdaric/bootstrap.py, `handle_event_request`.
    """
    fault = getattr(sys.modules.get(_RUNTIME), "FaultException", None)
    reported: Exception = error if fault is None else fault(type(error).__name__, str(error), [])
    return reported
