"""What Setup holds: components, rights of users, assignments. Plain objects under one lock."""

import threading
from collections.abc import Callable, Iterable, Mapping
from itertools import count

from sfmint_local.org.identifiers import salesforce_id
from sfmint_local.org.setup.components import PERMISSION_SET, TYPES, Component

type Lock = threading.RLock

type Key = tuple[str, str]


class Setup:
    """The org's configuration. Every method is atomic.

    A record's id is drawn when its component is first seen, and stays. A tie between a permission set and an app is a
    record of SetupEntityAccess: the policies that name the set make it, or somebody who inserts the record.

    Args:
        lock: what the rest of the org is locked by.
        changed: is told after components or ties have changed.
    """

    def __init__(self, *, lock: Lock | None = None, changed: Callable[[], object] = lambda: None) -> None:
        self._lock = lock or threading.RLock()
        self._changed = changed
        self._components: dict[tuple[str, str], Component] = {}
        self._ids: dict[tuple[str, str], str] = {}
        self._numbers = count(1)
        self._rights: dict[str, frozenset[str]] = {}
        self._assignments: dict[tuple[str, str], str] = {}
        self._ties: dict[tuple[str, str], str] = {}

    def everything(self) -> dict[Key, Component]:
        """Return all components by type and full name, of one moment."""
        with self._lock:
            return dict(self._components)

    def ids(self) -> dict[Key, str]:
        """Return the ids of all components' records by type and full name."""
        with self._lock:
            return dict(self._ids)

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
            self._changed()

    def remove(self, kind: str, full_name: str) -> None:
        """Delete a component, if it is there."""
        with self._lock:
            self._components.pop((kind, full_name), None)
            self._changed()

    def empty(self) -> int:
        """Remove all components, with assignments and ties; return how many components that were."""
        with self._lock:
            removed = len(self._components)
            self._components, self._ids, self._assignments, self._ties = {}, {}, {}, {}
            self._changed()
            return removed

    def id_of(self, component: Component) -> str:
        """Return the id of a component's record."""
        with self._lock:
            return self._ids[component.type, component.full_name]

    def grant(self, username: str, rights: Iterable[str]) -> None:
        """Give a user exactly these rights, by the names that a permission set's metadata calls them."""
        with self._lock:
            self._rights[username] = frozenset(rights)

    def rights(self, username: str) -> frozenset[str]:
        """Return a user's rights: those granted, and those of the permission sets that the user has."""
        with self._lock:
            own = self._rights.get(username, frozenset())
            sets = [name for assignee, name in self._assignments if assignee == username]
            parts = [self._components.get((PERMISSION_SET.name, name)) for name in sets]
            return own.union(*(_granted_by(part) for part in parts if part))

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

    def tie(self, permission_set: str, app: str) -> str | None:
        """Tie a permission set to an app, both by full name; return the record's id, None if they were tied already."""
        with self._lock:
            if (permission_set, app) in self._ties:
                return None
            made = self._ties[permission_set, app] = salesforce_id("0J0", next(self._numbers))
            self._changed()
            return made

    def tie_exactly(self, app: str, permission_sets: Iterable[str]) -> None:
        """Tie these permission sets to an app and no others, as its policies do when they are deployed."""
        with self._lock:
            wanted = set(permission_sets)
            self._ties = {key: made for key, made in self._ties.items() if key[1] != app or key[0] in wanted}
            for permission_set in sorted(wanted):
                self.tie(permission_set, app)
            self._changed()

    def untie(self, record: str) -> bool:
        """Delete a tie by its record's id, and return whether there was one."""
        with self._lock:
            before = len(self._ties)
            self._ties = {key: made for key, made in self._ties.items() if made != record}
            self._changed()
            return len(self._ties) < before

    def ties(self) -> Mapping[tuple[str, str], str]:
        """Return the ids of all ties by permission set and app, both full names."""
        with self._lock:
            return dict(self._ties)


def _granted_by(permission_set: Component) -> set[str]:
    names = permission_set.elements.get("userPermissions.name", ())
    enabled = permission_set.elements.get("userPermissions.enabled", ())
    return {name for name, is_on in zip(names, enabled, strict=False) if is_on == "true"}
