"""The app's components on their way into the org: checked first, then all of them or none."""

from collections.abc import Callable
from dataclasses import dataclass

from sfmint_cli.apps.look import Found, changed
from sfmint_cli.apps.notes import NotesFile
from sfmint_cli.result import Failed
from sfmint_setup.app_files import TIMEOUT, AppPlan, without_timeout
from sfmint_setup.component import Component
from sfmint_setup.errors import DeployFailed, SessionExpired
from sfmint_setup.package import files_of
from sfmint_setup.port import SalesforceSetup
from sfmint_setup.problems import TIMEOUT_REFUSED
from sfmint_setup.records import App, Deployment, Progress

_WITHOUT_EFFECT = frozenset({"Failed", "Canceled"})
UNKNOWN = DeployFailed.__name__  # the code of a problem whose words nobody has met


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploying:
    """Deploys what differs.

    Attributes:
        setup: the org.
        notes: of the run.
        tell: is told of the progress.
    """

    setup: SalesforceSetup
    notes: NotesFile
    tell: Callable[[str], None]

    def carry_out(self, found: Found, plan: AppPlan) -> None:
        """Bring the app to what is wanted; nothing is sent where it is so already.

        Raises:
            Failed: the session has ended with it.
            SetupError: the org refuses, or did not answer.
        """
        components = changed(found, plan, no_timeout=self.notes.now.without_timeout)
        if not components:
            self.tell("The app is in the org as it should be: nothing is deployed.")
            return
        components = self._accepted(components)
        self._require_unchanged(found, plan)
        self.notes.add(good_logins=0, last_login=None, is_sent=True)  # first: a run may end while the org is at it
        self.tell("Deploys the app.")
        try:
            deployment = self._sent(components, check_only=False)
        except SessionExpired as error:
            raise Failed(
                "The org has ended the administrator's session while the app was deployed, as some orgs do when an app is"
                " switched to users whom an administrator has approved.",
                remedy=error.remedy,
                name=error.name,
            ) from None
        made_nothing = found.app is None and deployment.status in _WITHOUT_EFFECT
        self.notes.add(deployments=(*self.notes.now.deployments, deployment.id), is_sent=not made_nothing)
        deployment.require_success()

    def _require_unchanged(self, found: Found, plan: AppPlan) -> None:
        """Check that nobody has made or changed the app since it was looked at: minutes may have passed.

        Raises:
            Failed: somebody has; it is not deployed over.
        """
        if _whose(self.setup.app(plan.name)) != _whose(found.app):
            raise changed_meanwhile(plan.name)

    def _accepted(self, components: tuple[Component, ...]) -> tuple[Component, ...]:
        """Return the components as the org would take them: some orgs refuse a session time-out, in words that vary."""
        self.tell("Checks the deployment; nothing is changed yet.")
        checked = self._sent(components, check_only=True)
        if _may_be_the_timeout(checked) and any(each.text(TIMEOUT) for each in components):
            self.tell("The org refuses it. Checks it without the session time-out.")
            components = without_timeout(components)
            checked = self._sent(components, check_only=True)
            if checked.is_success:
                self.notes.add(without_timeout=True)
                self.tell(
                    "The org takes no session time-out for this app, so that of the user's profile holds, or the org's: 15"
                    " minutes or more, which is the token lifetime that is stored."
                )
        checked.require_success()
        return components

    def _sent(self, components: tuple[Component, ...], *, check_only: bool) -> Deployment:
        return self.setup.deploy(files_of(components), check_only=check_only, observe=told_once(self.tell))


def changed_meanwhile(app: str) -> Failed:
    """Return what is said of an app that somebody else has made or changed during the run."""
    return Failed(
        f"Somebody else has changed the app {app} in the org meanwhile, so this run leaves it alone.",
        remedy="Find out who works at it, then run this again: it looks anew at what the org has.",
        name="AppChangedMeanwhile",
    )


def _whose(app: App | None) -> tuple[str, str] | None:
    """Return by what an app is known: its record, and the certificate of whoever logs in by it."""
    return None if app is None else (app.id, "".join((app.certificate or "").split()))


def told_once(tell: Callable[[str], None]) -> Callable[[Progress], None]:
    """Return an observer of a deployment that tells what is new."""
    last: list[str] = []

    def observe(progress: Progress) -> None:
        count = f", {progress.done} of {progress.total} components" if progress.total else ""
        text = f"Deployment {progress.id}: {progress.status}{count}."
        if last != [text]:
            last[:] = [text]
            tell(text)

    return observe


def _may_be_the_timeout(deployment: Deployment) -> bool:
    """Return whether a refusal is that of a session time-out, or one that nobody knows: orgs word it differently."""
    codes = {problem.code for problem in deployment.problems}
    return not deployment.is_success and codes <= {TIMEOUT_REFUSED, UNKNOWN}
