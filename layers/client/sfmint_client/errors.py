"""What a caller meets, by name.

The first group comes from the broker, whose `errorType` is the name; what the client finds out itself follows. The
names are API: Step Functions match them, and `except` does.

    SfmintError
    ├── InvalidRequest         malformed event, unknown action or field
    ├── ConnectionNotFound     no such connection, or no credentials yet
    ├── ConnectionForbidden    another connection's alias, or a qualifier that may not be used
    ├── InvalidCredentials     the secret's content cannot be used
    ├── AssertionRejected      Salesforce refuses the login for good
    ├── LoginRateExceeded      Salesforce's login limit, or sfmint's own budget
    ├── RejectionLimited       fresh tokens keep being rejected
    ├── SalesforceUnavailable  5xx, time-outs, malformed answers
    ├── RefreshInProgress      someone else is logging in and the caller's time is up
    ├── CacheUnavailable       AWS does not answer the broker
    ├── InternalError          a fault of sfmint's own
    │
    ├── NotConfigured          no stack, no region, or no usable credentials of AWS
    ├── DiscoveryForbidden     IAM lets the caller not read the parameter that names the alias
    ├── InvokeForbidden        IAM lets the caller not invoke the alias
    ├── AliasNotFound          Lambda knows no such alias
    ├── BrokerUnavailable      Lambda throttled, did not answer, or the function died
    │
    ├── WrongHost              a request to another host than the token's; it is never sent
    ├── RequestNotAllowed      the allow-list or the rules of paths say no
    ├── AnswerTooLarge         the answer is over the caller's limit
    ├── SalesforceBadRequest   400 and its like
    ├── SalesforceForbidden    401 that a new token does not heal, 403
    ├── SalesforceNotFound     404
    ├── SalesforceConflict     409, 412
    └── SalesforceRateLimited  the org's limit of API requests
"""

from sfmint_values.error_names import RetryClass


class SfmintError(RetryClass, Exception):
    """An error of sfmint: cause and remedy in plain words, and never a key, assertion or token.

    Args:
        message: one sentence of cause, one of remedy.
        name: the `errorType`, where this version of the client has no class of that name.

    Attributes:
        name: the class's name, or the `errorType` that has no class here.
        retryable: whether the same call may succeed later without anybody changing anything.
    """

    def __init__(self, message: str, *, name: str | None = None) -> None:
        super().__init__(message)
        self.name = name or type(self).__name__


class InvalidRequest(SfmintError):  # noqa: N818 - the names are API
    """The event is malformed, or names an unknown action or field."""


class ConnectionNotFound(SfmintError):  # noqa: N818
    """There is no such connection, or its secret holds no credentials yet."""


class ConnectionForbidden(SfmintError):  # noqa: N818
    """The invoked alias is another connection's, or its qualifier may not be used."""


class InvalidCredentials(SfmintError):  # noqa: N818
    """The secret's content cannot be used."""


class AssertionRejected(SfmintError):  # noqa: N818
    """Salesforce refuses the login, and will until somebody changes something."""


class LoginRateExceeded(SfmintError):  # noqa: N818
    """Salesforce's login limit is reached, or sfmint's own login budget."""


class RejectionLimited(SfmintError):  # noqa: N818
    """Fresh tokens keep being rejected: the fault is not the token."""


class SalesforceUnavailable(SfmintError):  # noqa: N818
    """Salesforce does not answer, or answers with a fault of its own."""


class RefreshInProgress(SfmintError):  # noqa: N818
    """Someone else is logging in, and the caller's time is up."""


class CacheUnavailable(SfmintError):  # noqa: N818
    """AWS does not answer the broker, and its memory holds nothing servable."""


class InternalError(SfmintError):
    """A fault of sfmint's own."""


class NotConfigured(SfmintError):  # noqa: N818
    """The client was told no stack, or finds no region or no usable credentials of AWS."""


class DiscoveryForbidden(SfmintError):  # noqa: N818
    """The caller may not read the SSM parameter that names the connection's alias."""


class InvokeForbidden(SfmintError):  # noqa: N818
    """IAM refuses the caller the connection's alias, before the broker runs."""


class AliasNotFound(SfmintError):  # noqa: N818
    """Lambda knows no such alias."""


class BrokerUnavailable(SfmintError):  # noqa: N818
    """AWS throttled or did not answer, or the broker's function died or timed out.

    Attributes:
        throttled: AWS asked for patience, and nothing was done: a `TokenClient` calls again by itself.
    """

    retryable = True

    def __init__(self, message: str, *, throttled: bool = False) -> None:
        super().__init__(message)
        self.throttled = throttled


class WrongHost(SfmintError):  # noqa: N818
    """The request would go to another host than the token's `instance_url`; it is not sent."""


class RequestNotAllowed(SfmintError):  # noqa: N818
    """The connection's allow-list, or the rules of methods, paths and headers, refuse the request; it is not sent."""


class AnswerTooLarge(SfmintError):  # noqa: N818
    """Salesforce's answer is over the caller's limit."""


class SalesforceBadRequest(SfmintError):  # noqa: N818
    """Salesforce finds the request malformed."""


class SalesforceForbidden(SfmintError):  # noqa: N818
    """Salesforce refuses the user or the app, and a new token does not help."""


class SalesforceNotFound(SfmintError):  # noqa: N818
    """Salesforce has no such resource or record."""


class SalesforceConflict(SfmintError):  # noqa: N818
    """The record is not in the state that the request needs."""


class SalesforceRateLimited(SfmintError):  # noqa: N818
    """The org's limit of API requests is reached."""

    retryable = True


def error_named(name: str, message: str) -> SfmintError:
    """Return the error of an `errorType`; the base class, which keeps the name, where it is not known here."""
    known = {error.__name__: error for error in SfmintError.__subclasses__()}
    return known[name](message) if name in known else SfmintError(message, name=name)
