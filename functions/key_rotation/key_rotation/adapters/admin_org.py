"""An org as the token of an admin connection sees it: the token comes from the broker, and stays in this process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from requests import Session

from key_rotation.adapters.deadline import Deadline
from key_rotation.ports import SetupRefusedError, SetupUnansweredError
from sfmint.errors import SfmintError
from sfmint_client.access_token import AccessToken, TokenProvider
from sfmint_client.errors import InternalError
from sfmint_client.errors import SfmintError as BrokerError
from sfmint_setup.deploying import Deployments
from sfmint_setup.errors import (
    DeployUnfinished,
    InvalidInstance,
    LimitReached,
    OrgUnreachable,
    SessionExpired,
    SetupError,
    UnusableAnswer,
)
from sfmint_setup.read_app import read_app
from sfmint_setup.records import App
from sfmint_setup.wire import READ_S, Wire, instance_origin
from sfmint_values.system import Clock

LEAST_S = 60.0  # of the function's time, with which something is begun in an org: it has to be seen to its end
MARGIN_S = 20.0  # of it, for what is written down afterwards
_TOKEN_TTL_S = 300  # the least life of a token with which something is begun
_UNANSWERED = (DeployUnfinished, LimitReached, OrgUnreachable, UnusableAnswer)


@dataclass(slots=True, kw_only=True)
class AdminOrg:
    """An org for the time of one piece of work.

    Attributes:
        wire: to it.
        token: what came with the token: who the administrator is.
        clock: time.
        patience_s: how long the end of a deployment is waited for, in seconds.
    """

    wire: Wire
    token: AccessToken
    clock: Clock
    patience_s: float

    def app(self, name: str) -> App | None:
        """Return what the org has of an app, of either kind; None: nothing."""
        return read_app(self.wire, name, self.token.org_id)

    def deploy(self, files: Mapping[str, bytes], meanwhile: Callable[[], None]) -> None:
        """Deploy all files or none, and wait until that has ended; `meanwhile` is called at each look."""
        deployments = Deployments(
            wire=self.wire, clock=self.clock, user_id=self.token.user_id, patience_s=self.patience_s
        )
        deployments.run(files, check_only=False, observe=lambda _: meanwhile()).require_success()


class AdminOrgs:
    """Opens orgs by the tokens of admin connections.

    Args:
        tokens: returns where an admin connection's tokens come from.
        new_session: makes sessions of HTTPS.
        listed: hosts beside Salesforce's own that may be given tokens.
        deadline: of the invocation.
        clock: time.
    """

    def __init__(
        self,
        tokens: Callable[[str], TokenProvider],
        new_session: Callable[[], Session],
        *,
        listed: frozenset[str],
        deadline: Deadline,
        clock: Clock,
    ) -> None:
        self._tokens = tokens
        self._new_session = new_session
        self._listed = listed
        self._deadline = deadline
        self._clock = clock

    def work[Result](self, admin: str, what: Callable[[AdminOrg], Result]) -> Result:
        """Return what becomes of a piece of work in an org.

        A session that Salesforce does not know is reported to the broker once, and the work begun again with another one.

        Args:
            admin: the admin connection.
            what: the work, which looks first at what there is: it may be done twice.

        Raises:
            SetupRefusedError: the broker or the org refuses.
            SetupUnansweredError: one of them does not answer, or the time was over.
        """
        token = self._token(admin)
        try:
            try:
                return self._in_org(token, what)
            except SessionExpired:
                token = self._token(admin, rejected=token.fingerprint)
            return self._in_org(token, what)
        except SetupError as error:
            refused = _refused(error, admin)
        except SfmintError as error:  # of the secret of a proxy on the way
            refused = SetupUnansweredError(str(error))
        raise refused

    def _token(self, admin: str, rejected: str | None = None) -> AccessToken:
        if self._deadline.left_s() < LEAST_S + MARGIN_S:
            raise SetupUnansweredError("Too little of the function's time is left to look at the org.")
        try:
            return self._tokens(admin).get_token(min_ttl=_TOKEN_TTL_S, rejected=rejected)
        except BrokerError as error:
            said = f"The admin connection {admin} has no token: {error}"
            is_passing = error.retryable or isinstance(error, InternalError)
        if is_passing:
            raise SetupUnansweredError(said)
        raise SetupRefusedError(said, remedy=f"See also: sfmint why {admin}.")

    def _in_org[Result](self, token: AccessToken, what: Callable[[AdminOrg], Result]) -> Result:
        left_s = self._deadline.left_s() - MARGIN_S
        origin = instance_origin(token.instance_url, self._listed)
        with self._new_session() as session:
            wire = Wire(
                session=session, origin=origin, token=token.hidden, clock=self._clock, read_s=min(READ_S, left_s)
            )
            return what(AdminOrg(wire=wire, token=token, clock=self._clock, patience_s=left_s))


def _refused(error: SetupError, admin: str) -> SetupRefusedError | SetupUnansweredError:
    """Return an error of an org in the words of a rotation: nobody is there who could log in."""
    if isinstance(error, _UNANSWERED):
        return SetupUnansweredError(error.cause)
    if isinstance(error, SessionExpired):
        return SetupRefusedError(
            f"The org does not know the session of the admin connection {admin}, and not the next one either.",
            remedy="Look in Setup, Login History and Session Settings, for what ends the sessions of that user at once.",
        )
    if isinstance(error, InvalidInstance):
        return SetupRefusedError(
            f"The token of the admin connection {admin} is for a host that is not Salesforce's.",
            remedy="List a host of your own in the stack's parameter TokenHosts.",
        )
    return SetupRefusedError(f"With the admin connection {admin}: {error.cause}", remedy=error.remedy)
