"""What people do while a rotation goes on, by other means than ours."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from key_rotation.ports import StageMovedError
from key_rotation.versions import CURRENT, PENDING
from rotation.machine import Machine
from sfmint_testing.rotation.account import KEY_MARK, NAME, certificate_of, key_id_of, key_of
from sfmint_testing.rotation.org import FakeApp
from sfmint_testing.rotation.world import RotationWorld


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that somebody does.

    Attributes:
        do: it.
        starves: callers may not be served after it, whatever a rotation does.
        spoils: the rotation may not end as it says, for somebody else has meddled with its versions.
    """

    do: Callable[[RotationWorld], None]
    starves: bool = False
    spoils: bool = False

    def __call__(self, machine: Machine) -> None:
        """Do it now."""
        machine.promises.is_starved |= self.starves
        machine.promises.is_spoilt |= self.spoils
        machine.somebody(lambda: self.do(machine.world))


def _version(world: RotationWorld) -> str:
    return f"edit-{len(world.secrets.texts)}"


def _of(key: str) -> dict[str, str]:
    """Return the fields of a key, and none of a key in KMS."""
    return {"private_key": key, "certificate": certificate_of(key), "signer": "", "other_signer": ""}


def _edit(world: RotationWorld) -> None:
    world.edit(_version(world), token_lifetime=1800 + len(world.secrets.texts))


def _taint(world: RotationWorld, label: str) -> None:
    tainted = world.connection_at(label)
    current = world.connection_at(CURRENT)
    if tainted is not None and current is not None:
        keys = current.tainted_keys | {key_id_of(key_of(tainted))}
        world.edit(_version(world), tainted_keys=sorted(keys))


def _taint_both(world: RotationWorld) -> None:
    _taint(world, CURRENT)
    _taint(world, PENDING)


def _store_another(world: RotationWorld) -> None:
    """Another app, as an operator makes it and stores its credentials."""
    key = f"{KEY_MARK}of-somebody"
    world.org.apps["somebody"] = FakeApp("3MVG9-somebody", certificate_of(key))
    world.edit(_version(world), consumer_key="3MVG9-somebody", **_of(key))


def _name_another_user(world: RotationWorld) -> None:
    world.edit(_version(world), username="other@acme.example", token_host="https://acme--next.my.salesforce.com")


def _take_pending_off(world: RotationWorld) -> None:
    world.secrets.labels.pop(PENDING, None)


def _stage_another(world: RotationWorld) -> None:
    version = _version(world)
    world.secrets.texts[version] = json.dumps(world.secrets.fields(CURRENT) | _of(f"{KEY_MARK}of-somebody"))
    world.secrets.labels[PENDING] = version


def _promote(world: RotationWorld) -> None:
    if (pending := world.secrets.labels.get(PENDING)) in world.secrets.texts:
        with suppress(StageMovedError):
            world.secrets.move(NAME, CURRENT, to=pending, off=world.secrets.labels[CURRENT])


def _outage(world: RotationWorld) -> None:
    world.org.is_down = not world.org.is_down


def _take_rights(world: RotationWorld) -> None:
    world.org.refuses_admin = not world.org.refuses_admin


def _silence(world: RotationWorld) -> None:
    world.announcer.is_gone = True


def _forget_admin(world: RotationWorld) -> None:
    world.edit(_version(world), admin_connection="")


def _spoil(world: RotationWorld) -> None:
    world.org.upload(world.org.apps["orders"], certificate_of("of nobody"))


def _two_apps(world: RotationWorld) -> None:
    world.org.apps["second"] = FakeApp("3MVG9-second", world.org.apps["orders"].certificate)
    world.edit(_version(world), other_app="second", other_consumer_key="3MVG9-second")


DEEDS: Final = {
    "edits the secret": Deed(_edit),
    "taints the new key": Deed(lambda world: _taint(world, PENDING), starves=True),
    "taints the old key": Deed(lambda world: _taint(world, CURRENT), starves=True),
    "taints both": Deed(_taint_both, starves=True, spoils=True),
    "stores another login": Deed(_store_another),
    "names another user": Deed(_name_another_user),
    "takes AWSPENDING off": Deed(_take_pending_off, starves=True),
    "stages another version": Deed(_stage_another, starves=True),
    "promotes by hand": Deed(_promote, starves=True, spoils=True),
    "cuts the org off, or joins it": Deed(_outage),
    "takes rights away, or gives them": Deed(_take_rights),
    "takes the topic away": Deed(_silence),
    "forgets the admin connection": Deed(_forget_admin),
    "spoils the app": Deed(_spoil, starves=True, spoils=True),
    "names another app": Deed(_two_apps),
}
