"""A request to deploy, as the org remembers it: its times, its status, its answer.

Source: Metadata API Developer Guide, meta_rest_deploy and DeployResult; Tooling API, DeployRequest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sfmint_local.org.identifiers import user_id
from sfmint_local.org.setup.components import TYPES
from sfmint_local.org.setup.deployment import Fate, Message, Outcome

type Status = Literal[
    "Pending", "InProgress", "FinalizingDeploy", "Succeeded", "SucceededPartial", "Failed", "Canceling", "Canceled"
]

_FINALIZING_SINCE = 65
_PENDING_SHARE = 0.1  # of the time that a deployment takes, queued
_FINALIZING_SHARE = 0.9  # from here on it is being finalized


def date(instant: float | None) -> str | None:
    """Return an instant in Salesforce's form: ``2021-05-10T04:33:14.000+0000``."""
    if instant is None:
        return None
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


@dataclass(slots=True, kw_only=True)
class DeployRequest:
    """A deployment. Times are epoch seconds of the org's clock.

    Attributes:
        id: 18 characters, ``0Af...``.
        options: all deployOptions.
        archive: the zip.
        api_version: of the request's address.
        username: who deploys.
        token: the session that does.
        created_at: when it was asked for.
        starts_at: when its turn comes.
        ends_at: when it is over, unless it is canceled or hangs.
        fate: what a fault lets happen.
        canceled_at: when cancelling was asked for.
        outcome: how it ended; None until then.
    """

    id: str
    options: Mapping[str, Any]
    archive: bytes
    api_version: int
    username: str
    token: str
    created_at: float
    starts_at: float
    ends_at: float
    fate: Fate | None = None
    canceled_at: float | None = None
    outcome: Outcome | None = None

    def status(self, now: float) -> Status:
        """Return the status at an instant."""
        if self.canceled_at is not None:
            return "Canceled" if now >= self._over_at else "Canceling"
        if self.outcome is not None:
            return self.outcome.status
        takes = self.ends_at - self.starts_at
        if now < self.starts_at + _PENDING_SHARE * takes:
            return "Pending"
        hangs = self.fate is not None and self.fate.kind == "hangs"
        if now >= self.starts_at + _FINALIZING_SHARE * takes and self.api_version >= _FINALIZING_SINCE and not hangs:
            return "FinalizingDeploy"
        return "InProgress"

    def is_done(self, now: float) -> bool:
        """Tell whether nothing more will happen."""
        return self.outcome is not None or self.status(now) == "Canceled"

    @property
    def _over_at(self) -> float:
        # What waits in the queue is canceled at once, what has begun when it would have ended.
        canceled = self.canceled_at or 0.0
        return (
            canceled if canceled < self.starts_at + _PENDING_SHARE * (self.ends_at - self.starts_at) else self.ends_at
        )

    def _times(self, now: float) -> tuple[float | None, float | None]:
        begun = self.starts_at if self.status(now) != "Pending" else None
        ended = self._over_at if self.canceled_at is not None else self.ends_at
        return begun, ended if self.is_done(now) else None

    def record(self, now: float) -> dict[str, Any]:
        """Return it as a row of the Tooling API's object DeployRequest."""
        result = self.result(now, details=False)
        return {
            "Id": self.id,
            "Status": result["status"],
            "CheckOnly": result["checkOnly"],
            "RollbackOnError": result["rollbackOnError"],
            "CreatedById": result["createdBy"],
            "CreatedDate": result["createdDate"],
            "StartDate": result["startDate"],
            "CompletedDate": result["completedDate"],
            "NumberComponentErrors": result["numberComponentErrors"],
            "NumberComponentsDeployed": result["numberComponentsDeployed"],
            "NumberComponentsTotal": result["numberComponentsTotal"],
            "ErrorStatusCode": result["errorStatusCode"],
            "ErrorMessage": result["errorMessage"],
        }

    def accepted(self) -> dict[str, Any]:
        """Return deployResult as the answer to the request itself has it: nothing has happened yet."""
        return self.result(float("-inf"), details=False)

    def result(self, now: float, *, details: bool) -> dict[str, Any]:
        """Return deployResult.

        Args:
            now: the instant.
            details: with what became of each component; else ``details`` is null.
        """
        status, done = self.status(now), self.is_done(now)
        failures = [message for message in self._messages if message.problem]
        deployed = len(self._messages) - len(failures)
        begun, ended = self._times(now)
        error = (self.outcome.error if self.outcome else None) or (None, None)
        return {
            "checkOnly": self.options["checkOnly"],
            "completedDate": date(ended),
            "createdBy": user_id(self.username),
            "createdByName": self.username,
            "createdDate": date(self.created_at),
            "details": self._details() if details else None,
            "done": done,
            "errorMessage": error[1],
            "errorStatusCode": error[0],
            "id": self.id,
            "ignoreWarnings": self.options["ignoreWarnings"],
            "lastModifiedDate": date(ended or begun or self.created_at),
            "numberComponentErrors": len(failures),
            "numberComponentsDeployed": deployed,
            "numberComponentsTotal": len(self._messages),
            "numberTestErrors": 0,
            "numberTestsCompleted": 0,
            "numberTestsTotal": 0,
            "rollbackOnError": self.options["rollbackOnError"],
            "runTestsEnabled": bool(self.options["runTests"]),
            "startDate": date(begun),
            "status": status,
            "success": status in {"Succeeded", "SucceededPartial"},
        }

    @property
    def _messages(self) -> tuple[Message, ...]:
        return self.outcome.messages if self.outcome else ()

    def _details(self) -> dict[str, Any]:
        outcome = self.outcome
        return {
            "componentFailures": [self._told(message) for message in outcome.failures] if outcome else [],
            "componentSuccesses": [self._told(message) for message in outcome.successes] if outcome else [],
            "retrieveResult": None,
            "runTestResult": {"numFailures": 0, "numTestsRun": 0, "totalTime": 0.0, "failures": [], "successes": []},
        }

    def _told(self, message: Message) -> dict[str, Any]:
        failed = message.problem is not None
        kind = "Settings" if message.kind in TYPES and TYPES[message.kind].folder == "settings" else message.kind
        return {
            "changed": not failed,
            "componentType": kind,
            "created": message.created,
            "createdDate": date(self.ends_at),
            "deleted": False,
            "fileName": message.file,
            "fullName": message.full_name,
            "problem": message.problem,
            "problemType": "Error" if failed else None,
            "success": not failed,
            "warning": False,
        }
