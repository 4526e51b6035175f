"""The errors of the invoke interface.

Lambda reports the class name as `errorType`, and Step Functions match it in `ErrorEquals`: the names are API.

    SfmintError
    ├── InvalidRequest        malformed event, unknown action or field
    ├── ConnectionNotFound    no such connection, or no credentials yet
    ├── ConnectionForbidden   another connection's alias, or a qualifier that may not be used
    ├── InvalidCredentials    the secret may not be read or cannot be used, or its key is tainted or does not sign
    ├── AssertionRejected     Salesforce refuses the login for good
    ├── LoginRateExceeded     Salesforce's login limit, or sfmint's own budget
    ├── RejectionLimited      fresh tokens keep being rejected
    ├── SalesforceUnavailable 5xx, time-outs, malformed answers
    ├── RefreshInProgress     another caller is logging in, and this caller's time is up
    ├── CacheUnavailable      AWS does not answer and memory holds no usable token
    └── InternalError         a fault of sfmint's own
"""

from typing import ClassVar, Self

from sfmint_values.error_names import RetryClass


class SfmintError(RetryClass, Exception):
    """An error that a caller meets: one sentence of cause, one of remedy, and never a key, assertion or token.

    Args:
        cause: what is wrong, one sentence.
        remedy: what to do about it, one sentence.

    Attributes:
        usual_remedy: what helps in most cases: for tables, and where the message of an error is lost.
        denied: AWS answered with a decision (access denied, key disabled). It is obeyed: no old token is used in its place.
    """

    usual_remedy: ClassVar[str]
    denied: bool = False

    def __init__(self, cause: str, *, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}")
        self.cause = cause
        self.remedy = remedy


class InvalidRequest(SfmintError):  # noqa: N818 - the names are API
    """The event is malformed, or names an unknown action or field."""

    usual_remedy = "Correct the event: its message names the field, and events/ has one of each kind."


class ConnectionNotFound(SfmintError):  # noqa: N818
    """There is no such connection, or its secret holds no credentials yet."""

    usual_remedy = "Add the name to the parameter Connections, and its credentials with sfmint connection add."


class ConnectionForbidden(SfmintError):  # noqa: N818
    """The invoked alias is another connection's, or its qualifier may not be used."""

    usual_remedy = "Invoke the alias whose ARN stands in SSM under /sfmint/STACK/connections/NAME/broker."


class InvalidCredentials(SfmintError):  # noqa: N818
    """The secret may not be read, its content cannot be used, or its key is tainted or does not sign.

    Attributes:
        denied: AWS does not let the function read it, or sign. No call is answered until somebody changes a policy or a key.
    """

    usual_remedy = (
        "Check the pair with sfmint keys check, and store it with sfmint connection add; if AWS denies reading the secret"
        " or signing, give the function's role what the message names."
    )

    def __init__(self, cause: str, *, remedy: str, denied: bool = False) -> None:
        super().__init__(cause, remedy=remedy)
        self.denied = denied


class AssertionRejected(SfmintError):  # noqa: N818
    """Salesforce refuses the login, and will until somebody changes something."""

    usual_remedy = "Read its message, which names the mistake; sfmint login shows the login step by step."


class LoginRateExceeded(SfmintError):  # noqa: N818
    """Salesforce's login limit is reached, or sfmint's own login budget."""

    usual_remedy = "Wait for the next hour, and find out in Login History who else logs in as this user."


class RejectionLimited(SfmintError):  # noqa: N818
    """Fresh tokens keep being rejected: the fault is not the token."""

    usual_remedy = (
        "Wait as long as the message says, a minute or ten, and find out why Salesforce refuses fresh tokens: IP"
        " restrictions of the profile, the session settings, or a job that logs this user out."
    )


class SalesforceUnavailable(SfmintError):  # noqa: N818
    """Salesforce does not answer, or not with a usable token."""

    usual_remedy = "Call again later; if it lasts, look at status.salesforce.com."


class RefreshInProgress(SfmintError):  # noqa: N818
    """Another caller is logging in, and this caller's time is up."""

    usual_remedy = "Call again, with a longer deadline_ms."


class CacheUnavailable(SfmintError):  # noqa: N818
    """The token store, KMS or Secrets Manager does not answer, and memory holds no usable token.

    Attributes:
        denied: AWS says no to table, parameter or key.
        throttled: AWS asks for a pause.
    """

    usual_remedy = "Call again; if it lasts, check that the stack's table and KMS key exist and are enabled."

    def __init__(self, cause: str, *, remedy: str, denied: bool = False, throttled: bool = False) -> None:
        super().__init__(cause, remedy=remedy)
        self.denied = denied
        self.throttled = throttled


class InternalError(SfmintError):
    """A fault of sfmint's own; the log line of the same request names its place."""

    usual_remedy = "Report the log line of the same request, which names the place."

    @classmethod
    def unforeseen(cls) -> Self:
        """Return what is told of a foreign error, whose own words may quote a secret."""
        return cls("sfmint met a fault of its own.", remedy="Report the log line of this request that names its place.")
