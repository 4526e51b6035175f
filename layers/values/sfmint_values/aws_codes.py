"""AWS's error codes: how one is read from what botocore raises, and those that every service uses."""

from sfmint_values.foreign import Foreign

LONGEST_CODE = 64
NO_CODE = "an unknown error"

ACCESS_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
# botocore, `retries/standard.py`: ThrottledRetryableChecker and TransientRetryableChecker.
THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TooManyUpdates",  # Parameter Store's own
        "TransactionInProgressException",
    }
)
PASSING = frozenset({"RequestTimeout", "RequestTimeoutException"})


def code_of(error: Exception) -> str:
    """Return AWS's error code, or the name of the class where no answer came. It may be shown.

    Args:
        error: a `ClientError` or `BotoCoreError` of botocore, which this package does not import.
    """
    answer = getattr(error, "response", None)  # only a ClientError's is a dictionary
    if isinstance(answer, dict):
        told = answer.get("Error")
        return shown_code(told.get("Code") if isinstance(told, dict) else None)
    return type(error).__name__


def shown_code(code: object) -> str:
    """Return an error code as it may be shown: what is none may be anything, and may have been written by anybody."""
    return code if isinstance(code, str) and _is_code(code) else NO_CODE


def status_of(error: Exception) -> int | None:
    """Return the HTTP status of AWS's answer, or None where none came or none is known."""
    answer = getattr(error, "response", None)
    shown = answer.get("ResponseMetadata") if isinstance(answer, dict) else None
    status = shown.get("HTTPStatusCode") if isinstance(shown, dict) else None
    return status if isinstance(status, int) else None


def _is_code(text: Foreign) -> bool:
    return len(text) <= LONGEST_CODE and text.isascii() and text.replace(".", "a").isalnum()
