"""A login with a new app from this machine: counted, made by the broker's own code, and judged by whether waiting helps."""

from dataclasses import dataclass
from pathlib import Path

from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.reason import Backoff
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_cli.apps.arrival import Refusal
from sfmint_cli.apps.create import Ready
from sfmint_cli.credentials import checked, secret_text
from sfmint_cli.login_attempt import Trial
from sfmint_cli.options import Identity
from sfmint_cli.result import Failed
from sfmint_cli.tool_logins import ToolLogins
from sfmint_cli.vocabulary import through
from sfmint_cli.way_out import host_of, proxy_for

_PASSING = frozenset({Backoff.PROPAGATING, Backoff.TRANSIENT})
_WRONG_KEY = "wrong_key"  # also said while the certificate is on its way


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLogin:
    """Tries logins.

    Attributes:
        connection: its name.
        token_lifetime_s: as the secret will say it.
        listed: hosts beside Salesforce's own that the person has named.
        ca_bundle: authorities to trust; None: certifi's.
        counted: the logins that this program has made.
    """

    connection: str
    token_lifetime_s: int
    listed: frozenset[str]
    ca_bundle: Path | None
    counted: ToolLogins

    def __call__(self, ready: Ready) -> Refusal | None:
        """Log in once, and return why Salesforce gave no token, if it did not.

        Raises:
            Failed: the login was not tried.
        """
        connection = self._checked(ready)
        proxy = proxy_for(connection.token_host)
        trial = Trial(
            connection=connection,
            key=ready.key_file.signing_key,
            listed=self.listed,
            ca_bundle=None if self.ca_bundle is None else str(self.ca_bundle),
            proxy=proxy,
            vocabulary=through(host_of(proxy), ready.key_file.vocabulary),
        )
        self.counted.count(connection.token_host, connection.username)
        try:
            trial.run(show=False)
        except Failed as failed:
            return _refusal(failed)
        return None

    def _checked(self, ready: Ready) -> Connection:
        text = secret_text(identity_of(ready), ready.key_file, self.token_lifetime_s)
        return checked(self.connection, text, ready.key_file, self.listed)


def identity_of(ready: Ready) -> Identity:
    """Return what the secret says of who logs in, and where: an app of the org's own is asked at its My Domain."""
    return Identity(
        consumer_key=ready.consumer_key,
        username=ready.username,
        token_host=ready.org.instance_url,
        audience=None,
        org_id=ready.org.org_id,
    )


def _refusal(failed: Failed) -> Refusal:
    said = failed.facts.get("refusal")
    code = said.get("reason") if isinstance(said, dict) else None
    reason = REASONS.get(str(code))
    may_pass = reason is not None and (reason.backoff in _PASSING or reason.code == _WRONG_KEY)
    return Refusal(failed=failed, may_pass=may_pass)
