"""One deployment: from a zip to what it would change, or to why not. Nothing is changed here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from sfmint_local.org.setup.archive import MANIFEST, ArchiveError, read_archive
from sfmint_local.org.setup.component_file import FileError, FileName, read_component, read_name
from sfmint_local.org.setup.components import (
    APP,
    APP_POLICIES,
    CONNECTED_APP,
    GLOBAL_OAUTH,
    OAUTH,
    OAUTH_POLICIES,
    PERMISSION_SET,
    SETTINGS,
    Component,
)
from sfmint_local.org.setup.draft import Draft
from sfmint_local.org.setup.kept import default_policies, kept
from sfmint_local.org.setup.manifest import Manifest, ManifestError, read_manifest
from sfmint_local.org.setup.rights import APP_ADMIN, APP_DEVELOPER, VIEW_CLIENT_SECRET
from sfmint_local.org.setup.rules import problem_of

type Status = Literal["Succeeded", "SucceededPartial", "Failed"]

# A type's components come after those that they need.
_ORDER = [
    kind.name
    for kind in (SETTINGS, PERMISSION_SET, APP, OAUTH, GLOBAL_OAUTH, OAUTH_POLICIES, APP_POLICIES, CONNECTED_APP)
]
_RIGHTS = {
    APP.name: {APP_DEVELOPER},
    OAUTH.name: {APP_DEVELOPER, VIEW_CLIENT_SECRET},
    GLOBAL_OAUTH.name: {APP_DEVELOPER, VIEW_CLIENT_SECRET},
    OAUTH_POLICIES.name: {APP_ADMIN},
    APP_POLICIES.name: {APP_ADMIN},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a deployment says about one component, or about one file.

    Attributes:
        problem: why it was refused; None: it was taken.
        created: the org did not have it before.
    """

    kind: str
    full_name: str
    file: str
    problem: str | None = None
    created: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a deployment ends.

    Attributes:
        messages: one a component, and those about files and names.
        changes: what the org has to keep; empty where everything is rolled back.
        error: a code and a message, where it failed as a whole.
    """

    status: Status
    messages: tuple[Message, ...] = ()
    changes: tuple[Component, ...] = ()
    error: tuple[str, str] | None = None

    @property
    def failures(self) -> list[Message]:
        """The messages with a problem."""
        return [message for message in self.messages if message.problem]

    @property
    def successes(self) -> list[Message]:
        """The messages of components that were taken."""
        return [message for message in self.messages if not message.problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What a fault lets happen to a deployment.

    Attributes:
        kind: it fails as a whole, is never done, or ends after half of its components.
        error: the code and the message of a failure.
    """

    kind: Literal["fails", "hangs", "half"]
    error: tuple[str, str] = ("UNKNOWN_EXCEPTION", "An unexpected error occurred.")


def carry_out(
    archive: bytes,
    options: Mapping[str, Any],
    draft: Draft,
    *,
    api_version: int,
    rights: frozenset[str],
    fate: Fate | None = None,
) -> Outcome:
    """Work through a deployment.

    Args:
        archive: the zip.
        options: all deployOptions.
        draft: the org before; afterwards the org as it would be.
        api_version: of the request, for a package.xml that names none.
        rights: those of the user who deploys.
        fate: what a fault lets happen.
    """
    if fate and fate.kind == "fails":
        return Outcome(status="Failed", error=fate.error)
    try:
        files = read_archive(archive, single_package=options["singlePackage"])
        manifest = _manifest(files, api_version)
    except ArchiveError as error:
        return Outcome(status="Failed", error=("UNKNOWN_EXCEPTION", str(error)))
    except ManifestError as error:
        message = Message(kind="", full_name=MANIFEST, file=MANIFEST, problem=str(error))
        return Outcome(status="Failed", messages=(message,))
    named = {name: read_name(name) for name in files if name != MANIFEST}
    listed = {name: place for name, place in named.items() if place and manifest.names(place.kind, place.full_name)}
    order = sorted(listed, key=lambda name: _ORDER.index(listed[name].kind.name))
    work = _Work(draft, rights=rights, version=manifest.version)
    for number, name in enumerate(order):
        broken_off = fate is not None and number >= len(order) // 2
        work.take(listed[name], name, files[name], broken_off=broken_off)
    for made in default_policies(draft, work.taken):
        draft.put(made)
    messages = [*_mismatches(named, manifest, allow_missing=options["allowMissingFiles"]), *work.messages]
    return _ended(messages, draft, options, broken_off=fate is not None)


class _Work:
    """The components that are worked through, one after the other."""

    def __init__(self, draft: Draft, *, rights: frozenset[str], version: int) -> None:
        self.messages: list[Message] = []
        self.taken: list[Component] = []
        self._draft = draft
        self._rights = rights
        self._version = version

    def take(self, place: FileName, name: str, data: bytes, *, broken_off: bool) -> None:
        """Take a component into the draft, or say what is wrong with it."""
        kind = place.kind.name
        message = Message(kind=kind, full_name=place.full_name, file=name)
        created = self._draft.find(kind, place.full_name) is None
        try:
            self._put(place, data, broken_off=broken_off)
        except FileError as error:
            self.messages.append(replace(message, problem=str(error)))
        else:
            self.messages.append(replace(message, created=created))

    def _put(self, place: FileName, data: bytes, *, broken_off: bool) -> None:
        if broken_off:
            raise FileError("UNKNOWN_EXCEPTION: the deployment was broken off")
        if not _RIGHTS.get(place.kind.name, set()) <= self._rights:
            raise FileError("Not available for deploy for this organization")
        component = read_component(place, data, version=self._version)
        if problem := problem_of(component, self._draft):
            raise FileError(problem)
        component = kept(component, self._draft)
        self._draft.put(component)
        self.taken.append(component)


def _ended(messages: list[Message], draft: Draft, options: Mapping[str, Any], *, broken_off: bool) -> Outcome:
    ended = Outcome(status="Succeeded", messages=tuple(messages), changes=tuple(draft.changes()))
    if ended.failures:
        partial = bool(ended.successes) and (broken_off or not options["rollbackOnError"])
        ended = replace(
            ended, status="SucceededPartial" if partial else "Failed", changes=ended.changes if partial else ()
        )
    return replace(ended, changes=()) if options["checkOnly"] else ended


def _manifest(files: Mapping[str, bytes], api_version: int) -> Manifest:
    if MANIFEST not in files:
        raise ManifestError("No package.xml found")
    return read_manifest(files[MANIFEST], default_version=api_version)


def _mismatches(named: Mapping[str, FileName | None], manifest: Manifest, *, allow_missing: bool) -> list[Message]:
    """Hold the files against the names in package.xml, both ways."""
    messages = []
    there = set()
    for name, place in named.items():
        key = (place.kind.name, place.full_name) if place else ("", name)
        is_second = key in there
        there.add(key)
        if is_second:
            messages.append(Message(kind=key[0], full_name=key[1], file=name, problem="Duplicate file of a component"))
        elif name.startswith("destructiveChanges"):
            problem = "The embedded org does not know destructive changes."
            messages.append(Message(kind="", full_name=name, file=name, problem=problem))
        elif place is None or not manifest.names(place.kind, place.full_name):
            messages.append(Message(kind=key[0], full_name=key[1], file=name, problem="Not in package.xml"))
    for kind, names in manifest.members.items():
        for full_name in sorted(names - {"*"}):
            if (kind, full_name) not in there and not allow_missing:
                problem = (
                    f"An object '{full_name}' of type {kind} was named in package.xml, "
                    "but was not found in zipped directory"
                )
                messages.append(Message(kind=kind, full_name=full_name, file=MANIFEST, problem=problem))
    return messages
