"""What an org says of itself, its users, its apps, and of a deployment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sfmint_setup.component import Component
from sfmint_setup.errors import DeployFailed

type Kind = Literal["external", "connected"]

SUCCEEDED = "Succeeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The org, and whose session it is.

    Attributes:
        org_id: 18 characters.
        name: of the company.
        is_production: no sandbox, no scratch org, no trial.
        instance_url: the only host for the session.
        username: of the administrator.
        user_id: of the administrator.
    """

    org_id: str
    name: str
    is_production: bool
    instance_url: str
    username: str
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An External Client App or a Connected App, as the org has it.

    Attributes:
        id: of its record.
        name: its full name.
        kind: which of the two.
        components: all that belong to it and could be read, by type; a Connected App has one.
        consumer_key: None: the org does not show it.
        certificate: PEM; None: it has none, or the org does not show it.
        org_id: of the org that has it, which some orgs want to read in a file that changes an app.
    """

    id: str
    name: str
    kind: Kind
    components: Mapping[str, Component]
    consumer_key: str | None
    certificate: str | None
    org_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user of the org.

    Attributes:
        id: of the record.
        username: as the org writes it.
        is_active: whether it may log in.
        is_frozen: it may not log in for the moment; False also where the administrator may not see it.
        profile: its name.
        permission_sets: the names of those assigned to the user, the profile's own left out.
    """

    id: str
    username: str
    is_active: bool
    profile: str
    permission_sets: tuple[str, ...]
    is_frozen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSet:
    """A permission set.

    Attributes:
        id: of the record.
        name: its API name.
        label: as Setup shows it.
        tied_apps: ids of the apps that it opens.
        usernames: of the active users who have it, the first 200.
    """

    id: str
    name: str
    label: str
    tied_apps: tuple[str, ...]
    usernames: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a deployment failed.

    Attributes:
        code: what a program may tell it by; see `sfmint_setup.problems`.
        component: type and full name, or empty where the deployment failed as a whole.
        said: the org's words, redacted and cut.
        cause: one sentence.
        remedy: one sentence.
    """

    code: str
    component: str
    said: str
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment that has ended.

    Attributes:
        id: 18 characters, begins with 0Af.
        status: the Metadata API's word.
        problems: empty if it succeeded.
    """

    id: str
    status: str
    problems: tuple[Problem, ...]

    @property
    def is_success(self) -> bool:
        """Whether all of it was carried out."""
        return self.status == SUCCEEDED and not self.problems

    def require_success(self) -> None:
        """Do nothing, if it succeeded.

        Raises:
            DeployFailed: with the first problem; all of them are in `problems`.
        """
        if self.is_success:
            return
        if not self.problems:
            raise DeployFailed(
                f"The deployment {self.id} has ended as {self.status}, and the org does not say why.",
                remedy="Look at Setup, Deployment Status, then run this again.",
            )
        first, more = self.problems[0], len(self.problems) - 1
        beside = f" ({more} more beside)" if more else ""
        raise DeployFailed(f"{first.cause}{beside}", remedy=first.remedy, name=first.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a deployment is.

    Attributes:
        id: the deployment's.
        status: the Metadata API's word, such as Pending: it waits in the org's queue.
        done: components.
        total: components; 0: not known yet.
    """

    id: str
    status: str
    done: int = field(default=0)
    total: int = field(default=0)
