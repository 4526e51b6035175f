"""Try credentials, as a rule before they count: one login with those of one version of the secret. Nothing of it is kept."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sfmint.errors import ConnectionNotFound, InvalidCredentials
from sfmint.ports import Ports, Signer
from sfmint.request import TryRequest
from sfmint.row import decisions
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry.operators import StagedLoginFailed, StagedLoginSucceeded
from sfmint.use_cases import clock_check
from sfmint.use_cases.login import is_dead, log_in, spend
from sfmint.use_cases.look import look

ASKS_S = 10.0  # for all that is asked of AWS before the login


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedLogin:
    """Logs in with what is staged, through the stack's own network: an operator's machine may have another.

    It takes no lease and writes nothing but the count of logins: row, token and remembered failure stay as they are.

    Attributes:
        ports: the world.
        login_budget: logins that one Salesforce user may cost an hour.
        token_hosts: hosts beside Salesforce's own at which a token may be used.
    """

    ports: Ports
    login_budget: int
    token_hosts: frozenset[str]

    def attempt(self, request: TryRequest) -> dict[str, Any]:
        """Return what Salesforce answered, without the token, which is dropped.

        Raises:
            SfmintError: nothing is staged, it cannot be used, its key is tainted, the hour's logins are spent, AWS does not
                answer, or Salesforce gives no token.
        """
        name, now = request.connection, self.ports.clock.now
        with self.ports.budget.share(ASKS_S):
            connection = self.ports.credentials.staged(name, request.stage)
            signer = self.ports.signers.signer(connection)
            if signer.key_id in connection.tainted_keys | self._barred(name):
                raise decisions.tainted(signer.key_id)
            clock_check.require(self.ports, name)
            token = self._token(connection, signer)
        self.ports.telemetry.emit(StagedLoginSucceeded(connection=name, key_id=signer.key_id))
        told = {"key_id": signer.key_id, "username": connection.username, "tried": True}
        return token.metadata(now=now()) | told

    def _barred(self, name: str) -> frozenset[str]:
        """Return the keys that may not log in: the row's list, and that of the secret which is to be replaced.

        A secret that says nothing, or nothing usable, bars nobody: it is what an operator replaces.
        """
        barred = look(self.ports, name).row.tainted_keys or frozenset()
        with suppress(ConnectionNotFound, InvalidCredentials):
            barred |= self.ports.credentials.load(name).tainted_keys
        return barred

    def _token(self, connection: Connection, signer: Signer) -> AccessToken:
        """Log in, and tell of a login that fails."""
        try:
            return self._log_in(connection, signer)
        except LoginFailed as failed:
            told = StagedLoginFailed(
                connection=connection.name, key_id=signer.key_id, reason=failed.reason.code, said=failed.said
            )
            self.ports.telemetry.emit(told)
            raise failed.to_error() from None

    def _log_in(self, connection: Connection, signer: Signer) -> AccessToken:
        assertion = signer.sign(connection, now=self.ports.clock.now(), jti=self.ports.chance.unique())
        spend(self.ports, connection, self.login_budget)  # what is not signed logs in nowhere
        token = log_in(self.ports, connection, assertion, self.token_hosts)
        if is_dead(token, self.ports.clock.now()):
            raise LoginFailed(REASONS["dead_on_arrival"])
        return token
