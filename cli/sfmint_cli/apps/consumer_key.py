"""The consumer key of an app that is in the org: as the org shows it, or as a person reads it in Setup."""

from collections.abc import Callable
from dataclasses import dataclass

from sfmint_cli.apps.deploying import told_once
from sfmint_cli.apps.notes import NotesFile
from sfmint_cli.apps.person import Person, is_consumer_key
from sfmint_cli.result import Failed
from sfmint_setup.errors import OrgRefused, RightMissing
from sfmint_setup.port import SalesforceSetup
from sfmint_setup.records import App

MAY_SWITCH = (
    "- perhaps: the org's setting that lets consumer secrets be read by REST is turned on for a moment and put back; only if"
    " the org shows the consumer key in no other way"
)
_SWITCH = (
    "The Metadata API does not show the consumer key. It can be read by REST, for which the org's setting that lets"
    " consumer secrets be read by REST is turned on for the moment and put back; the secret is not read. Do that?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySource:
    """Finds a consumer key.

    Attributes:
        setup: the org.
        notes: of the run.
        person: who may be asked.
        given: as it stands on the command line.
    """

    setup: SalesforceSetup
    notes: NotesFile
    person: Person
    given: str | None

    def find(self, app: App) -> str:
        """Return the key.

        Raises:
            Failed: the org does not show it, and there is nobody to type it.
            SetupError: the org did not answer.
        """
        shown = app.consumer_key or self._unless_refused(lambda: self.setup.consumer_key(app))
        if shown is not None and is_consumer_key(shown):  # else the org shows something in its place
            if self.given not in (None, shown):
                self.person.tell("The org shows another consumer key than --consumer-key gives: the org's is taken.")
            return shown
        if self.given is not None:
            self.notes.add(typed_key=self.given)
        if (known := self.notes.now.typed_key) is not None:
            return known
        by_rest = self._by_rest(app)
        return by_rest if by_rest is not None and is_consumer_key(by_rest) else self._typed(app)

    def _by_rest(self, app: App) -> str | None:
        if not self.person.allows(_SWITCH):
            return None
        observe = told_once(self.person.tell)
        return self._unless_refused(lambda: self.setup.consumer_key_by_rest(app, observe=observe))

    def _typed(self, app: App) -> str:
        typed = self.person.consumer_key(app.name)
        if typed is None:
            raise Failed(
                "The app is in the org, which does not show its consumer key by API.",
                remedy=f"Read it in Setup (External Client App Manager, {app.name}, Settings, OAuth Settings, Consumer Key and"
                " Secret), then run this again with --consumer-key KEY.",
                name="ConsumerKeyNotShown",
            )
        self.notes.add(typed_key=typed)
        return typed

    def _unless_refused(self, ask: Callable[[], str | None]) -> str | None:
        try:
            return ask()
        except (RightMissing, OrgRefused) as refused:
            self.person.tell(refused.cause)
            return None
