"""The errors of the invoke interface.

Lambda reports the class name as `errorType`, and Step Functions match it in `ErrorEquals`: the names are API.
Whether the same call may succeed later stands in `sfmint_values.error_names`.

    SfmintError
    ├── InvalidRequest        malformed event, unknown action or field
    ├── ConnectionNotFound    no such connection, or no credentials yet
    ├── ConnectionForbidden   another connection's alias, or a qualifier that may not be used
    ├── InvalidCredentials    the secret's content cannot be used, or its key is tainted
    ├── AssertionRejected     Salesforce refuses the assertion for good
    ├── LoginRateExceeded     Salesforce's login limit, or sfmint's own budget
    ├── RejectionLimited      fresh tokens keep being rejected
    ├── SalesforceUnavailable 5xx, time-outs, malformed answers
    ├── RefreshInProgress     someone else is minting and the caller's time is up
    ├── CacheUnavailable      AWS does not answer and memory holds nothing servable
    └── InternalError         a fault of sfmint's own
"""

from sfmint_values.error_names import RetryClass


class SfmintError(RetryClass, Exception):
    """An error that a caller meets: one sentence of cause, one of remedy, and never a key, assertion or token.

    Args:
        cause: what is wrong, one sentence.
        remedy: what to do about it, one sentence.
    """

    def __init__(self, cause: str, *, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}")
        self.cause = cause
        self.remedy = remedy


class InvalidRequest(SfmintError):  # noqa: N818 - the names are API
    """The event is malformed, or names an unknown action or field."""


class ConnectionNotFound(SfmintError):  # noqa: N818
    """There is no such connection, or its secret holds no credentials yet."""


class ConnectionForbidden(SfmintError):  # noqa: N818
    """The invoked alias is another connection's, or its qualifier may not be used."""


class InvalidCredentials(SfmintError):  # noqa: N818
    """The secret's content cannot be used, or its key is tainted."""


class AssertionRejected(SfmintError):  # noqa: N818
    """Salesforce refuses the assertion, and will until somebody changes something."""


class LoginRateExceeded(SfmintError):  # noqa: N818
    """Salesforce's login limit is reached, or sfmint's own login budget."""


class RejectionLimited(SfmintError):  # noqa: N818
    """Fresh tokens keep being rejected: the fault is not the token."""


class SalesforceUnavailable(SfmintError):  # noqa: N818
    """Salesforce does not answer, or not with a usable token."""


class RefreshInProgress(SfmintError):  # noqa: N818
    """Someone else holds the lease, and the caller's time is up."""


class CacheUnavailable(SfmintError):  # noqa: N818
    """The store (or KMS, or Secrets Manager) does not answer, and memory holds nothing servable.

    Attributes:
        denied: AWS answered with a decision (access denied, key disabled). A decision is never ridden out.
        throttled: AWS asks for a pause.
    """

    def __init__(self, cause: str, *, remedy: str, denied: bool = False, throttled: bool = False) -> None:
        super().__init__(cause, remedy=remedy)
        self.denied = denied
        self.throttled = throttled


class InternalError(SfmintError):
    """A fault of sfmint's own; the log line of the same request names its place."""
