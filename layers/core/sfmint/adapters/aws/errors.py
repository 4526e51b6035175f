"""The answers of AWS in our words, and who may ask again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sfmint import clock_skew
from sfmint.errors import CacheUnavailable
from sfmint.ports import Clock
from sfmint_values.aws_codes import ACCESS_DENIED, THROTTLED, code_of

READ_TRIES = 2  # a read that got no answer may be sent again
DENIALS = ACCESS_DENIED | {
    "DecryptionFailure",  # Secrets Manager's word for a KMS key that says no
    "DisabledException",
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "NotFoundException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
}

type AwsError = BotoCoreError | ClientError

_NO_ANSWER = "Call again; in a VPC check the endpoint or the way out."


def attempt[Answer](tries: int, call: Callable[[], Answer]) -> Answer:
    """Call again where no answer came; an answer, a refusal too, is final."""
    for _ in range(tries - 1):
        try:
            return call()
        except BotoCoreError:
            continue
    return call()


def unavailable(service: str, action: str, error: AwsError) -> CacheUnavailable:
    """Return our error for one of AWS's; its own message is left out, for it may quote the request."""
    code = code_of(error)
    denied, throttled = code in DENIALS, code in THROTTLED
    if denied:
        remedy = "Check that the function's role may do it, and that its table and key exist and are enabled."
    elif throttled:
        remedy = "Call again after a pause; if it lasts, look at the account's quotas."
    else:
        remedy = _NO_ANSWER
    answered = isinstance(error, ClientError)
    cause = f"{service} refused {action}: {code}." if answered else f"{service} did not answer: {code}."
    return CacheUnavailable(cause, remedy=remedy, denied=denied, throttled=throttled)


def unreadable(service: str) -> CacheUnavailable:
    """Return our error for an answer that is not what the service answers: a proxy's, perhaps."""
    return CacheUnavailable(f"{service} gave an answer that cannot be read.", remedy=_NO_ANSWER)


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
