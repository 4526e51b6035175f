"""``/_org/``: how the demo and the tests arrange the org. `OrgControl` is its client."""

import hmac
from dataclasses import asdict

from werkzeug.exceptions import Forbidden
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from sfmint_local.org import faults
from sfmint_local.org.setup.components import component_from_json
from sfmint_local.org.setup.rights import complete
from sfmint_local.org.store import Store
from sfmint_local.org.values import App, Fault, Settings, User, from_json
from sfmint_local.org.wire import OrgRequest, json_answer

CONTROL_PATH = "/_org/"
CONTROL_HEADER = "X-Org-Control"


class Control:
    """The control interface. Faults never meet it, and it counts nothing.

    Args:
        store: what the org knows.
        token: what the control header must say.
    """

    def __init__(self, store: Store, *, token: str) -> None:
        self._store = store
        self._token = token

    def rules(self) -> list[Rule]:
        """Return the addresses served."""
        app = f"{CONTROL_PATH}apps/<consumer_key>"
        return [
            Rule(f"{CONTROL_PATH}apps", endpoint=self.put_app, methods=["POST"]),
            Rule(f"{app}/certificate", endpoint=self.certificate, methods=["PUT", "DELETE"]),
            Rule(f"{app}/approvals/<username>", endpoint=self.approval, methods=["PUT", "DELETE"]),
            Rule(f"{CONTROL_PATH}users", endpoint=self.users, methods=["GET", "POST"]),
            Rule(f"{CONTROL_PATH}users/<username>/rights", endpoint=self.rights, methods=["GET", "PUT"]),
            Rule(f"{CONTROL_PATH}components", endpoint=self.components, methods=["GET", "POST", "DELETE"]),
            Rule(f"{CONTROL_PATH}ties", endpoint=self.ties, methods=["GET"]),
            Rule(f"{CONTROL_PATH}sessions", endpoint=self.sessions, methods=["GET", "POST"]),
            Rule(f"{CONTROL_PATH}sessions/end", endpoint=self.end_sessions, methods=["POST"]),
            Rule(f"{CONTROL_PATH}deployments", endpoint=self.deployments, methods=["GET", "DELETE"]),
            Rule(f"{CONTROL_PATH}counters", endpoint=self.counters, methods=["GET"]),
            Rule(f"{CONTROL_PATH}settings", endpoint=self.settings, methods=["GET", "PUT"]),
            Rule(f"{CONTROL_PATH}faults", endpoint=self.faults, methods=["POST", "DELETE"]),
        ]

    def admit(self, request: OrgRequest) -> None:
        """Check the control token.

        Raises:
            Forbidden: it is missing or wrong.
        """
        if not hmac.compare_digest(request.headers.get(CONTROL_HEADER, "").encode(), self._token.encode()):
            raise Forbidden(f"The control token is missing or wrong. Send org.json's as {CONTROL_HEADER}.")

    def put_app(self, request: OrgRequest) -> Response:
        """Create or replace an app and tell its consumer key."""
        app = from_json(App, request.get_json())
        self._store.put_app(app)
        return json_answer({"consumer_key": app.consumer_key}, status=201)

    def certificate(self, request: OrgRequest, consumer_key: str) -> Response:
        """Replace or remove an app's certificate; the body is the PEM."""
        pem = request.get_data(as_text=True) if request.method == "PUT" else None
        self._store.set_certificate(consumer_key, pem)
        return json_answer({})

    def approval(self, request: OrgRequest, consumer_key: str, username: str) -> Response:
        """Approve a user for an app, or take that back."""
        if request.method == "PUT":
            self._store.approve(consumer_key, username)
        else:
            self._store.unapprove(consumer_key, username)
        return json_answer({})

    def users(self, request: OrgRequest) -> Response:
        """Tell all users with what they may do and have, or create or replace one."""
        if request.method == "POST":
            self._store.put_user(from_json(User, request.get_json()))
            return json_answer({}, status=201)
        setup = self._store.setup
        held = setup.assignments()
        users = [
            {
                "user": asdict(user),
                "rights": sorted(setup.rights(user.username)),
                "permission_sets": sorted(name for username, name in held if username == user.username),
            }
            for user in self._store.users()
        ]
        return json_answer({"users": users})

    def ties(self, _request: OrgRequest) -> Response:
        """Tell which permission sets are tied to which apps."""
        return json_answer({"ties": sorted(self._store.setup.ties())})

    def rights(self, request: OrgRequest, username: str) -> Response:
        """Tell or replace what a user may do in Setup."""
        if request.method == "PUT":
            self._store.setup.grant(self._store.user(username).username, complete(request.get_json()))
        return json_answer(sorted(self._store.setup.rights(username)))

    def sessions(self, request: OrgRequest) -> Response:
        """Tell the access tokens of all sessions that there ever were, or open one of a user without the app of a connection, as the sf CLI's own app would."""
        if request.method == "GET":
            return json_answer({"access_tokens": self._store.tokens()})
        match request.get_json():
            case {"username": str(username), "jwt_based": bool(jwt_based), **rest} if not rest:
                session = self._store.open_cli_session(username, jwt_based=jwt_based)
            case _:
                raise ValueError("Name the username, and whether the token shall be jwt_based.")
        return json_answer({"access_token": session.token, "instance_url": self._store.origin}, status=201)

    def end_sessions(self, request: OrgRequest) -> Response:
        """End all sessions of a user, or the one of a fingerprint."""
        match request.get_json():
            case {"username": str(username), **rest} if not rest:
                ended = self._store.end_sessions(lambda session: session.username == username)
            case {"fingerprint": str(fingerprint), **rest} if not rest:
                ended = self._store.end_sessions(lambda session: session.fingerprint == fingerprint)
            case _:
                raise ValueError("Name the username or the fingerprint whose sessions shall end.")
        return json_answer({"ended": ended})

    def components(self, request: OrgRequest) -> Response:
        """Tell all components with their elements, put one without the rules of a deployment, or remove them all."""
        if request.method == "DELETE":
            return json_answer({"removed": self._store.setup.empty()})
        if request.method == "POST":
            part = component_from_json(request.get_json())
            self._store.setup.put([part])
            return json_answer({"id": self._store.setup.id_of(part)}, status=201)
        parts = self._store.setup.everything().values()
        return json_answer({"components": [asdict(part) for part in parts]})

    def deployments(self, request: OrgRequest) -> Response:
        """Tell all deployments, the newest first, by the fields of the Tooling API; or cancel those not done."""
        with self._store.lock:
            if request.method == "DELETE":
                self._store.deployments.cancel_all()
            now = self._store.now()
            return json_answer({"deployments": [one.record(now) for one in self._store.deployments.all()]})

    def counters(self, _request: OrgRequest) -> Response:
        """Tell the counters."""
        return json_answer(asdict(self._store.counters()))

    def settings(self, request: OrgRequest) -> Response:
        """Tell or replace the settings."""
        if request.method == "PUT":
            self._store.settings = from_json(Settings, request.get_json())
        return json_answer(asdict(self._store.settings))

    def faults(self, request: OrgRequest) -> Response:
        """Queue a fault, or forget all that are to come."""
        if request.method == "DELETE":
            self._store.faults.clear()
            return json_answer({})
        fault = from_json(Fault, request.get_json())
        faults.check(fault)
        self._store.faults.add(fault)
        return json_answer({}, status=201)
