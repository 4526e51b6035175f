"""What the use cases need of an org: `sfmint_setup.org.Org` is the one that talks to Salesforce."""

from collections.abc import Callable, Mapping
from typing import Protocol

from sfmint_setup.records import App, Deployment, Identity, PermissionSet, Progress, User

type Observe = Callable[[Progress], None]


class SalesforceSetup(Protocol):
    """An org, as an administrator's session sees and changes it.

    Every method raises `SetupError` or one of its kinds: `SessionExpired`, `RightMissing`, `OrgUnreachable`, ...
    """

    def identity(self) -> Identity:
        """Return the org and whose session it is."""
        ...

    def app(self, name: str) -> App | None:
        """Return what the org has of an app of that name, of either kind; None: nothing."""
        ...

    def user(self, username: str) -> User | None:
        """Return a user by the exact name."""
        ...

    def near_users(self, username: str) -> tuple[str, ...]:
        """Return the names of a few active users that begin like one that is not there."""
        ...

    def permission_set(self, name: str) -> PermissionSet | None:
        """Return a permission set by its API name."""
        ...

    def deploy(self, files: Mapping[str, bytes], *, check_only: bool, observe: Observe) -> Deployment:
        """Deploy all of the files or none, and wait until that has ended.

        Args:
            files: by path in the zip, package.xml among them; see `sfmint_setup.app_files`.
            check_only: nothing is changed.
            observe: is told of the progress.

        Raises:
            DeployUnfinished: it had not ended when the patience for it did, or nobody knows whether it began.
        """
        ...

    def assign(self, user_id: str, permission_set_id: str) -> bool:
        """Give a user a permission set; False: that user had it."""
        ...

    def tie(self, permission_set_id: str, app_id: str) -> bool:
        """Let those who have a permission set use an app; False: they could."""
        ...

    def consumer_key(self, app: App) -> str | None:
        """Return the app's consumer key as the Metadata API shows it; None: the org does not show it."""
        ...

    def consumer_key_by_rest(self, app: App, *, observe: Observe) -> str | None:
        """Return it by REST, for which a switch of the org is turned on for the moment and put back: ask before.

        None: the org does not show it this way either, and nothing was changed for good.
        """
        ...

    def put_back_switch(self, *, observe: Observe) -> bool:
        """Put back the switch that an interrupted run has left on; False: there was none. Call this first."""
        ...
