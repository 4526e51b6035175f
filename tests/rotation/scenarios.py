"""Rotations as they are begun, and what people do for them meanwhile."""

from typing import Any, Final

from key_rotation.note import Decision
from key_rotation.versions import CURRENT
from rotation.deeds import DEEDS
from rotation.explorer import Scenario
from rotation.machine import Machine, finishing, starting
from sfmint_testing.rotation.account import NAME, certificate_of, key_of
from sfmint_testing.rotation.org import Manner
from sfmint_testing.rotation.world import RotationWorld

TOKEN: Final = "token-of-the-first-rotation-0001"
ANOTHER: Final = "token-of-another-rotation-000002"
ARN: Final = "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-00000000000"

UNATTENDED: Final = {"admin_connection": "admin"}
SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "unattended": UNATTENDED,
    "attended": {},
    "two apps": {**UNATTENDED, "other_app": "two", "other_consumer_key": "3MVG9-two"},
    "two apps, attended": {"other_app": "two", "other_consumer_key": "3MVG9-two"},
    "two keys in KMS": {**UNATTENDED, "signer": {"kms": f"{ARN}1"}, "other_signer": {"kms": f"{ARN}2"}},
}


def rotation(setting: str, manner: Manner = Manner.AT_ONCE, *others: Any, prepare: Any = None) -> Scenario:
    """Return a rotation that is begun.

    Args:
        setting: what the secret says to it.
        manner: how a change of an app arrives.
        others: programs that run beside.
        prepare: what has happened before.
    """
    scenario = Scenario(
        world=lambda: RotationWorld(manner, SETTINGS[setting]), programs=(starting(TOKEN), *others), repair=people
    )
    return scenario if prepare is None else scenario.after(prepare)


def people(machine: Machine) -> None:
    """Do what people do who are told to do something; the org and its rights are there again, and callers call."""
    world = machine.world
    world.org.is_down = world.org.refuses_admin = False
    note = world.notes.find(NAME)
    assert note is not None
    is_attended = not world.secrets.fields(CURRENT).get("admin_connection")
    if is_attended and world.notes.certificate is not None:
        of = world.secrets.labels[CURRENT] if note.decision is Decision.CANCEL else note.version
        _upload(machine, world.notes.certificate, of)
    if note.decision is Decision.CANCEL and "tainted" in note.why:
        DEEDS["stores another login"](machine)
    world.keeper.refresh(NAME, ahead_s=900)


def _upload(machine: Machine, certificate: str, version: str) -> None:
    world = machine.world
    if version not in world.secrets.texts:
        return
    of = world.parsed(world.secrets.texts[version])
    if certificate != certificate_of(key_of(of)):
        return  # it is published for another end of the rotation
    for app in world.org.apps.values():
        if app.consumer_key == of.consumer_key:
            world.org.upload(app, certificate)
    machine.join(finishing)
