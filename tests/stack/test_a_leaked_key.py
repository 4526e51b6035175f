"""The steps after a leaked key, typed as SECURITY.md has them while callers run."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from sfmint_local import places
from sfmint_local.callers import Callers
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_values.error_names import AGAIN
from stack.terminal import Terminal

NEW_KEYS = "sfmint keys new orders --out ~/new-keys"
ADD_NEW = (
    "sfmint connection add orders --yes --key ~/new-keys/orders.key --certificate ~/new-keys/orders.crt "
    "--consumer-key KEY --username USER --token-host URL"
)
TAINT, REFRESH = "sfmint taint orders KEY_ID", "sfmint refresh orders"
# What somebody may do with the old key later, by mistake or not; docs/connections.md has the words.
IDENTITY = "--consumer-key 3MVG9... --username integration@acme.example --token-host https://acme.my.salesforce.com"
ADD_LEAKED = (
    f"sfmint connection add orders --key ~/orders-app/orders.key --certificate ~/orders-app/orders.crt {IDENTITY}"
)
LOGIN_WITH_LEAKED = f"sfmint login --key ~/orders-app/orders.key {IDENTITY}"
_, _, STEPS = (places.ROOT / "SECURITY.md").read_text().partition("## If a key leaked")
ANNOUNCED = set(re.findall(r"`(\w+)`", STEPS)) & set(AGAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thief:
    """Somebody who has a connection's token."""

    token: str = field(repr=False)
    fingerprint: str
    url: str
    ca: str

    def is_let_in(self) -> bool:
        authorization = {"Authorization": f"Bearer {self.token}"}
        return requests.get(
            f"{self.url}/services/data/v67.0/limits", headers=authorization, verify=self.ca, timeout=10
        ).ok


@pytest.fixture
def thief(stack: EmbeddedStack, connection: str) -> Thief:
    got = stack.functions.broker(connection)
    return Thief(token=got["access_token"], fingerprint=got["fingerprint"], url=stack.org.url, ca=stack.org.ca)


@pytest.fixture
def terminal(stack: EmbeddedStack, connection: str, thief: Thief, tmp_path: Path) -> Terminal:
    [row] = stack.functions.keeper(action="status", connection=connection)["connections"].values()
    app, user = (str(stack.credentials(connection)[name]) for name in ("consumer_key", "username"))
    here = {
        "~/orders-app/orders": str(stack.key_folder / connection),  # what has leaked
        "orders": connection,
        "KEY_ID": row["key_id"],
        **dict.fromkeys(("KEY", "3MVG9..."), app),
        **dict.fromkeys(("USER", "integration@acme.example"), user),
        **dict.fromkeys(("URL", "https://acme.my.salesforce.com"), stack.org.url),
    }
    pages = ("SECURITY.md", "docs/connections.md")
    return Terminal(root=tmp_path, home=tmp_path, variables=stack.environment(), pages=pages, here=here)


def test_callers_get_no_error_that_the_steps_do_not_announce(
    stack: EmbeddedStack, connection: str, thief: Thief, terminal: Terminal
) -> None:
    app, user = (str(stack.credentials(connection)[name]) for name in ("consumer_key", "username"))
    with Callers(stack.functions).calling(connection) as callers:
        terminal.type(NEW_KEYS)
        stack.org.set_certificate(app, (terminal.home / f"new-keys/{connection}.crt").read_text())
        callers.go_on()
        assert callers.failures == []

        assert thief.is_let_in()
        stack.org.end_sessions(username=user)
        callers.await_failure()
        assert not thief.is_let_in()
        terminal.type(ADD_NEW)
        announced = callers.forget()
        assert {failure.error.partition(":")[0] for failure in announced} == ANNOUNCED

        callers.go_on()
        assert re.search(r"^known +yes$", terminal.type(TAINT), re.MULTILINE)
        terminal.type(REFRESH)
        callers.go_on()
        assert callers.failures == []

    assert "tainted" in terminal.is_refused(f"{terminal.meant(ADD_LEAKED)} --yes")
    assert "verify the assertion's signature" in terminal.is_refused(terminal.meant(LOGIN_WITH_LEAKED))
    # Not what one environment answers: it may still remember for half a minute what the row has no more.
    [row] = stack.functions.keeper(action="status", connection=connection)["connections"].values()
    assert row["fingerprint"] != thief.fingerprint
