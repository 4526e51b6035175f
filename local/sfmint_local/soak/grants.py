"""What the org itself says of its logins: which token it gave to whom and when, read from its log."""

import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

HOUR_S = 3600.0
_GRANTED = re.compile(rb"^POST /services/oauth2/token .* granted (\S+) ([0-9a-f]{16})$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A token that the org has issued.

    Attributes:
        username: to whom.
        first: when it was seen to be issued, epoch seconds; never before it was.
        last: when it was handed out again for the last time.
        times: how often it was handed out.
    """

    username: str
    first: float
    last: float
    times: int = 1


class Grants:
    """All grants so far, by fingerprint. Any thread may ask.

    Args:
        log: the org's log; it has the line of a grant before the grant is answered.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._read_to = 0
        self._lock = threading.Lock()
        self._grants: dict[str, Grant] = {}
        self._logins: list[tuple[str, float]] = []

    def read(self) -> None:
        """Read what the log has gained."""
        with self._lock:
            now = time.time()
            with self._log.open("rb") as log:
                log.seek(self._read_to)
                said = log.read()
            whole = said[: said.rfind(b"\n") + 1]
            self._read_to += len(whole)
            for username, fingerprint in _GRANTED.findall(whole):
                self._note(username.decode(), fingerprint.decode(), now)

    def find(self, fingerprint: str) -> Grant | None:
        """Return the grant of a token, None where the org never issued one with this fingerprint."""
        if fingerprint not in self._grants:
            self.read()
        return self._grants.get(fingerprint)

    def times(self, username: str) -> list[float]:
        """Return when a user has got each token for the first time."""
        return [grant.first for grant in list(self._grants.values()) if grant.username == username]

    def most_in_an_hour(self, username: str, *, skew_s: float) -> int:
        """Return how many logins of a user were granted in one hour of the clock at the most.

        Args:
            username: of the user.
            skew_s: so near to a full hour they count for neither, for clocks are off.
        """
        with self._lock:
            instants = [instant for name, instant in self._logins if name == username]
        counted = Counter(int(instant // HOUR_S) for instant in instants if skew_s < instant % HOUR_S < HOUR_S - skew_s)
        return max(counted.values(), default=0)

    def _note(self, username: str, fingerprint: str, now: float) -> None:
        self._logins.append((username, now))
        known = self._grants.get(fingerprint)
        self._grants[fingerprint] = (
            replace(known, last=now, times=known.times + 1) if known else Grant(username=username, first=now, last=now)
        )
