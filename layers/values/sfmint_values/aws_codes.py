"""AWS's error codes: how one is read from what botocore raises, and those that every service uses."""

from sfmint_values.foreign import Foreign

_LONGEST_CODE = 64
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
    """Return AWS's error code, or the name of the class where no answer came. It may be shown.

    Args:
        error: a `ClientError` or `BotoCoreError` of botocore, which this package does not import.
    """
    answer = getattr(error, "response", None)  # only a ClientError's is a dictionary
    if not isinstance(answer, dict):
        return type(error).__name__
    code = answer.get("Error", {}).get("Code")
    return code if isinstance(code, str) and is_code(code) else "Unknown"


def is_code(text: Foreign) -> bool:
    """Return whether a text may be shown as a code: up to 64 letters, digits and dots. Anything else may be a secret."""
    return len(text) <= _LONGEST_CODE and text.isascii() and text.replace(".", "a").isalnum()
