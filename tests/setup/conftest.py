"""An administrator's org: the real way to the embedded org, over TLS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import requests

from local.org_administrator import Administrator, hire
from org_fixture import org, org_announcement, org_control, org_log
from sfmint_client.rest.session import https_session
from sfmint_local.org.control_client import OrgControl
from sfmint_setup.app_files import AppPlan
from sfmint_setup.org import Org
from sfmint_setup.records import Progress
from sfmint_setup.wire import Wire, instance_origin
from sfmint_testing.fakes import FakeClock
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from conftest import KeyPair

__all__ = ["org", "org_announcement", "org_control", "org_log"]


@dataclass
class MemoryNotes:
    """Notes that outlive an `Org`, not the test."""

    orgs: set[str] = field(default_factory=set)

    def has(self, org_id: str) -> bool:
        return org_id in self.orgs

    def add(self, org_id: str) -> None:
        self.orgs.add(org_id)

    def drop(self, org_id: str) -> None:
        self.orgs.discard(org_id)


@dataclass(frozen=True, kw_only=True)
class Admin:
    """An administrator, and what the product sees with that session.

    Attributes:
        control: the embedded org's back door.
        person: who has the session.
        setup: the product's way in.
        notes: of switches that are on.
        seen: the progress that was told.
        clock: whose pauses pass at once.
    """

    control: OrgControl
    person: Administrator
    setup: Org
    notes: MemoryNotes
    seen: list[Progress]
    clock: FakeClock

    def deploy(self, files: Any, *, check_only: bool = False) -> Any:
        return self.setup.deploy(files, check_only=check_only, observe=self.seen.append)


type MakeAdmin = Callable[..., Admin]


@pytest.fixture
def http(org: OrgControl) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = org.ca
        yield session


@pytest.fixture
def make_admin(org: OrgControl, http: requests.Session) -> MakeAdmin:
    def make(
        *rights: str, notes: MemoryNotes | None = None, token: str | None = None, jwt_based: bool = False
    ) -> Admin:
        person = hire(org, http, *rights, jwt_based=jwt_based)
        clock = FakeClock()
        origin = instance_origin(org.url, frozenset({org.url.removeprefix("https://")}))
        wire = Wire(
            session=https_session(ca_bundle=org.ca), origin=origin, token=Secret(token or person.token), clock=clock
        )
        kept = notes or MemoryNotes()
        return Admin(
            control=org, person=person, setup=Org(wire=wire, clock=clock, notes=kept), notes=kept, seen=[], clock=clock
        )

    return make


@pytest.fixture
def admin(make_admin: MakeAdmin) -> Admin:
    return make_admin()


@pytest.fixture
def plan(key_pair: "KeyPair") -> AppPlan:
    name = f"orders_{uuid4().hex[:8]}"
    return AppPlan(
        name=name,
        label=f"Orders {name}",
        contact_email="ops@example.com",
        certificate=key_pair.certificate,
        token_lifetime_s=900,
    )
