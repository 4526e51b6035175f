"""The queue of deployments: asked for, carried out one after the other as time goes by, canceled, looked up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sfmint_local.org.identifiers import salesforce_id
from sfmint_local.org.refusal import RestError
from sfmint_local.org.setup.applied import apply
from sfmint_local.org.setup.deploy_request import DeployRequest
from sfmint_local.org.setup.deployment import Fate, carry_out
from sfmint_local.org.setup.differences import Differences
from sfmint_local.org.setup.draft import Draft
from sfmint_local.org.setup.state import Setup

_QUICK_DEPLOY_S = 10 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployer:
    """Who deploys: the user, the session, and the API version of the address."""

    username: str
    token: str
    api_version: int


class Deployments:
    """All deployments since the start. Whoever looks at what they change calls `settle` first.

    The caller holds the org's lock.

    Args:
        setup: what is changed.
        differences: tells what kind of org it is.
        now: epoch seconds.
        switched: is told of an app that now admits approved users only, and of the session that did it.
    """

    def __init__(
        self,
        setup: Setup,
        *,
        differences: Callable[[], Differences],
        now: Callable[[], float],
        switched: Callable[[str, str], object],
    ) -> None:
        self._setup = setup
        self._differences = differences
        self._now = now
        self._switched = switched
        self._requests: dict[str, DeployRequest] = {}
        self._moment: float | None = None

    def moment(self) -> float:
        """Return the instant of the change that is being made: now, or when the deployment ended that makes it."""
        return self._now() if self._moment is None else self._moment

    def all(self) -> list[DeployRequest]:
        """Return all, the newest first."""
        self.settle()
        return list(reversed(self._requests.values()))

    def find(self, request_id: str) -> DeployRequest:
        """Find one by its id of 15 or 18 characters.

        Raises:
            RestError: 404, there is none.
        """
        self.settle()
        for known, request in self._requests.items():
            if request_id in {known, known[:15]}:
                return request
        raise RestError(404, "NOT_FOUND", "The requested deployment does not exist")

    def start(
        self, archive: bytes, options: Mapping[str, Any], deployer: Deployer, *, fate: Fate | None = None
    ) -> DeployRequest:
        """Queue a deployment."""
        self.settle()
        now = self._now()
        # One runs at a time; one that hangs blocks nobody here, so that a test can go on.
        running = [request for request in self._requests.values() if request.outcome is None]
        last = max((request.ends_at for request in running if request.canceled_at is None), default=now)
        starts_at = max(now, last)
        request = DeployRequest(
            id=salesforce_id("0Af", len(self._requests) + 1),
            options=options,
            archive=archive,
            api_version=deployer.api_version,
            username=deployer.username,
            token=deployer.token,
            created_at=now,
            starts_at=starts_at,
            ends_at=starts_at + self._differences().deploy_s,
            fate=fate,
        )
        self._requests[request.id] = request
        return request

    def start_validated(self, validated_id: str, deployer: Deployer) -> DeployRequest:
        """Queue what a check-only run has validated within the last ten days.

        Raises:
            RestError: 404 or 400, there is no such run.
        """
        validated = self.find(validated_id)
        fresh = self._now() - validated.created_at <= _QUICK_DEPLOY_S
        succeeded = validated.outcome is not None and validated.outcome.status == "Succeeded"
        if not (validated.options["checkOnly"] and succeeded and fresh):
            message = "validatedDeployRequestId is not a check-only deployment that succeeded in the last 10 days"
            raise RestError(400, "INVALID_ID_FIELD", message)
        return self.start(validated.archive, {**validated.options, "checkOnly": False}, deployer)

    def cancel(self, request_id: str) -> DeployRequest:
        """Cancel a deployment that is not done.

        Raises:
            RestError: 404, there is none; 400, it is too late.
        """
        request, now = self.find(request_id), self._now()
        if request.is_done(now) or request.status(now) == "FinalizingDeploy":
            raise RestError(400, "INVALID_OPERATION", "Deployment already completed, or it can no longer be canceled")
        if request.canceled_at is None:
            request.canceled_at = now
        return request

    def cancel_all(self) -> None:
        """Cancel all that are not done, however far they are."""
        self.settle()
        for request in self._requests.values():
            if request.outcome is None and request.canceled_at is None:
                request.canceled_at = self._now()

    def settle(self) -> None:
        """Carry out the deployments whose time has come, in their order."""
        for request in self._requests.values():
            is_due = request.outcome is None and request.canceled_at is None and request.ends_at <= self._now()
            if is_due and not (request.fate and request.fate.kind == "hangs"):
                self._moment = request.ends_at
                try:
                    self._carry_out(request)
                finally:
                    self._moment = None

    def _carry_out(self, request: DeployRequest) -> None:
        draft = Draft(self._setup.everything(), ids=self._setup.ids(), differences=self._differences())
        rights = self._setup.rights(request.username)
        request.outcome = carry_out(
            request.archive, request.options, draft, api_version=request.api_version, rights=rights, fate=request.fate
        )
        switched = apply(self._setup, request.outcome.changes)
        if not request.options["checkOnly"]:
            request.archive = b""
        for app in switched:
            self._switched(app, request.token)
