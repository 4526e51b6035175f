"""The embedded org for the tests of adapters and functions, and a customer of it with one app, one user and one key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from local.conftest import org, org_announcement, org_control, org_log
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.values import App, User

if TYPE_CHECKING:
    from conftest import KeyPair

__all__ = ["Customer", "MakeCustomer", "customer", "make_customer", "org", "org_announcement", "org_control", "org_log"]

type MakeCustomer = Callable[..., Customer]


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A user of the org who may log in with the run's key."""

    control: OrgControl
    app: App
    username: str
    key_pair: "KeyPair"

    def secret(self, **changes: Any) -> dict[str, Any]:
        """Return what the connection's secret says; a change to None leaves the field out."""
        said = {
            "consumer_key": self.app.consumer_key,
            "username": self.username,
            "token_host": self.control.url,
            "private_key": self.key_pair.pem,
        }
        return {name: value for name, value in (said | changes).items() if value is not None}

    @property
    def logins(self) -> int:
        """How many logins this user has cost, granted or refused."""
        counted = self.control.counters().by_user.get(self.username)
        return counted.attempted if counted else 0


@pytest.fixture
def make_customer(org: OrgControl, key_pair: "KeyPair") -> MakeCustomer:
    def make(*, approved: bool = True, **app: Any) -> Customer:
        made = org.put_app(App(**({"certificate": key_pair.certificate} | app)))
        username = org.put_user(User(username=f"{uuid4().hex}@example.com")).username
        if approved:
            org.approve(made.consumer_key, username)
        return Customer(control=org, app=made, username=username, key_pair=key_pair)

    return make


@pytest.fixture
def customer(make_customer: MakeCustomer) -> Customer:
    return make_customer()
