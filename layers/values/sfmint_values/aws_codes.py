"""AWS's error codes: how one is read from what botocore raises, and those that every service uses."""

ACCESS_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TooManyUpdates",
    }
)


def code_of(error: Exception) -> str:
    """Return AWS's error code, or the name of the class where no answer came.

    Args:
        error: a `ClientError` or `BotoCoreError` of botocore, which this package does not import.
    """
    answer = getattr(error, "response", None)  # only a ClientError's is a dictionary
    if isinstance(answer, dict):
        return str(answer.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__
