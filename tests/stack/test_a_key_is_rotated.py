"""An unattended rotation on the local stack, whose org takes half a minute to know the new certificate. Callers never rest.

The five minutes between the logins of a rotation pass in its note: each time in it is moved back. The org's half minute is real.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.org_administrator import app_parts
from sfmint_local.embedded_stack import STACK, EmbeddedStack, LocalConnection
from sfmint_local.functions import FunctionError
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.components import GLOBAL_OAUTH
from sfmint_setup.app_files import CALLBACK
from stack.callers import Callers

ADMIN = LocalConnection("admin-org")
PROPAGATION_S = 30.0
TIMES = ("_at", "_since", "_until")  # how the names of a note's times end
LONGEST_S = 120.0
OPEN = {"creating", "setting", "waiting", "testing", "finishing", "cancelling"}


@dataclass(frozen=True, slots=True)
class Rotated:
    """A connection with an app in Setup, and an admin connection that may change that."""

    stack: EmbeddedStack
    name: str

    def prepare(self) -> None:
        """Make the app, give the connection its key, and hire the administrator."""
        org, fields = self.stack.org, self.stack.credentials(self.name)
        app = f"app_{self.name}".replace("-", "_")
        parts = app_parts(app, certificate=str(fields["certificate"]), callbackUrl=CALLBACK)
        for part in parts.values():
            org.put_component(part)
        consumer_key = str(parts[GLOBAL_OAUTH.name].elements["consumerKey"])
        org.approve(consumer_key, str(fields["username"]))
        turns: dict[str, str | int] = {"admin_connection": ADMIN.name, "app": app}
        self.stack.store_secret(self.name, fields | {"consumer_key": consumer_key} | turns)
        self.stack.connect(ADMIN)
        org.grant(ADMIN.username, rights.ADMINISTRATOR)

    def order(self, action: str) -> dict[str, Any]:
        """Give key_rotation an operator's order, and return how the rotation stands."""
        return self.stack.functions.rotation(action=action, connection=self.name)

    def row(self) -> dict[str, Any]:
        """Return what stands on the connection's row."""
        rows: dict[str, Any] = self.stack.functions.keeper(action="status", connection=self.name)["connections"]
        row: dict[str, Any] = rows[self.name]
        return row

    def secret(self) -> dict[str, Any]:
        """Return what the secret says now."""
        answer = self.stack.aws.secrets.get_secret_value(SecretId=self.stack.secret_name(self.name))
        fields: dict[str, Any] = json.loads(answer["SecretString"])
        return fields

    def let_pass(self, seconds: float) -> None:
        """Move each time in the rotation's note back, as the next writer of the register."""
        ssm, path = self.stack.aws.parameters, f"/sfmint/{STACK}/rotations/{self.name}"
        found = {each["Name"]: each["Value"] for each in ssm.get_parameters_by_path(Path=path)["Parameters"]}
        last = max(found)
        note = json.loads(found[last])
        moved = note | {name: at - seconds for name, at in note.items() if name.endswith(TIMES)}
        following = f"{path}/{int(last.rpartition('/')[2]) + 1:010}"
        ssm.put_parameter(Name=following, Value=json.dumps(moved), Type="String")

    def tried(self, fields: dict[str, Any]) -> str:
        """Have credentials tried by the keeper, and return what comes of it."""
        self.stack.aws.secrets.put_secret_value(
            SecretId=self.stack.secret_name(self.name),
            SecretString=json.dumps(fields),
            VersionStages=["SFMINT_TRY"],
        )
        try:
            return str(self.stack.functions.keeper(action="try", connection=self.name)["key_id"])
        except FunctionError as error:
            return error.name


@pytest.fixture
def rotated(stack: EmbeddedStack, connection: str) -> Iterator[Rotated]:
    before = stack.org.settings()
    rotated = Rotated(stack, connection)
    rotated.prepare()
    yield rotated
    stack.watch_key(str(rotated.secret()["private_key"]))
    stack.org.change_settings(propagation_s=before.propagation_s, propagation=before.propagation)


def test_a_key_is_rotated_and_no_caller_notices(rotated: Rotated, stack: EmbeddedStack) -> None:
    stack.org.change_settings(propagation_s=PROPAGATION_S, propagation="neither")
    old, callers = rotated.secret(), Callers(stack.functions)
    with callers.calling(rotated.name):
        standing = rotated.order("start")
        arrives_at = time.monotonic() + PROPAGATION_S
        ends_at = arrives_at + LONGEST_S
        while standing["phase"] in OPEN:
            assert time.monotonic() < ends_at, standing
            callers.go_on()
            if standing["refusals"]:  # the org's time cannot be moved
                while time.monotonic() < arrives_at:
                    callers.go_on()
            rotated.let_pass(max(0.0, standing["next_at"] - time.time()))
            standing = rotated.order("advance")
        callers.go_on()

    assert standing["phase"] == "finished", standing
    assert callers.failures == []
    assert rotated.tried(old) == "AssertionRejected"
    new = rotated.tried(rotated.secret())
    for action in ("flush", "refresh"):  # the last token may be younger than a refresh wants
        stack.functions.keeper(action=action, connection=rotated.name)
    assert rotated.row()["key_id"] == new
