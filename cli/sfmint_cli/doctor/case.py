"""What is known of the connection that is examined: each fact is left here by the one check that finds it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import LoginFailed
from sfmint_cli.aws_account import Account
from sfmint_cli.connection_secret import ConnectionSecret, Described
from sfmint_cli.options import Target
from sfmint_cli.signing import Signing
from sfmint_cli.stack import Stack
from sfmint_cli.status.rows import Row
from sfmint_values.connection_name import is_admin
from sfmint_values.foreign import Foreign
from sfmint_values.system import Clock

if TYPE_CHECKING:
    from sfmint_cli.apps.admin_session import AdminOptions
    from sfmint_cli.apps.in_org import InOrg
    from sfmint_cli.tool_logins import ToolLogins
    from sfmint_setup.org import Org
    from sfmint_setup.records import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    """What a rotation that is pending has made ready.

    Attributes:
        connection: what that version of the secret says.
        key: what it signs with.
    """

    connection: Connection
    key: Signing


@dataclass(slots=True, kw_only=True)
class Case:
    """One connection of a stack.

    A check reads only what a check that it needs has left; what has a default is None or empty until then.

    Attributes:
        name: the connection's.
        target: the stack, as the global options say.
        ca_bundle: path of the authorities to trust on the way to Salesforce; None: certifi's.
        as_role: ARN of a role whose rights are looked at; None: nobody's.
        admin: how to reach the org as its administrator, if that is given.
        app_name: of its app in the org; None: the name that sfmint gives it.
        clock: this machine's.
        logins: counts what is tried.
        account: of the stack.
        aws_behind_s: by how much this machine's clock is behind AWS's; None where that did not say.
        stack: as it is deployed.
        described: its secret without the value.
        text: the secret's value.
        connection: what it says.
        key: what it signs with.
        pending: what a rotation has made ready, if one is pending and that can log in.
        behind_s: by how much this machine's clock is behind Salesforce's; None where that did not say.
        refused: why the login from here failed; None: it did not.
        token: of the login from here.
        version: the newest of the REST API, such as `v67.0`.
        limits: what the org's limits are.
        setup: the org, as its administrator sees it.
        org: what it says of itself.
        in_org: what it has of the app.
        row: what the keeper tells of the connection's row; None: nothing.
        build: what the keeper says that it runs.
    """

    name: str
    target: Target
    ca_bundle: str | None
    as_role: str | None
    admin: "AdminOptions"
    app_name: str | None
    clock: Clock
    logins: "ToolLogins"
    aws_behind_s: float | None = None
    refused: LoginFailed | None = None
    row: Row | None = None
    pending: PendingLogin | None = None
    account: Account = field(init=False)
    stack: Stack = field(init=False)
    described: Described = field(init=False)
    text: Foreign = field(init=False, repr=False)
    connection: Connection = field(init=False)
    key: Signing = field(init=False)
    behind_s: float | None = None
    token: AccessToken = field(init=False)
    version: str = field(init=False)
    limits: dict[str, Any] = field(init=False)
    setup: "Org" = field(init=False)
    org: "Identity" = field(init=False)
    in_org: "InOrg" = field(init=False)
    build: str = ""

    @property
    def is_admin(self) -> bool:
        """Whether it is one of the stack's AdminConnections, which nobody gets by a policy of the stack."""
        return is_admin(self.name)

    @property
    def is_let_in(self) -> bool:
        """Whether the login from here has given a token."""
        return hasattr(self, "token")

    @property
    def secret(self) -> ConnectionSecret:
        """Its secret."""
        return ConnectionSecret(client=self.account.secrets_manager(), name=f"{self.stack.secret_prefix}{self.name}")
