"""The org as it would be after a deployment: a copy that components are put into, one after the other."""

from collections.abc import Iterator, Mapping

from sfmint_local.org.setup.components import CONNECTED_APP, GLOBAL_OAUTH, Component
from sfmint_local.org.setup.differences import Differences
from sfmint_local.org.setup.state import Key


class Draft:
    """A copy of the components.

    Args:
        components: what the org has.
        ids: the ids of their records, by type and full name.
        differences: what kind of org it is.
    """

    def __init__(
        self, components: Mapping[Key, Component], *, ids: Mapping[Key, str], differences: Differences
    ) -> None:
        self.differences = differences
        self._before = components
        self._after = dict(components)
        self._ids = ids

    def put(self, component: Component) -> None:
        """Create or replace a component."""
        self._after[component.type, component.full_name] = component

    def find(self, kind: str, full_name: str) -> Component | None:
        """Find a component."""
        return self._after.get((kind, full_name))

    def of_app(self, kind: str, app: str) -> Component | None:
        """Find an app's component of a type."""
        return next((part for part in self.all(kind) if part.app == app), None)

    def all(self, kind: str) -> Iterator[Component]:
        """Give the components of a type."""
        return (part for (type_, _), part in self._after.items() if type_ == kind)

    def named_by(self, kind: str, name_or_id: str) -> Component | None:
        """Find a component by its full name, or by its record's id of 15 or 18 characters."""
        for part in self.all(kind):
            record = self._ids.get((kind, part.full_name), "")
            if name_or_id in {part.full_name, record or None, record[:15] or None}:
                return part
        return None

    def changes(self) -> list[Component]:
        """Return what is new or differs from what the org has."""
        return [part for key, part in self._after.items() if self._before.get(key) != part]

    def consumer_keys(self) -> Iterator[str]:
        """Give the consumer keys of all apps, of both kinds."""
        for part in self.all(GLOBAL_OAUTH.name):
            yield part.text("consumerKey")
        for part in self.all(CONNECTED_APP.name):
            yield part.text("oauthConfig.consumerKey")
