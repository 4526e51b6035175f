"""An org without an app for a connection, its administrator, and `sfmint app create` as a test runs it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import requests

from cli.command_line import CommandLine, Ended, options
from cli.test_token import ANSWER
from lambda_service import alias_arn
from local.org_administrator import Administrator, hire
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.setup.components import GLOBAL_OAUTH, SETTINGS, Component
from sfmint_local.org.values import User
from sfmint_testing.fakes import FakeClock

if TYPE_CHECKING:
    from cli.conftest import Account

SWITCH = "enableClientSecretInRestApiAccess"


@dataclass(kw_only=True)
class Empty:
    """An org without an app for a connection, and its administrator's session in the environment."""

    control: OrgControl
    administrator: Administrator
    username: str
    name: str
    clock: FakeClock
    token: list[str]  # the session, if there is one
    environment: pytest.MonkeyPatch

    @property
    def host(self) -> str:
        return self.control.url.removeprefix("https://")

    def give_session(self) -> None:
        """Put the session into the environment, out of which each command takes it."""
        for token in self.token:
            self.environment.setenv("SFMINT_ADMIN_ACCESS_TOKEN", token)
            self.environment.setenv("SFMINT_ADMIN_INSTANCE_URL", self.control.url)

    @property
    def app(self) -> str:
        return self.name.replace("-", "_")

    def parts(self, kind: str) -> list[Any]:
        return [part for part in self.control.components(self.app) if part.type == kind]

    @property
    def is_untouched(self) -> bool:
        return not self.control.components(self.app)

    @property
    def consumer_key(self) -> str:
        return str(self.parts(GLOBAL_OAUTH.name)[0].text("consumerKey"))

    @property
    def logins(self) -> int:
        counted = self.control.counters().by_user.get(self.username)
        return counted.attempted if counted else 0


type Create = Callable[..., Ended]


@pytest.fixture
def http(org: OrgControl) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = org.ca
        yield session


@pytest.fixture
def empty(
    org: OrgControl, http: requests.Session, sfmint: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Empty:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    org.change_settings(is_sandbox=True)
    org.put_component(Component(type=SETTINGS.name, full_name="ExternalClientApp", elements={SWITCH: "false"}))
    administrator = hire(org, http)
    username = org.put_user(User(username=f"integration-{uuid4().hex}@example.com")).username
    sfmint.clock = clock = FakeClock()

    return Empty(
        control=org,
        administrator=administrator,
        username=username,
        name=f"orders-{uuid4().hex[:8]}",
        clock=clock,
        token=[administrator.token],
        environment=monkeypatch,
    )


@pytest.fixture
def create(sfmint: CommandLine, empty: Empty) -> Create:
    """Run `app create` without AWS, save for what the test changes."""

    def run(*flags: str, typed: str | None = None, **changes: Any) -> Ended:
        empty.give_session()
        given = {
            "username": empty.username,
            "ca_bundle": empty.control.ca,
            "allow_host": empty.host,
            "no_store": True,
            "yes": True if typed is None else None,
        }
        return sfmint("app", "create", empty.name, *options(given | changes), *flags, typed=typed)

    return run


@pytest.fixture
def deployed(account: "Account", empty: Empty) -> "Account":
    """The account, whose stack has the connection and may ask the org."""
    account.cloud_formation.deploy("acme", empty.name)
    account.cloud_formation.stacks["acme"][0]["TokenHosts"] = empty.host
    alias = alias_arn(empty.name)
    name = f"/sfmint/acme/connections/{empty.name}/broker"
    account.parameters.put_parameter(Name=name, Type="String", Value=alias)

    def answer(arn: str, event: Any) -> Any:
        return ANSWER | {"connection": empty.name} if arn == alias else account.keeper(arn, event)

    account.functions.broker = answer
    return account
