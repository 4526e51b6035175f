"""An embedded org with one fault of its token endpoint, and the users who log in there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sfmint_local.embedded_org import EmbeddedOrg
from sfmint_local.faults.endpoint_fault import EndpointFault
from sfmint_local.key_pair import KeyPair
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.values import App, User

NOBODY = "https://localhost:1"  # nobody listens there


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """An org.

    Attributes:
        fault: what its token endpoint does; None: its best.
        control: arranges it.
        app: of all its users.
        key_pair: of that app.
    """

    fault: EndpointFault | None
    control: OrgControl
    app: App
    key_pair: KeyPair

    @classmethod
    def settle(cls, org: EmbeddedOrg, fault: EndpointFault | None, key_pair: KeyPair) -> "Tenant":
        """Waits for an org and returns it with an app and its fault."""
        control = org.wait()
        app = control.put_app(App(certificate=key_pair.certificate))
        tenant = cls(fault=fault, control=control, app=app, key_pair=key_pair)
        tenant.misbehave()
        return tenant

    @property
    def host(self) -> str:
        """Where its token endpoint is: host and port."""
        return self.control.url.removeprefix("https://")

    @property
    def authority(self) -> bytes:
        """The certificate of whoever vouches for it."""
        return Path(self.control.ca).read_bytes()

    def misbehave(self) -> None:
        """Lets every login meet the fault."""
        fault = self.fault.at_the_org() if self.fault else None
        if fault:
            self.control.add_fault(fault)

    def secret_of(self, connection: str) -> dict[str, Any]:
        """Makes a user for a connection and returns the connection's secret."""
        user = self.control.put_user(User(username=f"{connection}@sfmint.example"))
        self.control.approve(self.app.consumer_key, user.username)
        refused = self.fault is not None and self.fault.kind is None
        return {
            "consumer_key": self.app.consumer_key,
            "username": user.username,
            "token_host": NOBODY if refused else self.control.url,
            "private_key": self.key_pair.private_key,
        }
