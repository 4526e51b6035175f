"""What the org knows: apps, users, sessions, counters, settings, faults. Plain objects under one lock."""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from sfmint_local.org.access_token import new_token
from sfmint_local.org.pending_faults import PendingFaults
from sfmint_local.org.session import Session
from sfmint_local.org.setup.components import GLOBAL_OAUTH
from sfmint_local.org.setup.deployments import Deployments
from sfmint_local.org.setup.login_apps import LoginApp, login_apps
from sfmint_local.org.setup.propagation import PropagatingApps
from sfmint_local.org.setup.state import Setup
from sfmint_local.org.values import App, Settings, User

type Clock = Callable[[], float]
type Counted = Literal["token_requests", "logins_attempted", "logins_granted", "api_requests", "api_refused"]

_HOUR_S = 3600
_CLI_SCOPES = ("api", "full", "refresh_token", "web")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLogins:
    """One user's logins."""

    attempted: int = 0
    granted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What was counted since the start; the package's docstring says what counts as what."""

    token_requests: int = 0
    logins_attempted: int = 0
    logins_granted: int = 0
    api_requests: int = 0
    api_refused: int = 0
    by_user: dict[str, UserLogins] = field(default_factory=dict)


class Store:
    """The org's memory. Every method is atomic.

    Args:
        clock: epoch seconds; the org's own clock adds its offset.
        origin: the org's address, which JWTs name as their issuer.

    Attributes:
        origin: as given.
        lock: what everything here is locked by, to make several calls one.
        faults: those to come.
        deployments: those of metadata; hold the lock while you look at one.
    """

    def __init__(self, *, clock: Clock, origin: str) -> None:
        self._clock = clock
        self.origin = origin
        self.lock = self._lock = threading.RLock()
        self.faults = PendingFaults()
        self._settings = Settings()
        self._setup = Setup(lock=self._lock, changed=self._note_apps)
        self._propagating = PropagatingApps()
        self.deployments = Deployments(
            self._setup, differences=lambda: self.settings, now=self.now, switched=self._end_after_switch
        )
        self._apps: dict[str, App] = {}
        self._users: dict[str, User] = {}
        self._approvals: set[tuple[str, str]] = set()
        self._sessions: dict[str, Session] = {}
        self._replays: dict[tuple[str, str], float] = {}
        self._attempts: defaultdict[str, deque[float]] = defaultdict(deque)
        self._counts: Counter[str] = Counter()
        self._attempted_by: Counter[str] = Counter()
        self._granted_by: Counter[str] = Counter()

    def now(self) -> float:
        """Read the org's clock."""
        with self._lock:
            return self._clock() + self._settings.clock_offset_s

    @property
    def settings(self) -> Settings:
        """The org's switches."""
        with self._lock:
            return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        with self._lock:
            self._settings = settings

    @property
    def setup(self) -> Setup:
        """What an administrator changes, with all deployments whose time has come."""
        with self._lock:
            self.deployments.settle()
            return self._setup

    def put_app(self, app: App) -> None:
        """Create or replace an app."""
        with self._lock:
            self._apps[app.consumer_key] = app

    def find_app(self, consumer_key: str) -> LoginApp | None:
        """Find an app as a login meets it now.

        Raises:
            AppArriving: it is new, and not known everywhere.
        """
        with self._lock:
            if app := self._apps.get(consumer_key):
                return LoginApp(app=app)
            self.deployments.settle()
            return self._propagating.seen(consumer_key, now=self.now(), differences=self._settings)

    def set_certificate(self, consumer_key: str, certificate: str | None) -> None:
        """Replace or remove an app's one certificate. Live sessions stay.

        Raises:
            KeyError: there is no such app.
            ValueError: Salesforce would refuse the upload.
        """
        with self._lock:
            if consumer_key in self._apps:
                self._apps[consumer_key] = replace(self._apps[consumer_key], certificate=certificate)
                return
            known = {part.text("consumerKey"): part for part in self.setup.components(GLOBAL_OAUTH.name)}
            part = known[consumer_key]
            self._setup.put([part.with_element("certificate", App(certificate=certificate).certificate or "")])

    def put_user(self, user: User) -> None:
        """Create or replace a user. Deactivating one ends the user's sessions."""
        with self._lock:
            self._users[user.username] = user
            if user.status == "inactive":
                self.end_sessions(lambda session: session.username == user.username)

    def find_user(self, username: str) -> User | None:
        """Find a user by the exact name."""
        with self._lock:
            return self._users.get(username)

    def user(self, username: str) -> User:
        """Return a user.

        Raises:
            KeyError: there is none.
        """
        with self._lock:
            return self._users[username]

    def users(self) -> list[User]:
        """Return all users, oldest first."""
        with self._lock:
            return list(self._users.values())

    def approve(self, consumer_key: str, username: str) -> None:
        """Let a user use an app: assigned by an administrator, or authorised by the user.

        Raises:
            KeyError: there is no such app or user.
        """
        with self._lock:
            if consumer_key not in self._apps.keys() | login_apps(self.setup).keys():
                raise KeyError(consumer_key)
            self._approvals.add((consumer_key, self._users[username].username))

    def unapprove(self, consumer_key: str, username: str) -> None:
        """Take that back."""
        with self._lock:
            self._approvals.discard((consumer_key, username))

    def is_approved(self, found: LoginApp, username: str) -> bool:
        """Tell whether the user may use the app: approved, of its profiles, or with a permission set tied to it."""
        with self._lock:
            user = self._users.get(username)
            if (found.app.consumer_key, username) in self._approvals or (user and user.profile in found.profiles):
                return True
            return any(name == username and held in found.permission_sets for name, held in self._setup.assignments())

    def count(self, what: Counted) -> int:
        """Add one to a counter and return it."""
        with self._lock:
            self._counts[what] += 1
            return self._counts[what]

    def count_attempt(self, username: str) -> bool:
        """Count a login attempt of a user and tell whether the hour's limit still allows it."""
        with self._lock:
            now, attempts = self.now(), self._attempts[username]
            while attempts and attempts[0] <= now - _HOUR_S:
                attempts.popleft()
            attempts.append(now)
            self._attempted_by[username] += 1
            return len(attempts) <= self._settings.login_limit_per_hour

    def counters(self) -> Counters:
        """Return all counters, of one moment."""
        with self._lock:
            by_user = {
                username: UserLogins(attempted=self._attempted_by[username], granted=self._granted_by[username])
                for username in self._users
            }
            return Counters(by_user=by_user, **self._counts)

    def is_replay(self, consumer_key: str, jti: str, until: float) -> bool:
        """Tell whether the app's ``jti`` was used before, and remember it until the assertion is dead anyway."""
        with self._lock:
            now = self.now()
            self._replays = {seen: end for seen, end in self._replays.items() if end > now}
            if (consumer_key, jti) in self._replays:
                return True
            self._replays[consumer_key, jti] = until
            return False

    def open_session(self, app: App, user: User) -> Session:
        """Grant a login: a new session, or the user's live one again where the org is set so."""
        with self._lock:
            self._counts["logins_granted"] += 1
            self._granted_by[user.username] += 1
            if self._settings.reuse_sessions and (session := self._session_to_reuse(app, user)):
                return session
            return self._new_session(app, user, self.now() - self._settings.session_age_s)

    def open_cli_session(self, username: str, *, jwt_based: bool) -> Session:
        """Open a session without a login that counts, with the scopes of the sf CLI's own app.

        Raises:
            KeyError: there is no such user.
        """
        with self._lock:
            app = App(consumer_key="PlatformCLI", scopes=_CLI_SCOPES, jwt_based_tokens=jwt_based)
            return self._new_session(app, self._users[username], self.now())

    def tokens(self) -> list[str]:
        """Return every access token that the org has given out."""
        with self._lock:
            return list(self._sessions)

    def used_consumer_keys(self) -> set[str]:
        """Return the consumer keys of the apps that somebody has logged in with."""
        with self._lock:
            return {session.consumer_key for session in self._sessions.values()}

    def live_session(self, token: str | None) -> Session | None:
        """Find the live session of a token and note the activity."""
        with self._lock:
            self.deployments.settle()  # one may end sessions
            session = self._sessions.get(token or "")
            if session is None or not session.is_live(self.now()):
                return None
            session.touch(self.now())
            return session

    def end_sessions(self, of: Callable[[Session], bool]) -> int:
        """End the live sessions that ``of`` picks; return how many."""
        with self._lock:
            now = self.now()
            ending = [session for session in self._sessions.values() if session.is_live(now) and of(session)]
            for session in ending:
                session.ended = True
            return len(ending)

    def _note_apps(self) -> None:
        arrives_at = self.deployments.moment() + self._settings.propagation_s
        self._propagating.note(login_apps(self._setup), arrives_at=arrives_at)

    def _end_after_switch(self, app: str, token: str) -> None:
        """End what the org ends when an app is switched to users whom an administrator approves."""
        ending = self._settings.ends_sessions
        key = next(part.text("consumerKey") for part in self._setup.components(GLOBAL_OAUTH.name, app))
        found = login_apps(self._setup)[key]
        if ending != "none":
            self.end_sessions(
                lambda session: (
                    (session.consumer_key == key or (ending == "deployer_too" and session.token == token))
                    and not self.is_approved(found, session.username)
                )
            )

    def _new_session(self, app: App, user: User, issued_at: float) -> Session:
        token = new_token(app=app, username=user.username, origin=self.origin, issued_at=issued_at)
        session = Session.opened(token=token, app=app, username=user.username, issued_at=issued_at)
        self._sessions[token] = session
        return session

    def _session_to_reuse(self, app: App, user: User) -> Session | None:
        own = (
            session
            for session in self._sessions.values()
            if session.slides and session.consumer_key == app.consumer_key and session.username == user.username
        )
        now = self.now()
        return next((session for session in own if session.is_live(now)), None)
