"""A caller of the connection, as consumers are one: nothing is kept between two probes, so each asks the broker."""

from collections.abc import Callable

from botocore.session import Session as AwsSession
from requests import Session

from sfmint_client.errors import SalesforceForbidden
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.request import RestRequest
from sfmint_client.token_client import TokenClient

LIMITS = "/services/data/v60.0/limits"  # wants a session, and costs one request to the API
_REQUEST = RestRequest(method="GET", path=LIMITS)
_LACKS_RIGHT = frozenset({"FORBIDDEN", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY"})


class RealCaller:
    """Gets a token by the client's own way, and asks the org for its limits.

    Args:
        connection: its name.
        stack: the stack's name.
        aws: makes the clients of AWS.
        new_session: makes a session of HTTP.
        token_hosts: hosts beside Salesforce's own that may be given tokens.
    """

    def __init__(
        self,
        connection: str,
        *,
        stack: str,
        aws: AwsSession,
        new_session: Callable[[], Session],
        token_hosts: frozenset[str],
    ) -> None:
        self._connection = connection
        self._stack = stack
        self._aws = aws
        self._new_session = new_session
        self._token_hosts = token_hosts

    def use_token(self, within_s: float) -> None:
        """Get a token and use it; see `probe.Caller`."""
        # Who reports a dead token does not wait for the broker's minute to be over: the next probe sees it.
        tokens = TokenClient(self._connection, stack=self._stack, rejection_wait_s=0.0, session=self._aws)
        tokens.get_token()  # what the broker takes is not Salesforce's time
        with self._new_session() as session:
            client = RestClient(tokens, session, listed=self._token_hosts)
            seen: list[str] = []
            try:
                client.send(_REQUEST, within_s=within_s, observe=lambda sighting: seen.append(sighting.error_code))
            except SalesforceForbidden:
                if seen and seen[-1] in _LACKS_RIGHT:
                    raise _without_right(seen[-1]) from None
                raise


def _without_right(code: str) -> SalesforceForbidden:
    return SalesforceForbidden(
        f"Salesforce takes the token, but its user may not read the org's limits ({code}), which is what the prober asks"
        " for. Give the user the permission View Setup and Configuration, or name another connection in ProbeConnection."
    )
