"""An app's consumer key by REST, for which a switch of the org may have to be turned on for the moment.

What is turned on is noted before, by the org, where it outlives this process: the next run puts back what an interrupted
one has left on. The secret is not asked for, and a part of an answer that holds one is not kept.

Source: REST API Developer Guide, "OAuth credentials"; Metadata API Developer Guide v67, ExternalClientAppSettings.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from sfmint_setup import soap
from sfmint_setup.component import SETTINGS, Component
from sfmint_setup.deploying import Deployments
from sfmint_setup.errors import DeployFailed, DeployUnfinished, OrgRefused, RightMissing, SetupError
from sfmint_setup.package import files_of
from sfmint_setup.port import Observe
from sfmint_setup.rights import SEE_KEYS, Task
from sfmint_setup.wire import DATA, Wire
from sfmint_values.foreign import Foreign

MEMBER = "ExternalClientApp"
SWITCH = "enableClientSecretInRestApiAccess"
_LONGEST_ID = 40  # letters and digits; a record's id has 18
_CREDENTIALS = f"{DATA}/apps/oauth/credentials"
_TASK = Task(words="read the app's consumer key", right=SEE_KEYS)


class Notes(Protocol):
    """What outlives this process: the orgs whose switch a run has turned on."""

    def has(self, org_id: str) -> bool:
        """Return whether an org is noted."""
        ...

    def add(self, org_id: str) -> None:
        """Note an org; when this returns, a crash does not lose it."""
        ...

    def drop(self, org_id: str) -> None:
        """Forget an org."""
        ...


class KeyByRest:
    """Reads consumer keys by REST.

    Args:
        wire: to the org.
        deployments: of the same org.
        notes: see `Notes`.
        org_id: the org's.
    """

    def __init__(self, *, wire: Wire, deployments: Deployments, notes: Notes, org_id: str) -> None:
        self._wire = wire
        self._deployments = deployments
        self._notes = notes
        self._org_id = org_id

    def read(self, app_id: str, observe: Observe) -> str | None:
        """Return the consumer key; None: the org does not show it this way either."""
        if key := self._look(app_id):
            return key
        settings = self._settings()
        if settings is None or settings.is_true(SWITCH):  # on already, or nobody can tell how to put it back
            return None
        return self._read_with_switch(app_id, settings, observe)

    def _read_with_switch(self, app_id: str, settings: Component, observe: Observe) -> str | None:
        self._notes.add(self._org_id)
        has_ended = True
        try:
            self._turn(settings, "true", observe)
            return self._look(app_id)
        except (OrgRefused, RightMissing):
            self._notes.drop(self._org_id)  # the deployment was not taken: nothing was turned on
            return None
        except DeployFailed:
            if (now := self._settings()) is not None and not now.is_true(SWITCH):
                self._notes.drop(self._org_id)
            return None
        except DeployUnfinished:
            has_ended = False  # it may still begin: the note stays for the next run
            raise
        finally:
            if has_ended:
                self.put_back(observe)

    def put_back(self, observe: Observe) -> bool:
        """Turn off what was turned on here, or by a run that was interrupted; False: nothing was.

        Raises:
            SetupError: that failed; the note stays, so the next run tries it again.
        """
        if not self._notes.has(self._org_id):
            return False
        settings = self._settings()
        if settings is None:
            raise _left_on("Its settings cannot be read.")
        try:
            # Also where it reads off: what turns it on may wait in the org's queue, and this waits behind it.
            self._turn(settings, "false", observe)
        except (DeployFailed, DeployUnfinished, OrgRefused, RightMissing) as error:
            raise _left_on(error.cause) from None
        self._notes.drop(self._org_id)
        return True

    def _settings(self) -> Component | None:
        try:
            found = soap.read_metadata(self._wire, SETTINGS, [MEMBER], _TASK)
        except (OrgRefused, RightMissing):
            return None
        return found[0] if found else None

    def _turn(self, settings: Component, to: str, observe: Observe) -> None:
        changed = replace(settings, full_name=MEMBER, elements={**settings.elements, SWITCH: to})
        self._deployments.run(files_of([changed]), check_only=False, observe=observe).require_success()

    def _look(self, app_id: str) -> str | None:
        """Return the key, if the org shows it as it stands."""
        try:
            consumers = _consumers(self._wire.get(f"{_CREDENTIALS}/{app_id}", _TASK))
            ids = [id_ for each in consumers if isinstance(id_ := each.get("id"), str) and is_word(id_)]
            for id_ in ids:
                shown = _consumers(self._wire.get(f"{_CREDENTIALS}/{app_id}/{id_}", _TASK, {"part": "key"}))
                if keys := [key for each in shown if isinstance(key := each.get("key"), str) and key]:
                    return keys[0]
        except (OrgRefused, RightMissing):
            pass
        return None


def is_word(text: Foreign) -> bool:
    """Return whether a text may stand in a path as it is."""
    return 0 < len(text) <= _LONGEST_ID and text.isascii() and text.isalnum()


def _left_on(why: str) -> SetupError:
    return SetupError(
        f"sfmint has turned on the org's switch {SWITCH}, and cannot put it back. {why}",
        remedy="Turn it off in Setup, External Client App Settings: access to consumer secrets by REST; then run this again.",
        name="SwitchLeftOn",
    )


def _consumers(answer: object) -> list[Mapping[str, object]]:
    """Return the consumers of an answer, without their secrets: a list of them, or the one that was asked for."""
    if not isinstance(answer, Mapping):
        return []
    listed = answer.get("consumers", [answer])
    consumers = listed if isinstance(listed, list) else []
    return [{name: each.get(name) for name in ("id", "key")} for each in consumers if isinstance(each, Mapping)]
