"""Clients of AWS with time-outs that fit under the lease, and their errors in our words."""

from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from sfmint.errors import CacheUnavailable

TIMEOUT_S = 1.0  # to connect, and to read
READ_TRIES = 2  # a read that got no answer may be sent again
DENIALS = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "DecryptionFailure",  # Secrets Manager's word for a KMS key that says no
        "DisabledException",
        "KMSAccessDeniedException",
        "KMSDisabledException",
        "KMSInvalidStateException",
        "NotFoundException",
        "ResourceNotFoundException",
        "UnrecognizedClientException",
    }
)

type AwsError = BotoCoreError | ClientError


def make_client(session: Session, service: str) -> Any:
    """Return a client that tries once: whether a second try is safe is the caller's knowledge."""
    config = Config(
        connect_timeout=TIMEOUT_S,
        read_timeout=TIMEOUT_S,
        retries={"total_max_attempts": 1},
        tcp_keepalive=True,
    )
    return session.create_client(service, config=config)


def attempt[Answer](tries: int, call: Callable[[], Answer]) -> Answer:
    """Call again where no answer came; an answer, a refusal too, is final."""
    for _ in range(tries - 1):
        try:
            return call()
        except BotoCoreError:
            continue
    return call()


def code_of(error: AwsError) -> str:
    """Return AWS's error code, or the class name where no answer came."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__


def unavailable(service: str, action: str, error: AwsError) -> CacheUnavailable:
    """Return our error for one of AWS's; its own message is left out, for it may quote the request."""
    code = code_of(error)
    denied = code in DENIALS
    return CacheUnavailable(
        f"{service} refused {action}: {code}."
        if isinstance(error, ClientError)
        else f"{service} did not answer: {code}.",
        remedy="Check that the function's role may do it, and that its table and key exist and are enabled."
        if denied
        else "Call again; in a VPC check the endpoint or the way out.",
        denied=denied,
    )
