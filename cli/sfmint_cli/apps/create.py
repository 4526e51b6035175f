"""From an org without an app to a login that works: a sequence of steps, each of which looks first what is there.

A run may end anywhere, and an answer may be lost: the same command goes on from what the org has and the notes say. Nothing is
deleted, and every change is one that may be made again.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Protocol

from sfmint.salesforce.credential_fault import CredentialFault
from sfmint_cli.apps.arrival import Arrival, Refusal
from sfmint_cli.apps.consumer_key import MAY_SWITCH, KeySource
from sfmint_cli.apps.deploying import Deploying, changed_meanwhile, told_once
from sfmint_cli.apps.key_folder import KeyFolder
from sfmint_cli.apps.look import Found, Wanted, changed, in_words, look, require_org
from sfmint_cli.apps.notes import Notes, NotesFile
from sfmint_cli.apps.person import Person
from sfmint_cli.broker_code import key_id_of
from sfmint_cli.key_file import KeyFile
from sfmint_cli.result import Facts, Failed
from sfmint_setup.app_files import AppPlan
from sfmint_setup.errors import SetupError
from sfmint_setup.port import SalesforceSetup
from sfmint_setup.records import App, Identity
from sfmint_values.record_id import is_same
from sfmint_values.system import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An app that a login can be tried with.

    Attributes:
        org: where it is.
        username: who logs in.
        consumer_key: of the app.
        key_file: with what.
    """

    org: Identity
    username: str
    consumer_key: str
    key_file: KeyFile


class Destination(Protocol):
    """Where the credentials go once they work."""

    def require(self, org: Identity) -> list[str]:
        """Return what will be changed there, one line each; called before anything is changed in the org.

        Raises:
            Failed: they could not be stored.
        """
        ...

    def store(self, ready: Ready) -> Facts:
        """Store them, and have a token served.

        Raises:
            Failed: that did not succeed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Makes the app of a connection.

    Attributes:
        wanted: what.
        setup: the org.
        folder_of: where key and notes are, for an org's id.
        person: who is asked and told.
        log_in: tries once.
        destination: where the credentials go.
        alone: holds what a run makes, so that no second one makes it at the same time.
        clock: for the pauses.
        given_key: the consumer key, if a person has read it in Setup.
    """

    wanted: Wanted
    setup: SalesforceSetup
    folder_of: Callable[[str], KeyFolder]
    person: Person
    log_in: Callable[[Ready], Refusal | None]
    destination: Destination
    alone: Callable[[str], AbstractContextManager[None]]
    clock: Clock
    given_key: str | None = None

    def run(self) -> Facts:
        """Bring it about, and return what is known then.

        Raises:
            Failed: it was not brought about; the facts say how far it is.
        """
        facts: dict[str, object] = {"connection": self.wanted.connection}
        try:
            self._run(facts)
        except SetupError as error:
            raise Failed(error.cause, remedy=error.remedy, name=error.name, facts=facts) from None
        except Failed as failed:
            raise failed.knowing(facts) from None
        return facts

    def _run(self, facts: dict[str, object]) -> None:
        org = self.setup.identity()
        require_org(org, self.wanted.org_id, is_asked=self.person.is_asked)
        facts |= {"org_id": org.org_id, "org_name": org.name, "production": org.is_production}
        facts["token_host"] = org.instance_url
        with self.alone(f"{org.org_id}.{self.wanted.app}"):
            self._run_alone(org, facts)

    def _run_alone(self, org: Identity, facts: dict[str, object]) -> None:
        folder = self.folder_of(org.org_id)
        notes = NotesFile.read(folder.notes)
        _require_same(notes, folder, Notes(org_id=org.org_id, app=self.wanted.app, username=self.wanted.username))
        self.setup.put_back_switch(observe=told_once(self.person.tell))
        key_file = folder.there()
        found = look(self.setup, org, self.wanted)
        _require_ours(found, key_file, notes)
        self._agree(found, key_file, notes)
        key_file = self._begun(folder, notes, found)
        facts |= {"key": str(folder.files.key), "certificate": str(folder.files.certificate)}
        try:
            self._set_up(found, key_file, notes, facts)
        finally:
            facts |= {"deployments": list(notes.now.deployments), "waited_s": round(notes.now.waited_s)}

    def _agree(self, found: Found, key_file: KeyFile | None, notes: NotesFile) -> None:
        """Show the org and what will be changed, and ask."""
        org, tell = found.org, self.person.tell
        tell(
            f"Org {org.org_id} ({org.name}), {'PRODUCTION' if org.is_production else 'not production'}, as {org.username}."
        )
        plan = self.wanted.plan(org, (key_file.certificate if key_file else None) or "")
        no_timeout = notes.begun is not None and notes.begun.without_timeout
        for line in (*in_words(found, changed(found, plan, no_timeout=no_timeout)), *self.destination.require(org)):
            tell(f"- {line}")
        if self.given_key is None and (found.app is None or found.app.consumer_key is None):
            tell(MAY_SWITCH)
        self.person.agree("Go on?")

    def _begun(self, folder: KeyFolder, notes: NotesFile, found: Found) -> KeyFile:
        key_file = folder.make()
        if notes.begun is None:
            notes.begin(Notes(org_id=found.org.org_id, app=self.wanted.app, username=self.wanted.username))
        return key_file

    def _set_up(self, found: Found, key_file: KeyFile, notes: NotesFile, facts: dict[str, object]) -> None:
        plan = self.wanted.plan(found.org, key_file.certificate or "")
        facts |= {"key_id": key_file.signing_key.key_id, "username": found.user.username}
        facts |= {"permission_set": plan.permission_set}
        Deploying(setup=self.setup, notes=notes, tell=self.person.tell).carry_out(found, plan)
        app = self._approved(found, plan)
        facts["app"] = {"id": app.id, "name": app.name, "label": self.wanted.label}
        source = KeySource(setup=self.setup, notes=notes, person=self.person, given=self.given_key)
        consumer_key = facts["consumer_key"] = source.find(app)
        facts["session_timeout_set"] = not notes.now.without_timeout
        ready = Ready(org=found.org, username=found.user.username, consumer_key=consumer_key, key_file=key_file)
        self._wait(ready, notes)
        facts |= self.destination.store(ready)

    def _approved(self, found: Found, plan: AppPlan) -> App:
        """Let the user log in by the app, and return it."""
        name = plan.permission_set
        app, permission_set = self.setup.app(self.wanted.app), self.setup.permission_set(name)
        if app is None or permission_set is None:
            raise Failed(
                "The deployment has succeeded, but the org does not show the app or its permission set yet.",
                remedy="Run this again in a minute: it goes on.",
                name="AppNotShown",
            )
        _require_still_ours(app, plan.certificate)
        if self.setup.assign(found.user.id, permission_set.id):
            self.person.tell(f"{found.user.username} has the permission set {name} now.")
        is_tied = any(is_same(tied, app.id) for tied in permission_set.tied_apps)
        if not is_tied and self.setup.tie(permission_set.id, app.id):
            self.person.tell(f"The permission set {name} opens the app {app.name} now.")
        return app

    def _wait(self, ready: Ready, notes: NotesFile) -> None:
        self.person.tell("Logs in until the app has arrived everywhere: 2 to 10 minutes as a rule, at most 30.")
        last: Refusal | None = None

        def log_in() -> Refusal | None:
            nonlocal last
            last = self.log_in(ready)
            return last

        try:
            Arrival(log_in=log_in, notes=notes, clock=self.clock, tell=self.person.tell).wait()
        except Failed:
            if last is not None and notes.now.typed_key is not None:
                notes.add(typed_key=None)  # it may have been mistyped: the next run asks again
            self._look_again(ready)
            raise
        self._look_again(ready)

    def _look_again(self, ready: Ready) -> None:
        """Check that the app is still ours: minutes have passed, and a deployment of somebody else may have waited longer."""
        with suppress(SetupError):  # the session may have ended meanwhile, which harms nothing any more
            app = self.setup.app(self.wanted.app)
            if app is not None:
                _require_still_ours(app, ready.key_file.certificate or "")


def _require_same(notes: NotesFile, folder: KeyFolder, wanted: Notes) -> None:
    begun = notes.begun
    if begun is None:
        return
    same_user = begun.username.casefold() == wanted.username.casefold()
    if (begun.org_id, begun.app) != (wanted.org_id, wanted.app) or not same_user:
        raise Failed(
            f"{folder.notes} is of another run: the app {begun.app} in the org {begun.org_id} for {begun.username}.",
            remedy="Give what that run was given, or another folder with --out.",
            name="OtherRun",
        )


def _require_ours(found: Found, key_file: KeyFile | None, notes: NotesFile) -> None:
    """Check that an app which is there holds the certificate of our key; where none is seen, that a run has sent the app.

    Raises:
        Failed: it may be somebody else's.
    """
    app = found.app
    if app is None:
        return
    if app.certificate is None:
        is_ours = notes.begun is not None and notes.begun.is_sent
    else:
        is_ours = key_file is not None and _key_id(app.certificate) == key_file.signing_key.key_id
    if not is_ours:
        raise Failed(
            f"The org has an app {app.name} already, and its certificate is not that of the key here: it may be somebody"
            " else's, so it is not touched.",
            remedy="Give the connection another NAME; or, if it was made by an earlier run, give the folder of that run with"
            " --out.",
            name="AppNotOurs",
        )


def _require_still_ours(app: App, certificate: str) -> None:
    """Check that an app holds our certificate, or that none is seen.

    Raises:
        Failed: it holds another one by now.
    """
    if app.certificate is not None and _key_id(app.certificate) != _key_id(certificate):
        raise changed_meanwhile(app.name)


def _key_id(certificate: str) -> str | None:
    try:
        return key_id_of(certificate)
    except CredentialFault:
        return None
