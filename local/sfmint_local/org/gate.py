"""Who may come in: the session, its scope, the daily limit and the version of a request under ``/services``.

Source: REST API Developer Guide, dome_versions and errorcodes.
"""

from dataclasses import dataclass

from werkzeug.wrappers import Response

from sfmint_local.org.refusal import RestError, dead_session, no_such_resource
from sfmint_local.org.session import Session
from sfmint_local.org.store import Store
from sfmint_local.org.wire import OrgRequest, json_answer

LIMIT_EXCEEDED = "REQUEST_LIMIT_EXCEEDED"
_OLDEST = 31  # the oldest version that is not retired
_RETIRED = range(21, _OLDEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A request that was let in.

    Attributes:
        session: whose it is.
        version: as the address has it, ``v67.0`` or ``latest``.
        used: how many requests of the day that makes.
    """

    session: Session
    version: str
    used: int


class Gate:
    """Lets requests in.

    Args:
        store: what the org knows.
        origin: the only address for which tokens are good.
    """

    def __init__(self, store: Store, *, origin: str) -> None:
        self._store = store
        self._origin = origin

    def versions(self) -> range:
        """Return the versions that are served."""
        return range(_OLDEST, self._store.settings.newest_version + 1)

    def session(self, request: OrgRequest, token: str | None) -> Session | None:
        """Find the live session of a token, and count the request as one with or without."""
        session = self._store.live_session(token) if request.is_for(self._origin) else None
        if session is None:
            self._store.count("api_refused")
            return None
        request.note = f"{session.username} {session.fingerprint}"
        return session

    def admit(self, request: OrgRequest, version: str) -> Admitted:
        """Let a request of the REST API in.

        Raises:
            RestError: as Salesforce refuses it.
        """
        session = self.session(request, request.bearer)
        if session is None:
            raise dead_session()
        if not session.is_for_the_api:
            # Status 401 like a dead session, yet a new token does not help.
            raise RestError(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
        if (used := self.spend()) is None:
            raise RestError(403, LIMIT_EXCEEDED, "TotalRequests Limit exceeded.")
        self._check_version(version)
        return Admitted(session=session, version=version, used=used)

    def spend(self) -> int | None:
        """Count a request, by REST or SOAP, and return how many of the day that makes; ``None``: more than there are."""
        used = self._store.count("api_requests")
        return used if used <= self._store.settings.api_limit else None

    def answer(self, body: object, admitted: Admitted, *, status: int = 200) -> Response:
        """Answer with a body, or with none where it is ``None``."""
        headers = {"Sforce-Limit-Info": f"api-usage={admitted.used}/{self._store.settings.api_limit}"}
        if body is None:
            return Response(status=status, headers=headers)
        return json_answer(body, status=status, headers=headers)

    def _check_version(self, version: str) -> None:
        number = version.removeprefix("v").removesuffix(".0")
        if version == "latest" or (number.isdigit() and version == f"v{number}.0" and int(number) in self.versions()):
            return
        if number.isdigit() and int(number) in _RETIRED:
            raise RestError(410, "UNSUPPORTED_API_VERSION", "This API version is retired")
        raise no_such_resource()
