"""Waiting until a change of an app has arrived, by real logins: few, for many that fail can get an address blocked.

Source: Salesforce Help, "Create an External Client App": changes take up to ten minutes, those of a new app up to thirty.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from sfmint_cli.apps.notes import NotesFile
from sfmint_cli.result import Failed
from sfmint_values.system import Clock

MOST = 10  # logins in one run
PAUSES_S = (60.0, 120.0, 240.0)  # after a refusal; the last one again and again
IN_A_ROW = (
    3  # Salesforce's machines learn of a change one after the other, so one login may be granted and the next refused
)
BETWEEN_S = 60.0  # after a login that was granted, if one was refused before: the change is under way
AT_ONCE_S = 5.0  # and if none was: the change seems to have arrived at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a login gave no token.

    Attributes:
        failed: as a person is told.
        may_pass: the reason may be that the change has not arrived yet.
    """

    failed: Failed
    may_pass: bool


type LogIn = Callable[[], Refusal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Waits for a change.

    Attributes:
        log_in: tries once; None: it was granted.
        notes: of the run.
        clock: for the pauses.
        tell: is told of the progress.
    """

    log_in: LogIn
    notes: NotesFile
    clock: Clock
    tell: Callable[[str], None]

    def wait(self) -> None:
        """Return when as many logins in a row were granted as it takes; logins of an earlier run count, save one.

        Raises:
            Failed: a login was refused for a reason that does not pass, or the change has not arrived.
        """
        refused = 0
        refusal: Refusal | None = None
        between_s = AT_ONCE_S if self.notes.now.last_login is None else BETWEEN_S
        if self.notes.now.good_logins >= IN_A_ROW:
            self.notes.add(good_logins=IN_A_ROW - 1)
        for number in range(1, MOST + 1):
            waited = self._pause(refused, between_s)
            refusal = self.log_in()
            good = 0 if refusal else self.notes.now.good_logins + 1
            waited_s = self.notes.now.waited_s + waited
            self.notes.add(last_login=self.clock.now(), good_logins=good, waited_s=waited_s)
            if refusal is None:
                self.tell(f"Login {number}: granted, {good} of {IN_A_ROW} in a row.")
                if good >= IN_A_ROW:
                    return
                continue
            if not refusal.may_pass:
                raise refusal.failed
            refused, between_s = refused + 1, BETWEEN_S
            self.tell(f"Login {number}: refused, for the change may not have arrived yet. {refusal.failed.cause}")
        raise self._given_up(refusal)

    def _pause(self, refused: int, between_s: float) -> float:
        """Wait until the next login may be tried, and return for how long."""
        notes = self.notes.now
        if notes.last_login is None:
            return 0.0
        pause = between_s if notes.good_logins else PAUSES_S[min(max(refused, 1), len(PAUSES_S)) - 1]
        left = max(0.0, min(pause, notes.last_login + pause - self.clock.now()))
        if left:
            self.tell(
                f"The next login is in {ceil(left / 60)} min." if left > AT_ONCE_S else "The next is in a moment."
            )
            self.clock.sleep(left)
        return left

    def _given_up(self, last: Refusal | None) -> Failed:
        cause = f" The last was refused: {last.failed.cause}" if last else ""
        return Failed(
            f"{MOST} logins did not see the app arrive everywhere.{cause}",
            remedy="Run this again: it goes on with further logins; a new app may take half an hour."
            + (f" If that does not help: {last.failed.remedy}" if last else ""),
            name="NotArrived",
        )
