"""Salesforce's own words of refusal.

Source: Salesforce Help, remoteaccess_oauth_flow_errors; REST API Developer Guide, errorcodes; clients' own lists.
"""

from werkzeug.wrappers import Response

from sfmint_local.org.wire import json_answer


class OAuthError(Exception):
    """The token endpoint's refusal: status 400, ``error`` and ``error_description``."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description

    def answer(self) -> Response:
        """Return Salesforce's answer."""
        return json_answer({"error": self.error, "error_description": self.description}, status=400)


class RestError(Exception):
    """The REST API's refusal: a status and a list of one error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message

    def answer(self) -> Response:
        """Return Salesforce's answer."""
        return json_answer([{"message": self.message, "errorCode": self.code}], status=self.status)


def invalid_grant(description: str) -> OAuthError:
    """Return the commonest refusal, which only its description tells apart."""
    return OAuthError("invalid_grant", description)


def invalid_assertion() -> OAuthError:
    """Return the refusal of everything that is wrong with the assertion itself."""
    return invalid_grant("invalid assertion")


def unknown_app(error: str) -> OAuthError:
    """Return the refusal of a consumer key behind which the org sees no app, in one of its two forms."""
    if error == "app_not_found":
        return OAuthError(error, "External client app is not installed in this org")
    return OAuthError("invalid_client_id", "client identifier invalid")


def wrong_key(answer: str) -> OAuthError:
    """Return the refusal of a signature that the app's certificate does not fit, in one of its two forms."""
    return (
        OAuthError("invalid_client", "invalid client credentials")
        if answer == "invalid_client"
        else invalid_assertion()
    )


def dead_session() -> RestError:
    """Return the one refusal that justifies asking for a new token."""
    return RestError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def no_such_resource() -> RestError:
    """Return the answer to a record or a version that does not exist."""
    return RestError(404, "NOT_FOUND", "The requested resource does not exist")


def insufficient_access() -> RestError:
    """Return the refusal of a change for which the user has no right."""
    return RestError(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")


def not_embedded() -> RestError:
    """Return the answer to an address that Salesforce may have: nothing is missing there."""
    message = "The embedded org does not know this address. docs/local-stack.md lists what it knows."
    return RestError(404, "NOT_FOUND", message)
