"""Where a new app's credentials go: into the secret of a deployed stack, or nowhere but the folder."""

from collections.abc import Callable
from dataclasses import dataclass

from sfmint_cli.apps.create import Ready
from sfmint_cli.apps.tool_login import identity_of
from sfmint_cli.connection_secret import ConnectionSecret, State
from sfmint_cli.credentials import checked, secret_text
from sfmint_cli.keeper import Keeper
from sfmint_cli.render import say
from sfmint_cli.result import Facts, Failed
from sfmint_cli.stack import Stack
from sfmint_cli.storing import Storing
from sfmint_cli.use.broker_token import BrokerTokens
from sfmint_setup.records import Identity
from sfmint_values.hosts import token_origin


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder alone: key and certificate are there already."""

    def require(self, org: Identity) -> list[str]:
        """Return that nothing is stored in AWS."""
        del org
        return ["nothing is stored in AWS (--no-store)"]

    def store(self, ready: Ready) -> Facts:
        """Store nothing."""
        del ready
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSecret:
    """The secret of one connection of a stack.

    Attributes:
        stack: as it is deployed; it has the connection.
        secret: the connection's.
        keeper: the stack's.
        token_lifetime_s: what the secret says of it.
        ask_broker: gets a token as consumers do, and returns what is known of it; None: nobody gets one of this connection.
    """

    stack: Stack
    secret: ConnectionSecret
    keeper: Keeper
    token_lifetime_s: int
    ask_broker: Callable[[], Facts] | None

    def require(self, org: Identity) -> list[str]:
        """See `sfmint_cli.apps.create.Destination`."""
        self._require_host(org.instance_url)
        before = self.secret.describe()
        match before.state:
            case State.MISSING:
                return [f"new: the secret {self.secret.name}"]
            case State.DELETED:
                raise Failed(
                    f"The secret {self.secret.name} is scheduled for deletion; nothing was changed.",
                    remedy=f"Take that back, then run this again: {self.secret.restoration()}",
                    name="SecretDeleted",
                )
            case State.STORED:
                tried = "once the stack has logged in with them; the former value stays as AWSPREVIOUS"
                return [f"changed: the secret {self.secret.name} gets these credentials, {tried}"]

    def store(self, ready: Ready) -> Facts:
        """See `sfmint_cli.apps.create.Destination`."""
        text = secret_text(identity_of(ready), ready.key_file, self.token_lifetime_s)
        name = self.keeper.connection

        def check(text: str) -> object:
            return checked(name, text, ready.key_file, self.stack.token_hosts)

        check(text)
        storing = Storing(secret=self.secret, keeper=self.keeper, check=check, login=True)
        stored = storing.store(text, kms_key=None, restore=False, ask=say)  # that it is replaced was agreed to before
        facts = storing.prove(stored, {"secret": self.secret.name, "done": stored.done}).facts
        if self.ask_broker is None:
            return facts
        try:
            served = self.ask_broker()
        except Failed as failed:
            raise failed.knowing({**facts, "served": None}) from None
        if served["fingerprint"] != facts["fingerprint"]:
            say("The broker's memory still serves the token of before, for half a minute at most; then the new one.")
        return {**facts, "served": served}

    def _require_host(self, url: str) -> None:
        try:
            token_origin(url, self.stack.token_hosts)
        except ValueError:
            hosts = ",".join((*sorted(self.stack.token_hosts), url.removeprefix("https://")))
            raise Failed(
                f"The stack {self.stack.name!r} may not ask {url} for a token; nothing was changed.",
                remedy=f'Let it, then run this again: make deploy PARAMETERS="TokenHosts={hosts}".',
                name="HostNotListed",
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOfBroker:
    """Gets a token as consumers do, once.

    Attributes:
        tokens: the connection's.
    """

    tokens: BrokerTokens

    def __call__(self) -> Facts:
        """Return what is known of the token.

        Raises:
            Failed: the broker gives none, or may not be asked by these credentials.
        """
        try:
            token = self.tokens.get_token()
        except Failed as failed:
            raise Failed(
                f"The credentials are stored and the stack has logged in with them, but the broker gives no token: {failed.cause}",
                remedy=failed.remedy,
                name=failed.name,
            ) from None
        return {"fingerprint": token.fingerprint, "instance_url": token.instance_url, "source": token.source}
