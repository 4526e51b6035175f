"""Reach a token host as a login would, without one: the same connections, and the same words for what keeps them away."""

from http.client import HTTPException

from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_cli.broker_code import HttpsTokenEndpoint

_WITHIN_S = 3.0
_VERSIONS = "/services/data/"  # needs no token


class Doorbell(HttpsTokenEndpoint):
    """The broker's own way to Salesforce, on which nothing secret is sent."""

    def ring(self, connection: Connection) -> float | None:
        """Return by how many seconds this machine's clock is behind the host's, or None where that does not say.

        Raises:
            LoginFailed: the host cannot be reached, or what answers there speaks no HTTP.
        """
        deadline = self._clock.monotonic() + _WITHIN_S
        pool = self._pool_of(connection)
        channel = self._connected(pool, deadline)
        try:
            channel.request("GET", _VERSIONS, headers={"Host": pool.host, "Accept": "application/json"})
            self._read(channel.getresponse())
        except (OSError, HTTPException):
            raise LoginFailed(REASONS["no_answer"]) from None
        finally:
            channel.close()
        return self.behind_s()
