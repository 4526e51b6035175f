"""The allow-lists of the connections, one SSM parameter each; where none was read for a while, nothing is sent."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's

from sfmint_client.errors import CacheUnavailable, RequestNotAllowed, SfmintError
from sfmint_client.rest.allow_list import DEFAULT, AllowList
from sfmint_values.aws_codes import ACCESS_DENIED, PASSING, THROTTLED, code_of, status_of
from sfmint_values.system import Clock

KEPT_S = 60.0  # how late a changed list may still take effect
# ... and where SSM is throttled or out of reach: a throttle is over in minutes, and a rule that was taken away counts no longer.
STALE_S = 300.0
PAUSE_S = 30.0  # meanwhile, between two reads: each may take seconds of a request, and adds to the throttle
_FAULTS_FROM, _TOO_MANY = 500, 429  # HTTP


@dataclass(frozen=True, slots=True)
class _Kept:
    """A list, when it was read, and when it is to be read again, by the monotonic clock."""

    allow_list: AllowList
    read_at: float
    due_at: float


class AllowLists:
    """Reads each list when it is first needed, and again a minute later.

    Args:
        client: returns a client of SSM.
        stack: the stack's name.
        clock: time.
    """

    def __init__(self, client: Callable[[], Any], stack: str, clock: Clock) -> None:
        self._client = client
        self._stack = stack
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def read(self, connection: str, tell: Callable[[str], None]) -> AllowList:
        """Return a connection's list; where it has none, the one that lets everything under /services/data be read.

        While SSM is throttled or out of reach, the last list is good for five minutes from when it was read.

        Args:
            connection: its name.
            tell: is told AWS's code where the list could not be read, and the last one is returned.

        Raises:
            RequestNotAllowed: the list is malformed.
            CacheUnavailable: it cannot be read.
        """
        now, kept = self._clock.monotonic(), self._kept.pop(connection, None)
        if kept is None or now >= kept.due_at:
            kept = self._renewed(connection, kept, now, tell)
        self._kept[connection] = kept
        return kept.allow_list

    def _renewed(self, connection: str, kept: _Kept | None, now: float, tell: Callable[[str], None]) -> _Kept:
        name = f"/sfmint/{self._stack}/connections/{connection}/allow"
        try:
            return _Kept(self._fetch(name), now, now + KEPT_S)
        except (BotoCoreError, ClientError) as error:
            if kept is None or now - kept.read_at >= STALE_S or not _may_pass(error):
                raise _unreadable(name, code_of(error)) from None
            tell(code_of(error))
            return replace(kept, due_at=min(now + PAUSE_S, kept.read_at + STALE_S))

    def _fetch(self, name: str) -> AllowList:
        try:
            return AllowList.parse(self._client().get_parameter(Name=name)["Parameter"]["Value"])
        except ClientError as error:
            if code_of(error) == "ParameterNotFound":
                return DEFAULT
            raise
        except ValueError as error:
            raise RequestNotAllowed(
                f"The allow-list in the SSM parameter {name} cannot be used: {error}. Correct that line."
            ) from None


def _may_pass(error: BotoCoreError | ClientError) -> bool:
    """Return whether a read has failed for what passes by itself: a throttle, a fault of SSM's, no way to it."""
    if not isinstance(error, ClientError):
        return isinstance(error, (ConnectionError, HTTPClientError))
    status = status_of(error) or 0
    return code_of(error) in THROTTLED | PASSING or status == _TOO_MANY or status >= _FAULTS_FROM


def _unreadable(name: str, code: str) -> SfmintError:
    remedy = (
        "Let the role of the function read it, as the stack's template does."
        if code in ACCESS_DENIED
        else "Call again; in a VPC check the endpoint of SSM or the way out."
    )
    return CacheUnavailable(f"The allow-list in the SSM parameter {name} cannot be read: {code}. {remedy}")
