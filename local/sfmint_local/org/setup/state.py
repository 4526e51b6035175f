"""What Setup holds: components, rights of users, assignments. Plain objects under one lock."""

import threading
from collections.abc import Iterable
from itertools import count

from sfmint_local.org.identifiers import salesforce_id
from sfmint_local.org.setup.components import TYPES, Component


class Setup:
    """The org's configuration. Every method is atomic.

    A record's id is drawn when its component is first seen, and stays.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._components: dict[tuple[str, str], Component] = {}
        self._ids: dict[tuple[str, str], str] = {}
        self._numbers = count(1)
        self._rights: dict[str, frozenset[str]] = {}
        self._assignments: dict[tuple[str, str], str] = {}

    def components(self, kind: str, app: str | None = None) -> list[Component]:
        """Return the components of a type, of all apps or of one."""
        with self._lock:
            found = (part for (type_, _), part in self._components.items() if type_ == kind)
            return [part for part in found if app is None or part.app == app]

    def find(self, kind: str, full_name: str) -> Component | None:
        """Find a component."""
        with self._lock:
            return self._components.get((kind, full_name))

    def put(self, components: Iterable[Component]) -> None:
        """Create or replace components, all of them at once."""
        with self._lock:
            for component in components:
                key = component.type, component.full_name
                self._components[key] = component
                if key not in self._ids:
                    self._ids[key] = salesforce_id(TYPES[component.type].key_prefix, next(self._numbers))

    def remove(self, kind: str, full_name: str) -> None:
        """Delete a component, if it is there."""
        with self._lock:
            self._components.pop((kind, full_name), None)

    def id_of(self, component: Component) -> str:
        """Return the id of a component's record."""
        with self._lock:
            return self._ids[component.type, component.full_name]

    def grant(self, username: str, rights: Iterable[str]) -> None:
        """Give a user exactly these rights, by the names that a permission set's metadata calls them."""
        with self._lock:
            self._rights[username] = frozenset(rights)

    def rights(self, username: str) -> frozenset[str]:
        """Return a user's rights."""
        with self._lock:
            return self._rights.get(username, frozenset())

    def assign(self, username: str, permission_set: str) -> str | None:
        """Assign a permission set by its full name, and return the assignment's id; None: it was assigned already."""
        with self._lock:
            if (username, permission_set) in self._assignments:
                return None
            made = self._assignments[username, permission_set] = salesforce_id("0Pa", next(self._numbers))
            return made

    def unassign(self, assignment: str) -> bool:
        """Take an assignment back by its id, and return whether there was one."""
        with self._lock:
            for key, made in self._assignments.items():
                if made == assignment:
                    del self._assignments[key]
                    return True
            return False

    def assignments(self) -> dict[tuple[str, str], str]:
        """Return the ids of all assignments by user name and permission set."""
        with self._lock:
            return dict(self._assignments)
