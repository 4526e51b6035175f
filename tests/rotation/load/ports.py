"""What a rotation asks of the world, answered by the stack and the org that are under load."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from key_rotation.logins import LoggedIn, LoginRefused, LoginUnanswered, LoginUnusable, NoLogin, Tried
from key_rotation.ports import AppAsked, News, SetupRefusedError, SetupUnansweredError
from rotation.load.org import SILENCE_S, Org
from rotation.load.stack import REMAINING_S, Stack
from sfmint.errors import AssertionRejected, InvalidCredentials, SfmintError
from sfmint.request import RefreshRequest, TryRequest
from sfmint_testing.rotation.account import certificate_of_id, certified_id

ADMIN = "admin"
_POLL_S = 10.0


def _no_login(name: str, said: str) -> NoLogin:
    match name:
        case AssertionRejected.__name__:
            return LoginRefused(said)
        case InvalidCredentials.__name__:
            return LoginUnusable(said)
        case _:
            return LoginUnanswered(said)


class InvokedKeeper:
    """The keeper, in an execution environment of its own."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._keeper = stack.use_cases().keeper("load")

    def refresh(self, connection: str, *, ahead_s: int) -> NoLogin | None:
        """Refresh."""
        request = RefreshRequest(connection=connection, ahead_s=ahead_s)
        try:
            answer = self._keeper.refresh(request, remaining_s=REMAINING_S)
        except SfmintError as error:
            return _no_login(type(error).__name__, str(error))
        failure = answer.get("failure")
        return _no_login(failure["error"], failure["message"]) if failure else None

    def try_login(self, connection: str, stage: Literal["AWSCURRENT", "AWSPENDING"]) -> Tried:
        """Log in with a version."""
        try:
            answer = self._keeper.staged_login.attempt(TryRequest(connection=connection, stage=stage))
        except SfmintError as error:
            return _no_login(type(error).__name__, str(error))
        return LoggedIn(answer["key_id"])

    def org_of(self, connection: str) -> str | None:
        """Return the row's org."""
        return None

    def minted_by(self, connection: str) -> str | None:
        """Return the row's key."""
        return self._stack.row().key_id


@dataclass(slots=True)
class Setup:
    """The org's Setup, through an admin connection.

    Attributes:
        org: whose apps it changes.
        deploy_s: how long a deployment takes.
    """

    org: Org
    deploy_s: float = 20.0

    def check(self, asked: AppAsked) -> None:
        """Know the admin connection."""
        if asked.admin != ADMIN:
            raise SetupRefusedError("There is no such admin connection.", remedy="Name another one.")

    def certificate(self, asked: AppAsked) -> str | None:
        """Return the certificate that Setup shows."""
        self._answer()
        return certificate_of_id(self.org.key_of(asked.consumer_key))

    def replace(self, asked: AppAsked, certificate: str, *, meanwhile: Callable[[], None]) -> None:
        """Deploy another certificate; the org takes it although its answer may be lost."""
        self._answer()
        ends_at = self.org.clock.now() + self.deploy_s
        while self.org.clock.now() < ends_at:
            meanwhile()
            self.org.clock.sleep(_POLL_S)
        self.org.replace(asked.consumer_key, certified_id(certificate))
        self._answer()

    def _answer(self) -> None:
        if self.org.is_silent():
            self.org.clock.sleep(SILENCE_S)
            raise SetupUnansweredError


class Announcements:
    """Somebody listens."""

    def say(self, news: News) -> bool:
        """Tell it."""
        return True
