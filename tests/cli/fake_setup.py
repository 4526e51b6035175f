"""An org's Setup as `sfmint app create` meets it, which keeps the promises of its port; and a run that ends anywhere."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sfmint_setup.component import (
    APP,
    GLOBAL_OAUTH,
    OF_AN_APP,
    PERMISSION_SET,
    Component,
)
from sfmint_setup.errors import SessionExpired
from sfmint_setup.records import App, Deployment, Identity, PermissionSet, Problem, User
from sfmint_setup.xml_text import elements_of

ADMIN = "admin@acme.example"
ORG = Identity(
    org_id="00D000000000001EAA",
    name="Acme",
    is_production=False,
    instance_url="https://acme.my.salesforce.com",
    username=ADMIN,
    user_id="005000000000001AAA",
)
SECRET = "a consumer secret"


@dataclass
class FakeSetup:
    """Implements `SalesforceSetup`.

    Attributes:
        refuses: elements that no file may hold.
        shows_key: "metadata", "rest" or "no".
        ties: the policies' file lets the permission set's users use the app; some orgs want a record.
        components: by type and full name.
        assigned: pairs of user id and permission set.
        switch_on: the org's setting that lets keys be read by REST.
        inside: called while that is on.
        session_ends: once the app is deployed.
        takes_only: of the next deployment so many components, although it was told to roll back.
    """

    identity_: Identity = ORG
    refuses: frozenset[str] = frozenset()
    shows_key: str = "metadata"
    ties: bool = True
    users: dict[str, User] = field(default_factory=dict)
    components: dict[tuple[str, str], Component] = field(default_factory=dict)
    connected: set[str] = field(default_factory=set)
    assigned: set[tuple[str, str]] = field(default_factory=set)
    tied: set[tuple[str, str]] = field(default_factory=set)
    made: int = 0
    deleted: int = 0
    switch_on: bool = False
    inside: Callable[[], None] = lambda: None
    session_ends: bool = False
    takes_only: int | None = None
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def identity(self) -> Identity:
        return self.identity_

    def user(self, username: str) -> User | None:
        found = self.users.get(username.lower())
        if found is None:
            return None
        names = tuple(name for user, name in sorted(self.assigned) if user == found.id)
        return replace(found, permission_sets=names)

    def near_users(self, username: str) -> tuple[str, ...]:
        return tuple(user.username for user in self.users.values() if user.username[:3] == username[:3])

    def app(self, name: str) -> App | None:
        if name in self.connected:
            return App(id="0H4", name=name, kind="connected", components={}, consumer_key=None, certificate=None)
        if (APP, name) not in self.components:
            return None
        parts = {
            kind: part
            for (kind, _), part in self.components.items()
            if kind in OF_AN_APP and name in (part.full_name, part.text("externalClientApplication"))
        }
        certificate = parts[GLOBAL_OAUTH].text("certificate") if GLOBAL_OAUTH in parts else None
        return App(
            id=f"0xI{name}",
            name=name,
            kind="external",
            components=parts,
            consumer_key=None,
            certificate=certificate or None,
        )

    def permission_set(self, name: str) -> PermissionSet | None:
        found = self.components.get((PERMISSION_SET, name))
        if found is None:
            return None
        holders = tuple(user.username for user in self.users.values() if (user.id, name) in self.assigned)
        tied = tuple(app for permission_set, app in sorted(self.tied) if permission_set == name)
        return PermissionSet(id=name, name=name, label=found.text("label"), tied_apps=tied, usernames=holders)

    def deploy(self, files: Mapping[str, bytes], *, check_only: bool, observe: Callable[..., None]) -> Deployment:
        del observe
        number = f"0Af{next(self.numbers)}"
        brought = [_component(path, data) for path, data in files.items() if path != "package.xml"]
        for component in brought:
            if refused := self.refuses & component.elements.keys():
                problem = Problem(
                    code="DeployFailed",
                    component=f"{component.type} {component.full_name}",
                    said="",
                    cause=f"The org refuses {min(refused)}.",
                    remedy="Leave it out.",
                )
                return Deployment(id=number, status="Failed", problems=(problem,))
        if not check_only:
            taken, self.takes_only = self.takes_only, None
            for component in brought[:taken]:
                self._put(component)
            if taken is not None:
                return Deployment(id=number, status="SucceededPartial", problems=())
        return Deployment(id=number, status="Succeeded", problems=())

    def _put(self, component: Component) -> None:
        key = component.type, component.full_name
        self.made += component.type == APP and key not in self.components
        app = component.text("externalClientApplication")
        rival = [
            name
            for (kind, name), part in self.components.items()
            if kind == component.type and app and part.text("externalClientApplication") == app
        ]
        assert rival in ([], [component.full_name]), "duplicate value found: ExternalClientApplicationId"
        self.components[key] = component
        if self.ties:
            for name in filter(None, component.text("commaSeparatedPermissionSet").split(", ")):
                self.tied.add((name, f"0xI{app}"))

    def assign(self, user_id: str, permission_set_id: str) -> bool:
        if self.session_ends:
            raise SessionExpired
        is_new = (user_id, permission_set_id) not in self.assigned
        self.assigned.add((user_id, permission_set_id))
        return is_new

    def tie(self, permission_set_id: str, app_id: str) -> bool:
        is_new = (permission_set_id, app_id) not in self.tied
        self.tied.add((permission_set_id, app_id))
        return is_new

    def consumer_key(self, app: App) -> str | None:
        return f"3MVG9.{app.name}" if self.shows_key == "metadata" else None

    def consumer_key_by_rest(self, app: App, *, observe: Callable[..., None]) -> str | None:
        del observe
        self.switch_on = True
        self.inside()
        self.switch_on = False
        return f"3MVG9.{app.name}" if self.shows_key == "rest" else None

    def put_back_switch(self, *, observe: Callable[..., None]) -> bool:
        del observe
        was_on, self.switch_on = self.switch_on, False
        return was_on


def _component(path: str, data: bytes) -> Component:
    ((kind, elements),) = elements_of(data).items()
    assert isinstance(elements, Mapping)
    name = path.rpartition("/")[2].rpartition(".")[0]
    assert (kind, "consumerKey") not in {(kind, element) for element in elements}
    return Component(type=kind, full_name=name, elements=elements)


class Ended(BaseException):
    """The process is over, as by a signal."""


class Interruption:
    """Stands before ports, and ends the run at one of the calls.

    Args:
        at: the number of the call, from 0; None: at none.
        after: the call was carried out; its answer is lost.
    """

    def __init__(self, at: int | None, *, after: bool) -> None:
        self.calls = 0
        self._at, self._after = at, after

    def step(self) -> None:
        """Count a call that lies within another one."""
        self._ask(lambda: None)

    def before[P](self, port: P) -> P:
        """Return a port whose calls are counted."""
        return _Counted(port, self._ask)  # type: ignore[return-value]  # it has every method of the port

    def call[R](self, function: Callable[..., R]) -> Callable[..., R]:
        """Return a function whose calls are counted."""
        return lambda *given, **named: self._ask(lambda: function(*given, **named))

    def _ask(self, call: Callable[[], Any]) -> Any:
        number, self.calls = self.calls, self.calls + 1
        if number == self._at and not self._after:
            raise Ended
        answer = call()
        if number == self._at:
            raise Ended
        return answer


class _Counted:
    def __init__(self, port: object, ask: Callable[[Callable[[], Any]], Any]) -> None:
        self._port, self._ask = port, ask

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if not callable(value):
            return value
        return lambda *given, **named: self._ask(lambda: value(*given, **named))
