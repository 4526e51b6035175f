"""How a change of an app arrives: at once, late, by turns, as one server of the org knows it before another, or with a gap.

Source: people's reports of 2 to 10 minutes; that either state may be met meanwhile is not documented.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sfmint_local.org.setup.differences import Differences
from sfmint_local.org.setup.login_apps import LoginApp

_ALWAYS = float("-inf")


class AppArriving(Exception):  # noqa: N818 - what is the matter
    """The app is new, and this login has met a state without it."""


class PropagatingApps:
    """The states of all apps that a login may still meet, the oldest first."""

    def __init__(self) -> None:
        self._states: list[tuple[float, Mapping[str, LoginApp]]] = [(_ALWAYS, {})]
        self._turns: Counter[str] = Counter()

    def note(self, apps: Mapping[str, LoginApp], *, arrives_at: float) -> None:
        """Take in a new state of all apps, and when all logins will see it."""
        if apps == self._states[-1][1]:
            return
        if arrives_at == self._states[-1][0]:
            del self._states[-1]  # the steps of one deployment are one change
        self._states.append((arrives_at, apps))

    def seen(self, consumer_key: str, *, now: float, differences: Differences) -> LoginApp | None:
        """Return the app as a login meets it now; None: there is no such app.

        Raises:
            AppArriving: there is one, but this login does not meet it yet.
        """
        newest = self._states[-1][1].get(consumer_key)
        if differences.propagation == "at_once":
            return newest
        arrived = max(place for place, (at, _) in enumerate(self._states) if at <= now)
        # What has arrived stays so, even if a test turns the clock back.
        self._states = [(_ALWAYS, self._states[arrived][1]), *self._states[arrived + 1 :]]
        met = [apps.get(consumer_key) for _, apps in self._states]
        if differences.propagation == "late":
            found = met[0]
        elif differences.propagation == "neither":
            found = _between(met)
        else:
            choices = [state for place, state in enumerate(met) if state not in met[:place]]
            found = choices[self._turns[consumer_key] % len(choices)]
            self._turns[consumer_key] += 1
        if found is None and newest is not None:
            raise AppArriving
        return found


def _between(met: Sequence[LoginApp | None]) -> LoginApp | None:
    """Return the oldest state; while another certificate is on its way, without any."""
    oldest = met[0]
    if oldest is None or len({found.app.certificate for found in met if found}) == 1:
        return oldest
    return replace(oldest, app=replace(oldest.app, certificate=None))
