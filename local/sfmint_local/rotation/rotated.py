"""A connection of the local stack whose key can be rotated unattended."""

import json
from dataclasses import dataclass
from typing import Any

from sfmint_local.embedded_stack import EmbeddedStack, Fields, LocalConnection
from sfmint_local.functions import Answer
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.app_parts import app_parts
from sfmint_local.org.setup.components import GLOBAL_OAUTH
from sfmint_setup.app_files import CALLBACK

ADMIN = LocalConnection("admin-org")
PROPAGATION_S = 30.0
REFUSED = "AssertionRejected"  # what the old key has to come to
OPEN = frozenset({"creating", "setting", "waiting", "testing", "finishing", "cancelling"})


@dataclass(frozen=True, slots=True)
class Rotated:
    """A connection with an app in Setup, and an admin connection that may change that.

    Attributes:
        stack: it has to be deployed with ``AdminConnections=admin-org``.
        name: the connection's.
    """

    stack: EmbeddedStack
    name: str

    def prepare(self) -> None:
        """Make the app, give the connection its key, and hire the administrator."""
        self.make_app()
        self.stack.connect(ADMIN)
        self.stack.org.grant(ADMIN.username, rights.ADMINISTRATOR)

    def make_app(self) -> None:
        """Make the app and give the connection its key; the administrator is there for another connection."""
        org, fields = self.stack.org, self.stack.credentials(self.name)
        app = f"app_{self.name}".replace("-", "_")
        parts = app_parts(app, certificate=str(fields["certificate"]), callbackUrl=CALLBACK)
        for part in parts.values():
            org.put_component(part)
        consumer_key = str(parts[GLOBAL_OAUTH.name].elements["consumerKey"])
        org.approve(consumer_key, str(fields["username"]))
        turns: Fields = {"admin_connection": ADMIN.name, "app": app}
        self.stack.store_secret(self.name, fields | {"consumer_key": consumer_key} | turns)

    def let_the_org_be_slow(self) -> None:
        """Have neither key accepted for half a minute after a change of the app."""
        self.stack.org.change_settings(propagation_s=PROPAGATION_S, propagation="neither")

    def order(self, action: str) -> Answer:
        """Give key_rotation an operator's order, and return how the rotation stands.

        Raises:
            FunctionError: it cannot be obeyed.
        """
        return self.stack.functions.rotation(action=action, connection=self.name)

    def secret(self) -> dict[str, Any]:
        """Return what the secret says now."""
        answer = self.stack.aws.secrets.get_secret_value(SecretId=self.stack.secret_name(self.name))
        fields: dict[str, Any] = json.loads(answer["SecretString"])
        return fields

    def tried(self, fields: dict[str, Any]) -> str:
        """Have credentials tried by the keeper, and return the id of the key that has logged in.

        Raises:
            FunctionError: they do not log in.
        """
        self.stack.aws.secrets.put_secret_value(
            SecretId=self.stack.secret_name(self.name),
            SecretString=json.dumps(fields),
            VersionStages=["SFMINT_TRY"],
        )
        return str(self.stack.functions.keeper(action="try", connection=self.name)["key_id"])
