"""The answers of AWS in our words: what happened, and if something was denied, what."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sfmint import clock_skew
from sfmint.errors import CacheUnavailable
from sfmint.ports import Clock
from sfmint_values.aws_codes import ACCESS_DENIED, PASSING, THROTTLED, code_of, status_of
from sfmint_values.foreign import Foreign

_BY_KMS = frozenset(
    {"DecryptionFailure", "EncryptionFailure", "KMSAccessDeniedException"}
)  # of a service that asked KMS
_KEY_OFF = frozenset({"DisabledException", "InvalidKeyId", "KMSDisabledException", "KMSInvalidStateException"})
_GONE = frozenset({"KMSNotFoundException", "NotFoundException", "ResourceNotFoundException"})
_UNKNOWN_ROLE = frozenset({"InvalidClientTokenId", "UnrecognizedClientException"})
DENIALS = ACCESS_DENIED | _BY_KMS | _KEY_OFF | _GONE | _UNKNOWN_ROLE

_FAULTS_FROM = 500  # HTTP
_TOO_MANY = 429
_LONGEST_MESSAGE = 2000  # characters that are looked at; none is shown
# How AWS names who was denied, and what: both may be shown, for neither is a secret or free text.
_ROLE = re.compile(r":assumed-role/([A-Za-z0-9_+=,.@-]{1,64})/")
_KEY_ARN = re.compile(r"arn:aws[a-z-]{0,16}:kms:[a-z0-9-]{1,32}:[0-9]{12}:key/[A-Za-z0-9-]{1,64}")
_WORDS_OF_KMS = ("kms:", "access to kms", "kms key", "master key")

type AwsError = BotoCoreError | ClientError


class Happened(Enum):
    """What became of a request to AWS that has failed."""

    NO_ANSWER = auto()  # it may have been carried out
    FAULT = auto()  # 5xx: likewise
    THROTTLED = auto()  # it has not been carried out
    DENIED = auto()  # by a decision: access, or a key that is off
    REFUSED = auto()  # for any other reason


_WORDS = {
    Happened.NO_ANSWER: ("did not answer", "Call again; in a VPC check the endpoint or the way out."),
    Happened.FAULT: ("failed {action}", "Call again; if it lasts, look at AWS's Health Dashboard."),
    Happened.THROTTLED: ("asks for a pause", "Call again after a pause; if it lasts, look at the account's quotas."),
    Happened.DENIED: ("refused {action}", ""),  # what helps depends on what was denied
    Happened.REFUSED: ("refused {action}", "Look the code up in the service's API Reference."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request to AWS, in the words of an error.

    Attributes:
        service: of AWS.
        action: what was to be done: "to encrypt".
        permission: what the function's role needs for it.
        thing: of what it needs it: "the table tokens".
        key_parameter: of the stack, which lets the role use a customer's key, that thing or the key of it; empty: none does.
        other_key: how to do without that key, a clause; empty: there is no simple way.
    """

    service: str
    action: str
    permission: str
    thing: str
    key_parameter: str = ""
    other_key: str = ""


def happened(error: AwsError) -> Happened:
    """Return what became of a request that ended so."""
    if not isinstance(error, ClientError):
        return Happened.NO_ANSWER
    code, status = code_of(error), status_of(error) or 0
    if code in DENIALS:
        return Happened.DENIED
    if code in THROTTLED or status == _TOO_MANY:
        return Happened.THROTTLED
    return Happened.FAULT if code in PASSING or status >= _FAULTS_FROM else Happened.REFUSED


def unavailable(asked: Asked, error: AwsError) -> CacheUnavailable:
    """Return our error for one of AWS's; its own message is left out, for it may quote the request."""
    what = happened(error)
    did, remedy = _WORDS[what]
    return CacheUnavailable(
        f"{asked.service} {did.format(action=asked.action)}: {code_of(error)}.",
        remedy=remedy or _remedy(asked, error),
        denied=what is Happened.DENIED,
        throttled=what is Happened.THROTTLED,
    )


def unreadable(service: str) -> CacheUnavailable:
    """Return our error for an answer that is not what the service answers: a proxy's, perhaps."""
    return CacheUnavailable(
        f"{service} gave an answer that cannot be read.",
        remedy="Call again; if it lasts, look at what stands between the function and AWS.",
    )


def _remedy(asked: Asked, error: AwsError) -> str:
    """Return what helps against a denial: it depends on what was denied."""
    code, is_key = code_of(error), asked.service == "KMS"
    key = asked.thing if is_key else f"the KMS key of {asked.thing}"
    if code in _KEY_OFF:
        return f"Enable {key}, or cancel its deletion."
    if code in _BY_KMS or (not is_key and _is_by_kms(asked, error)):
        return _allow_key(asked, key, error)
    if code in _GONE:
        return f"Look whether {asked.thing} still exists, in this account and region."
    if code in _UNKNOWN_ROLE:
        return "Look whether the function's role still exists, and whether the account has turned the region on."
    if is_key and asked.key_parameter:
        return _allow_key(asked, key, error)
    return (
        f"Allow {asked.permission} on {asked.thing} to the function's role; policies of the organisation and of a VPC"
        " endpoint must allow it too."
    )


def _allow_key(asked: Asked, key: str, error: AwsError) -> str:
    """Return how to let the function use a customer's key: IAM asks the policies of the role and of the key."""
    is_key, role = asked.service == "KMS", f"the function's role{_named(error, _role_in)}"
    permission, key = (asked.permission, key) if is_key else ("kms:Decrypt", f"{key}{_named(error, _key_in)}")
    if not asked.key_parameter:
        return f"Allow {permission} on {key} to {role}, in the role's policy and in the key's."
    other = f"; or {asked.other_key}" if asked.other_key else ""
    return (
        f"Allow {permission} on {key} to {role}, in the role's policy (the stack's parameter"
        f" {asked.key_parameter} does it for the keys that it names) and in the key's{other}."
    )


def _named(error: AwsError, find: Callable[[str], str]) -> str:
    """Return what AWS's message names, in brackets after a blank; empty where it names nothing of the kind."""
    for said in _messages(error):
        if found := find(said):
            return f" ({found})"
    return ""


def _key_in(message: Foreign) -> str:
    found = _KEY_ARN.search(message[:_LONGEST_MESSAGE])
    return found[0] if found else ""


def _role_in(message: Foreign) -> str:
    found = _ROLE.search(message[:_LONGEST_MESSAGE])
    return found[1] if found else ""


def _messages(error: AwsError) -> Iterator[str]:
    """Give AWS's own words, where they stand: botocore puts them elsewhere than our client."""
    response: Any = getattr(error, "response", {})
    told = response.get("Error")
    message = told.get("Message") if isinstance(told, dict) else None
    for said in (message, response.get("message"), response.get("Message")):
        if isinstance(said, str):
            yield said


def _is_by_kms(asked: Asked, error: AwsError) -> bool:
    """Return whether a service passes on a denial by KMS, which only its message says."""
    return any(_speaks_of_kms(said, asked.permission) for said in _messages(error))


def _speaks_of_kms(message: Foreign, permission: str) -> bool:
    text = message[:_LONGEST_MESSAGE].lower()
    return permission.lower() not in text and any(word in text for word in _WORDS_OF_KMS)


@dataclass(slots=True)
class LastDate:
    """The date that a service showed last, and when it arrived here; read only where a mint is due."""

    clock: Clock
    shown: str = ""
    arrived_at: float = 0.0

    def note(self, answer: Any) -> None:
        """Take the date of an answer of botocore's."""
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        self.shown, self.arrived_at = headers.get("date", ""), self.clock.now()

    def behind_s(self) -> float | None:
        """Return by how many seconds this clock was behind then."""
        return clock_skew.behind_s(self.shown, self.arrived_at)
