"""The client of the control interface: what the demo and the tests hold in their hands."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import requests

from sfmint_local.org.announcement import Announcement
from sfmint_local.org.control import CONTROL_HEADER
from sfmint_local.org.setup.components import Component, component_from_json
from sfmint_local.org.store import Counters, UserLogins
from sfmint_local.org.values import App, Fault, Settings, User, from_json

_TIMEOUT_S = 10


class OrgControlError(Exception):
    """The org did not do what was asked; the message is its own sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInSetup:
    """A user, with what the user may do in Setup and has been assigned."""

    user: User
    rights: frozenset[str]
    permission_sets: frozenset[str]


class OrgControl:
    """Arranges a running org.

    Args:
        announcement: where the org is, from its ``org.json``.
    """

    def __init__(self, announcement: Announcement) -> None:
        self.url = announcement.url
        self.ca = announcement.ca
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = announcement.ca
        self._http.headers[CONTROL_HEADER] = announcement.control_token

    @classmethod
    def from_state(cls, state: Path) -> Self:
        """Find the org that was started with ``--state``.

        Raises:
            FileNotFoundError: it is not listening yet, or no longer.
        """
        return cls(Announcement.read(state))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def put_app(self, app: App) -> App:
        """Create or replace an app and return it."""
        self._call("POST", "apps", asdict(app))
        return app

    def set_certificate(self, consumer_key: str, pem: str) -> None:
        """Replace an app's certificate; live sessions stay."""
        self._call("PUT", f"apps/{quote(consumer_key, safe='')}/certificate", pem)

    def remove_certificate(self, consumer_key: str) -> None:
        """Take an app's certificate away."""
        self._call("DELETE", f"apps/{quote(consumer_key, safe='')}/certificate")

    def put_user(self, user: User) -> User:
        """Create or replace a user and return it."""
        self._call("POST", "users", asdict(user))
        return user

    def users(self) -> list[UserInSetup]:
        """Read all users."""
        return [
            UserInSetup(
                user=from_json(User, told["user"]),
                rights=frozenset(told["rights"]),
                permission_sets=frozenset(told["permission_sets"]),
            )
            for told in self._call("GET", "users")["users"]
        ]

    def ties(self) -> list[tuple[str, str]]:
        """Read which permission sets are tied to which apps."""
        return [(permission_set, app) for permission_set, app in self._call("GET", "ties")["ties"]]

    def empty_setup(self) -> int:
        """Remove all components, assignments and ties, and return how many components that were."""
        return int(self._call("DELETE", "components")["removed"])

    def grant(self, username: str, rights: Iterable[str]) -> frozenset[str]:
        """Give a user exactly these rights in Setup, and return them with those that they bring."""
        return frozenset(self._call("PUT", f"users/{quote(username, safe='')}/rights", sorted(rights)))

    def put_component(self, component: Component) -> str:
        """Create or replace a component as it is, without the rules of a deployment, and return its record's id."""
        return str(self._call("POST", "components", asdict(component))["id"])

    def open_session(self, username: str, *, jwt_based: bool = False) -> str:
        """Open a session of a user as the sf CLI's own app would, and return its access token."""
        return str(self._call("POST", "sessions", {"username": username, "jwt_based": jwt_based})["access_token"])

    def tokens(self) -> set[str]:
        """Return every access token that the org has given out: what a search for leaks must look for."""
        return set(self._call("GET", "sessions")["access_tokens"])

    def approve(self, consumer_key: str, username: str) -> None:
        """Let a user use an app."""
        self._call("PUT", f"apps/{quote(consumer_key, safe='')}/approvals/{quote(username, safe='')}")

    def unapprove(self, consumer_key: str, username: str) -> None:
        """Take that back."""
        self._call("DELETE", f"apps/{quote(consumer_key, safe='')}/approvals/{quote(username, safe='')}")

    def components(self, app: str | None = None) -> list[Component]:
        """Read all components, or those of one app, with what the org added, consumer keys and secrets too."""
        read = [component_from_json(part) for part in self._call("GET", "components")["components"]]
        return [part for part in read if app is None or part.app == app]

    def deployments(self) -> list[dict[str, Any]]:
        """Read all deployments, the newest first, by the fields of the Tooling API's DeployRequest."""
        deployments: list[dict[str, Any]] = self._call("GET", "deployments")["deployments"]
        return deployments

    def cancel_deployments(self) -> None:
        """Cancel the deployments that are not done."""
        self._call("DELETE", "deployments")

    def counters(self) -> Counters:
        """Read all counters."""
        counts = self._call("GET", "counters")
        by_user = {username: UserLogins(**logins) for username, logins in counts.pop("by_user").items()}
        return Counters(by_user=by_user, **counts)

    def end_sessions(self, *, username: str) -> int:
        """End a user's live sessions and return how many."""
        return int(self._call("POST", "sessions/end", {"username": username})["ended"])

    def end_session(self, *, fingerprint: str) -> bool:
        """End the live session of a token's fingerprint and tell whether there was one."""
        return bool(self._call("POST", "sessions/end", {"fingerprint": fingerprint})["ended"])

    def settings(self) -> Settings:
        """Read the settings."""
        return Settings(**self._call("GET", "settings"))

    def change_settings(self, **changes: float | str) -> Settings:
        """Change the named settings and return them all. `Settings` has the names."""
        settings = replace(self.settings(), **changes)  # type: ignore[arg-type]  # the org checks the names again
        self._call("PUT", "settings", asdict(settings))
        return settings

    def reset_settings(self) -> None:
        """Put every setting back."""
        self._call("PUT", "settings", {})

    def add_fault(self, fault: Fault) -> None:
        """Queue a fault. `faults` has the kinds and their parameters."""
        self._call("POST", "faults", asdict(fault))

    def clear_faults(self) -> None:
        """Forget the faults to come."""
        self._call("DELETE", "faults")

    def _call(self, method: str, path: str, body: object = None) -> Any:
        sent = {"data": body} if isinstance(body, str) else {"json": body}
        answer = self._http.request(method, f"{self.url}/_org/{path}", timeout=_TIMEOUT_S, **sent)
        value: Any = answer.json()
        if not answer.ok:
            raise OrgControlError(value["error"])
        return value
