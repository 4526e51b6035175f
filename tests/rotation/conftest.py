"""One run of a rotation, without anything that goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from key_rotation.standing import Phase, Standing
from key_rotation.use_case.rotation import Rotation
from key_rotation.use_case.work import Run
from key_rotation.versions import CURRENT
from rotation.scenarios import SETTINGS, TOKEN
from sfmint_testing.rotation.account import NAME, certificate_of, key_id_of, key_of
from sfmint_testing.rotation.org import Manner
from sfmint_testing.rotation.world import RotationWorld

MOST_STEPS: Final = 200


@dataclass
class Case:
    """A world, and a run in it.

    Attributes:
        world: where it runs.
        phases: those that it has been in, each once, in their order.
    """

    world: RotationWorld
    phases: list[Phase] = field(default_factory=list)

    @property
    def rotation(self) -> Rotation:
        return Rotation(ports=self.world.ports())

    @property
    def run(self) -> Run:
        return Run(id="run", ends_at=self.world.time + 900)

    def begin(self, token: str = TOKEN) -> Standing:
        return self._seen(self.rotation.begin(NAME, token, self.run))

    def advance(self) -> Standing:
        return self._seen(self.rotation.advance(NAME, self.run))

    def cancel(self) -> Standing:
        return self._seen(self.rotation.cancel(NAME, self.run))

    def go_on(self, until: Callable[[Standing], bool] = lambda standing: not standing.is_open) -> Standing:
        """Take steps, and let time pass between them, until the rotation stands so, or has ended."""
        for _ in range(MOST_STEPS):
            standing = self.advance()
            if until(standing) or not standing.is_open:
                return standing
            if not standing.has_moved:
                assert standing.next_at is not None
                self.world.time = max(self.world.time + 1, standing.next_at)
        raise AssertionError("it does not end")

    def rotate(self) -> Standing:
        """Begin a rotation and see it to its end."""
        self.begin()
        return self.go_on()

    def to(self, phase: Phase) -> Standing:
        """Begin a rotation and go on to a phase."""
        self.begin()
        return self.go_on(lambda standing: standing.phase is phase)

    def upload(self, app: str = "orders") -> None:
        """Do what a person does with the certificate that is published."""
        published = self.world.notes.certificate
        assert published is not None
        self.world.org.upload(self.world.org.apps[app], published)

    @property
    def key_id(self) -> str:
        """The id of the current key."""
        current = self.world.connection_at(CURRENT)
        assert current is not None
        return key_id_of(key_of(current))

    def holds(self, app: str = "orders") -> bool:
        """Return whether an app holds the certificate of the current key."""
        current = self.world.connection_at(CURRENT)
        assert current is not None
        return self.world.org.apps[app].certificate == certificate_of(key_of(current))

    def _seen(self, standing: Standing) -> Standing:
        if not self.phases or self.phases[-1] is not standing.phase:
            self.phases.append(standing.phase)
        return standing


type MakeCase = Callable[..., Case]


@pytest.fixture
def case() -> MakeCase:
    """Make a world by the name of a setting, or by fields of the secret."""

    def make(setting: str = "unattended", manner: Manner = Manner.AT_ONCE, **fields: Any) -> Case:
        return Case(RotationWorld(manner, {**SETTINGS[setting], **fields}))

    return make
