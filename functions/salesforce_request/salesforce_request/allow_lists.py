"""The allow-lists of the connections, one SSM parameter each; where one cannot be read, nothing is sent."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sfmint_client.errors import CacheUnavailable, RequestNotAllowed, SfmintError
from sfmint_client.rest.allow_list import DEFAULT, AllowList
from sfmint_values.aws_codes import ACCESS_DENIED, code_of
from sfmint_values.system import Clock

KEPT_S = 60.0  # how late a changed list may still take effect


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
        self._kept: dict[str, tuple[float, AllowList]] = {}

    def read(self, connection: str) -> AllowList:
        """Return a connection's list; where it has none, the one that lets everything under /services/data be read.

        Raises:
            RequestNotAllowed: the list is malformed.
            CacheUnavailable: it cannot be read.
        """
        now = self._clock.monotonic()
        read_at, allow_list = self._kept.get(connection, (-KEPT_S, DEFAULT))
        if now - read_at >= KEPT_S:
            allow_list = self._fetch(f"/sfmint/{self._stack}/connections/{connection}/allow")
            self._kept[connection] = now, allow_list
        return allow_list

    def _fetch(self, name: str) -> AllowList:
        try:
            return AllowList.parse(self._client().get_parameter(Name=name)["Parameter"]["Value"])
        except ClientError as error:
            if code_of(error) == "ParameterNotFound":
                return DEFAULT
            raise _unreadable(name, code_of(error)) from None
        except BotoCoreError as error:
            raise _unreadable(name, code_of(error)) from None
        except ValueError as error:
            raise RequestNotAllowed(
                f"The allow-list in the SSM parameter {name} cannot be used: {error}. Correct that line."
            ) from None


def _unreadable(name: str, code: str) -> SfmintError:
    remedy = (
        "Let the role of the function read it, as the stack's template does."
        if code in ACCESS_DENIED
        else "Call again; in a VPC check the endpoint of SSM or the way out."
    )
    return CacheUnavailable(f"The allow-list in the SSM parameter {name} cannot be read: {code}. {remedy}")
