"""A deployment by REST: sent once, found again if its answer is lost, and waited for until it has ended.

Source: Metadata API Developer Guide v67, "Deploying and Retrieving Metadata with REST"; Tooling API, DeployRequest.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sfmint_setup import problems, soql
from sfmint_setup.errors import (
    DeployUnfinished,
    LimitReached,
    OrgRefused,
    OrgUnreachable,
    RightMissing,
    SetupError,
    UnusableAnswer,
)
from sfmint_setup.multipart import body_of
from sfmint_setup.package import listed, zipped
from sfmint_setup.port import Observe
from sfmint_setup.records import SUCCEEDED, Deployment, Progress
from sfmint_setup.rights import TO_DEPLOY
from sfmint_setup.wire import DATA, Wire
from sfmint_values.foreign import Foreign
from sfmint_values.record_id import is_record_id
from sfmint_values.system import Clock

PATH = f"{DATA}/metadata/deployRequest"
_MINUTE_S = 60.0
PATIENCE_S = 30 * _MINUTE_S  # deployments queue
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 15.0
_SLOWER = 1.5  # each pause is so much longer than the one before
_LOST_POLLS = 5  # in a row, after which the org is not asked any more
ENDED = frozenset({SUCCEEDED, "SucceededPartial", "Failed", "Canceled"})
_NEWEST = 20
_LONGEST_STATUS = 40
_LOOKS = 4  # for a deployment whose answer is lost, in some 15 s


class Deployments:
    """Sends deployments to an org.

    Args:
        wire: to the org.
        clock: time.
        user_id: of the administrator, 18 characters, by which a deployment is told from those of others.
        patience_s: how long the end of one is waited for, in seconds.
    """

    def __init__(self, *, wire: Wire, clock: Clock, user_id: str, patience_s: float = PATIENCE_S) -> None:
        self._wire = wire
        self._clock = clock
        self._user_id = user_id
        self._patience_s = patience_s

    def run(self, files: Mapping[str, bytes], *, check_only: bool, observe: Observe) -> Deployment:
        """Deploy all files or none; see `sfmint_setup.port.SalesforceSetup.deploy`."""
        ends_at = self._clock.monotonic() + self._patience_s
        before = self._known()
        id_ = self._send(files, check_only=check_only)
        with _after_sending():
            # It says how things shall be, so to send it again does no harm; yet two at a time would be in each other's way.
            id_ = (
                id_
                or self._found_again(before, check_only=check_only)
                or self._send(files, check_only=check_only)
                or self._found_again(before, check_only=check_only)
            )
            if id_ is None:
                raise _unknown()
            return self._wait(id_, observe, ends_at, listed(files))

    def _send(self, files: Mapping[str, bytes], *, check_only: bool) -> str | None:
        """Return the id of the deployment; None: the answer is lost, and it may have begun or not."""
        options = {"checkOnly": check_only, "rollbackOnError": True, "singlePackage": True}
        kind, body = body_of(options, zipped(files))
        try:
            answer = self._wire.send("POST", PATH, body=body, headers={"Content-Type": kind})
            return _id_in(self._wire.value(answer, TO_DEPLOY))
        except OrgUnreachable as error:
            if not error.is_sent:
                raise
        except UnusableAnswer:
            pass
        return None

    def _known(self) -> frozenset[str] | None:
        """Return the deployments before this one; None: the org does not tell."""
        try:
            return frozenset(_text(each, "Id") for each in self._newest())
        except (OrgRefused, RightMissing):
            return None

    def _newest(self) -> list[Mapping[str, Any]]:
        """Return the administrator's last deployments, the newest first."""
        query = soql.select(
            "Id, Status, CheckOnly",
            "DeployRequest",
            "CreatedById = {}",
            self._user_id,
            rest=f"ORDER BY CreatedDate DESC LIMIT {_NEWEST}",
        )
        found = self._wire.get(f"{DATA}/tooling/query", TO_DEPLOY, {"q": query})
        records = found.get("records") if isinstance(found, Mapping) else None
        if not isinstance(records, list):
            raise _unusable()
        return [each for each in records if isinstance(each, Mapping)]

    def _found_again(self, before: frozenset[str] | None, *, check_only: bool) -> str | None:
        """Return the deployment whose answer was lost; None: the org knows of none after several looks.

        Raises:
            DeployUnfinished: nobody can tell, or there are several that it could be.
        """
        if before is None:
            raise _unknown()
        pause_s, has_told = FIRST_PAUSE_S, False
        for _ in range(_LOOKS):
            self._clock.sleep(pause_s)  # the org may not have written it down yet
            pause_s *= 2
            try:
                newer = [each for each in self._newest() if _text(each, "Id") not in before]
            except (OrgUnreachable, UnusableAnswer):
                continue
            has_told = True
            ours = [_text(each, "Id") for each in newer if each.get("CheckOnly") is check_only]
            if len(ours) == 1 and is_deployment_id(ours[0]):
                return ours[0]
            if ours:
                raise _unknown()
        if not has_told:
            raise _unknown()
        return None

    def _wait(self, id_: str, observe: Observe, ends_at: float, sent: frozenset[str]) -> Deployment:
        """Ask until the deployment has ended; an answer that is lost here is asked for again."""
        pause_s, lost = FIRST_PAUSE_S, 0
        while self._clock.monotonic() < ends_at:
            self._clock.sleep(pause_s)
            pause_s = min(pause_s * _SLOWER, LONGEST_PAUSE_S)
            try:
                result = self._look(id_)
            except (OrgUnreachable, UnusableAnswer):
                lost += 1
                if lost > _LOST_POLLS:
                    raise
                continue
            lost = 0
            observe(_progress(id_, result))
            status = _status(result)
            if status in ENDED or result.get("done") is True:
                found = () if status == SUCCEEDED else problems.problems_of(result, sent)
                return Deployment(id=id_, status=status, problems=found)
        raise DeployUnfinished(
            f"The deployment {id_} had not ended after {_duration(self._patience_s)}.",
            remedy="See Setup, Deployment Status: wait for its end, or cancel it there, then run this again.",
        )

    def _look(self, id_: str) -> Mapping[str, Any]:
        answer = self._wire.get(f"{PATH}/{id_}", TO_DEPLOY, {"includeDetails": "true"})
        result = answer.get("deployResult") if isinstance(answer, Mapping) else None
        if not isinstance(result, Mapping):
            raise _unusable()
        return result


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 2 * _MINUTE_S else f"{seconds / _MINUTE_S:.0f} minutes"


def _progress(id_: str, result: Mapping[str, Any]) -> Progress:
    done, total = (result.get(name) for name in ("numberComponentsDeployed", "numberComponentsTotal"))
    return Progress(
        id=id_,
        status=_status(result),
        done=done if isinstance(done, int) else 0,
        total=total if isinstance(total, int) else 0,
    )


def _status(result: Mapping[str, Any]) -> str:
    """Return the Metadata API's word for how it stands; it is told."""
    status = _text(result, "status")
    return status if status.isalpha() and status.isascii() and len(status) <= _LONGEST_STATUS else "Unknown"


def _id_in(answer: object) -> str:
    id_ = answer.get("id") if isinstance(answer, Mapping) else None
    if not isinstance(id_, str) or not is_deployment_id(id_):
        raise _unusable()
    return id_


def is_deployment_id(text: Foreign) -> bool:
    """Return whether a text is the id of a deployment: it stands in a path."""
    return text.startswith("0Af") and is_record_id(text)


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _unusable() -> UnusableAnswer:
    return UnusableAnswer(
        "The org's answer to a deployment is not what the Metadata API promises.",
        remedy="Check that the instance URL is the org's own, then run this again.",
    )


@contextmanager
def _after_sending() -> Iterator[None]:
    """Tell a refusal of what follows a deployment from one of the deployment itself, which goes on without being watched."""
    try:
        yield
    except (LimitReached, OrgRefused, RightMissing) as refused:
        raise DeployUnfinished(
            f"A deployment was sent, and how it ended is not known. {refused.cause}",
            remedy=f"{refused.remedy} What is done already is found and kept.",
        ) from None


def _unknown() -> SetupError:
    return DeployUnfinished(
        "The org's answer to the deployment was lost, and nobody knows whether it began.",
        remedy="See Setup, Deployment Status: wait until nothing of it is under way, then run this again, which looks first"
        " at what the org has.",
    )
