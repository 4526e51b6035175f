"""What an org's refusal means for an administrator, in words.

Source: REST API Developer Guide, "Status Codes and Error Responses"; SOAP API Developer Guide, "ExceptionCode".
"""

from sfmint_client.rest.refusals.refusal import Refusal
from sfmint_setup.errors import (
    LimitReached,
    OrgRefused,
    OrgUnreachable,
    RightMissing,
    SessionExpired,
    SetupError,
    UnusableAnswer,
)
from sfmint_setup.rights import DEPLOY, USE_API, Task
from sfmint_values.foreign import Foreign

_LACKS_RIGHT = frozenset(
    {
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "INVALID_TYPE",  # a type whose right is missing is unknown
        "FORBIDDEN",
        "NO_ACCESS",
    }
)
_ENDED = frozenset({"INVALID_SESSION_ID", "INVALID_AUTH_HEADER", "Bad_OAuth_Token", "Wrong_Org"})
_BUSY = frozenset({"SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "UNABLE_TO_LOCK_ROW"})
_LEAST_REFUSAL, _LEAST_FAULT = 400, 500


def error_of(refusal: Refusal, task: Task) -> SetupError:
    """Return the error of a refusal.

    Args:
        refusal: Salesforce's.
        task: what was asked for.
    """
    code, words = refusal.code, refusal.words.lower()
    if code in _ENDED or refusal.message in _ENDED:
        return _of_session(words)
    if code == "API_DISABLED_FOR_ORG":
        return RightMissing(USE_API, task.words)
    if "modifymetadata" in words:
        return RightMissing(DEPLOY, task.words)
    if code in _LACKS_RIGHT:
        return RightMissing(task.right, task.words)
    return _of_other(refusal, task)


def _of_other(refusal: Refusal, task: Task) -> SetupError:
    """Return what is neither of the session nor of a right."""
    code = refusal.code
    if code == "FUNCTIONALITY_NOT_ENABLED":
        return _turned_off(refusal, task)
    if code == "REQUEST_LIMIT_EXCEEDED":
        return LimitReached()
    if "license" in refusal.words.lower():
        return OrgRefused(
            f"The user's licence does not allow that: Salesforce answered {refusal.quoted}.",
            remedy="A permission set for one licence cannot open an app to users of another: use one without a licence, or"
            " the profile, in the app's policies.",
            code=code,
        )
    if code in _BUSY or refusal.status_code >= _LEAST_FAULT:
        return OrgUnreachable(
            f"Salesforce is not able to {task.words} for the moment: it answered {refusal.quoted}.",
            remedy="Run this again in some minutes; see status.salesforce.com if it lasts.",
            is_sent=True,
        )
    if refusal.status_code < _LEAST_REFUSAL or not (code or refusal.words):
        return _of_somebody_else(refusal.status_code)
    return OrgRefused(
        f"Salesforce refuses to {task.words}: it answered {refusal.quoted}.",
        remedy="Look at what it says, in Setup or with `sfmint explain`, then run this again.",
        code=code,
    )


def _of_somebody_else(status_code: int) -> SetupError:
    """Return what is wrong with an answer that says nothing in Salesforce's way: it tells nothing of rights."""
    return UnusableAnswer(
        f"The answer is none of Salesforce's API: HTTP {status_code}.",
        remedy="Check that the instance URL is the org's own, which changes with its My Domain, and that no proxy and no page"
        " stands before it.",
    )


def _turned_off(refusal: Refusal, task: Task) -> SetupError:
    return OrgRefused(
        f"The org has turned off what it takes to {task.words}: it answered {refusal.quoted}.",
        remedy="Turn External Client Apps on: Setup, External Client App Settings.",
        code=refusal.code,
    )


def _of_session(words: Foreign) -> SetupError:
    """Return what is wrong with a session: one that lives may be barred from what was asked."""
    if "not valid for use" not in words:
        return SessionExpired()
    return OrgRefused(
        "The org knows the administrator's session, but does not let it use this API.",
        remedy="Take a session of an app whose scopes hold api and which API Access Control lets in (sf org login web"
        " --alias ALIAS); tokens that are JWTs are refused by SOAP.",
        code="INVALID_SESSION_ID",
    )
