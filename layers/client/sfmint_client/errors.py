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
    ├── RefreshInProgress      another caller is logging in, and this caller's time is up
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
    ├── AnswerHoldsToken       the answer repeats the token, so nobody gets it
    ├── SalesforceBadRequest   400 and its like
    ├── SalesforceForbidden    401 that a new token does not heal, 403
    ├── SalesforceNotFound     404
    ├── SalesforceConflict     300, 409, 412: look again
    ├── SalesforceBusy         a lock, load or maintenance: nothing was done, wait and repeat
    ├── SalesforcePartlyFailed a part of a composite, batch or job failed, the rest did not
    └── SalesforceRateLimited  the org's limit of API requests
"""

from typing import ClassVar

from sfmint_values.error_names import RetryClass


class SfmintError(RetryClass, Exception):
    """An error of sfmint: cause and remedy in plain words, and never a key, assertion or token.

    Args:
        message: one sentence of cause, one of remedy.
        name: the `errorType`, where this version of the client has no class of that name.

    Attributes:
        name: the class's name, or the `errorType` that has no class here.
        retryable: whether the same call may succeed later without anybody changing anything.
        after_a_pause: whether later means minutes, not seconds.
        usual_remedy: what helps in most cases; empty where the error is the broker's, whose message says it.
    """

    usual_remedy: ClassVar[str] = ""

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
    """The secret may not be read, or its content cannot be used."""


class AssertionRejected(SfmintError):  # noqa: N818
    """Salesforce refuses the login, and will until somebody changes something."""


class LoginRateExceeded(SfmintError):  # noqa: N818
    """Salesforce's login limit is reached, or sfmint's own login budget."""


class RejectionLimited(SfmintError):  # noqa: N818
    """Fresh tokens keep being rejected: the fault is not the token."""


class SalesforceUnavailable(SfmintError):  # noqa: N818
    """Salesforce does not answer, or answers with a fault of its own."""


class RefreshInProgress(SfmintError):  # noqa: N818
    """Another caller is logging in, and this caller's time is up."""


class CacheUnavailable(SfmintError):  # noqa: N818
    """AWS does not answer the broker, and its memory holds no usable token."""


class InternalError(SfmintError):
    """A fault of sfmint's own."""


class NotConfigured(SfmintError):  # noqa: N818
    """The client knows no stack, or finds no region or no usable credentials of AWS."""

    usual_remedy = (
        "Name a stack (SFMINT_STACK) and a region (AWS_REGION), and give the process a role or AWS_PROFILE; renew"
        " credentials that have expired."
    )


class DiscoveryForbidden(SfmintError):  # noqa: N818
    """The caller may not read the SSM parameter that names the connection's alias."""

    usual_remedy = (
        "Attach the managed policy STACK-get-token-NAME-REGION to the caller's role, or give the client the alias_arn."
    )


class InvokeForbidden(SfmintError):  # noqa: N818
    """IAM refuses the caller the connection's alias, before the broker runs."""

    usual_remedy = (
        "Attach the managed policy STACK-get-token-NAME-REGION to the caller's role; from another account, name the"
        " role in the alias's resource policy too."
    )


class AliasNotFound(SfmintError):  # noqa: N818
    """Lambda knows no such alias."""

    usual_remedy = "Check account, region and alias ARN, and that the deployed Connections list the name."


class BrokerUnavailable(SfmintError):  # noqa: N818
    """AWS throttled or did not answer, or the broker's function died or timed out.

    Attributes:
        throttled: AWS asked for patience, and nothing was done: a `TokenClient` calls again by itself.
    """

    retryable = True
    usual_remedy = "Call again; if it lasts, look into the log group of the broker's function."

    def __init__(self, message: str, *, throttled: bool = False) -> None:
        super().__init__(message)
        self.throttled = throttled


class WrongHost(SfmintError):  # noqa: N818
    """The request would go to a host that is neither the token's `instance_url` nor listed; it is not sent."""

    usual_remedy = (
        "Build URLs from the token's instance_url, and send requests there only; a further host of Salesforce's, such as"
        " api.salesforce.com, has to be listed by the connection."
    )


class RequestNotAllowed(SfmintError):  # noqa: N818
    """The connection's allow-list, or the rules of methods, paths and headers, refuse the request; it is not sent."""

    usual_remedy = "Use a path of the connection's allow-list, or widen it with sfmint connection allow."


class AnswerTooLarge(SfmintError):  # noqa: N818
    """Salesforce's answer is over the caller's limit."""

    usual_remedy = "Ask for less, such as fewer fields or rows, or raise max_bytes."


class AnswerHoldsToken(SfmintError):  # noqa: N818
    """Salesforce's answer repeats the token that was sent, so it is not handed on."""

    usual_remedy = (
        "Ask for a resource that does not repeat the token; in Apex REST have the class answer no session id. A write was"
        " carried out: do not send it again."
    )


class SalesforceBadRequest(SfmintError):  # noqa: N818
    """Salesforce, or the org's own code, refuses the request or its data, and would again."""

    usual_remedy = "Correct the request: Salesforce's own words stand in the message."


class SalesforceForbidden(SfmintError):  # noqa: N818
    """Salesforce refuses the user or the app, and a new token does not help."""

    usual_remedy = "Give the connection's user the permission, or the app the scope api."


class SalesforceNotFound(SfmintError):  # noqa: N818
    """Salesforce has no such resource or record."""

    usual_remedy = "Check the path and its version, and that the connection's user may see the record."


class SalesforceConflict(SfmintError):  # noqa: N818
    """The record is not in the state that the request needs."""

    usual_remedy = "Read the record again, and decide then what to write."


class SalesforceBusy(SfmintError):  # noqa: N818
    """A lock, load or maintenance is in the way for the moment, and nothing was done."""

    retryable = True
    usual_remedy = "Send it again after a pause, a write too; if it lasts, send fewer in parallel and less at a time."


class SalesforcePartlyFailed(SfmintError):  # noqa: N818
    """Salesforce answers a success, but a part of the request failed, and `fail_on_partial` is on."""

    usual_remedy = "Correct the parts that failed and send those again, not the others, which were carried out."


class SalesforceRateLimited(SfmintError):  # noqa: N818
    """The org's limit of API requests is reached."""

    retryable = True
    usual_remedy = "Wait, and find out in Setup, under API usage, who uses up the org's requests."


def error_named(name: str, message: str) -> SfmintError:
    """Return the error of an `errorType`; the base class, which keeps the name, where it is not known here."""
    known = {error.__name__: error for error in SfmintError.__subclasses__()}
    return known[name](message) if name in known else SfmintError(message, name=name)
