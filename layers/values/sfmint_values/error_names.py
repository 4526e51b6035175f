"""The errors of the invoke interface: their names, which are API, and whether the same call may succeed later.

Core and client have a class of each name. Their base classes differ, and both take the retry class from here.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal

type Again = Literal["no", "after a pause", "yes"]

AGAIN: Mapping[str, Again] = {
    "InvalidRequest": "no",
    "ConnectionNotFound": "no",
    "ConnectionForbidden": "no",
    "InvalidCredentials": "no",
    "AssertionRejected": "no",
    "LoginRateExceeded": "after a pause",
    "RejectionLimited": "after a pause",
    "SalesforceUnavailable": "yes",
    "RefreshInProgress": "yes",
    "CacheUnavailable": "yes",
    "InternalError": "no",
}

# Whoever meets one of these has sent something wrong: no fault of the stack, of AWS or of Salesforce.
CALLERS_MISTAKES = frozenset({"InvalidRequest", "ConnectionForbidden"})


class RetryClass:
    """Tells of an error class whether the same call may succeed later, by the name of the class.

    Attributes:
        retryable: whether it may, without anybody changing anything.
        after_a_pause: later means minutes, not seconds.
    """

    retryable: ClassVar[bool] = False
    after_a_pause: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        if again := AGAIN.get(cls.__name__):
            cls.retryable = again != "no"
            cls.after_a_pause = again == "after a pause"
