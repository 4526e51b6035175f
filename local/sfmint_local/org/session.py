"""A session: what an access token stands for, and how long.

Source: Salesforce Help, connected_app_manage_session_policies and jwt_access_tokens.
"""

from dataclasses import dataclass
from typing import Self

from sfmint_local.org.identifiers import fingerprint
from sfmint_local.org.values import App


@dataclass(slots=True, kw_only=True)
class Session:
    """One login's session. Times are epoch seconds of the org's clock.

    Attributes:
        token: the access token; shown nowhere.
        timeout_s: idle time allowed to an opaque token, or the whole life of a JWT.
        slides: whether activity prolongs it: opaque tokens only.
        active_at: the activity that counts.
        ended: revoked, or ended by an administrator.
    """

    token: str
    consumer_key: str
    username: str
    scopes: tuple[str, ...]
    issued_at: float
    timeout_s: int
    slides: bool
    active_at: float
    ended: bool = False

    @classmethod
    def opened(cls, *, token: str, app: App, username: str, issued_at: float) -> Self:
        """Open a session as the app's settings say."""
        slides = not app.jwt_based_tokens
        return cls(
            token=token,
            consumer_key=app.consumer_key,
            username=username,
            scopes=app.scopes,
            issued_at=issued_at,
            timeout_s=app.session_timeout_s if slides else app.jwt_timeout_s,
            slides=slides,
            active_at=issued_at,
        )

    def __repr__(self) -> str:
        return f"Session({self.fingerprint}, {self.username!r})"

    @property
    def fingerprint(self) -> str:
        """How logs and people speak of the token."""
        return fingerprint(self.token)

    @property
    def is_for_the_api(self) -> bool:
        """Whether a scope of the app opens the APIs."""
        return not {"api", "full"}.isdisjoint(self.scopes)

    @property
    def is_jwt(self) -> bool:
        """Whether the token is a JWT, which some APIs do not take."""
        return not self.slides

    def is_live(self, now: float) -> bool:
        """Tell whether the token is still good."""
        return not self.ended and now < self.active_at + self.timeout_s

    def touch(self, now: float) -> None:
        """Note activity, which counts in the second half of the window only."""
        if self.slides and now >= self.active_at + self.timeout_s / 2:
            self.active_at = now
