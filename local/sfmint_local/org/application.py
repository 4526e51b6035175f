"""The org as a WSGI application: faults, addresses, refusals, the log."""

import re
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.http import http_date
from werkzeug.routing import Map
from werkzeug.wrappers import Response

from sfmint_local.org import faults
from sfmint_local.org.connect import Connect
from sfmint_local.org.control import CONTROL_PATH, Control
from sfmint_local.org.gate import Gate
from sfmint_local.org.oauth import TOKEN_PATH, OAuth
from sfmint_local.org.queries import Queries
from sfmint_local.org.records import Accounts
from sfmint_local.org.refusal import OAuthError, RestError, not_embedded
from sfmint_local.org.rest import Rest
from sfmint_local.org.setup.metadata_api import MetadataApi
from sfmint_local.org.setup.sobjects import SetupRecords
from sfmint_local.org.sight import Sight
from sfmint_local.org.soap.metadata import Metadata
from sfmint_local.org.store import Store
from sfmint_local.org.values import Where
from sfmint_local.org.wire import AnswerSent, OrgRequest, json_answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

type Log = Callable[[str], object]

_LONG_WORD = re.compile(r"[^/]{40,}")  # in an address it may be a token or a key


class Org:
    """The embedded Salesforce org.

    Args:
        origin: ``https://localhost:PORT``.
        store: what it knows.
        control_token: what opens the control interface.
        log: takes one line a request, never with a token, a key or an assertion.
    """

    def __init__(self, *, origin: str, store: Store, control_token: str, log: Log) -> None:
        self._store = store
        self._log = log
        self._closing = threading.Event()
        self._control = Control(store, token=control_token)
        gate, accounts = Gate(store, origin=origin), Accounts()
        sight = Sight(store, accounts)
        parts = (
            OAuth(store, origin=origin),
            Rest(store, gate, accounts),
            Queries(store, gate, under="", schema=sight.data),
            Queries(store, gate, under="/tooling", schema=sight.tooling),
            SetupRecords(store, gate, sight.data),
            MetadataApi(store, gate),
            Metadata(store, gate),
            Connect(store, gate),
            self._control,
        )
        rules = [rule for part in parts for rule in part.rules()]
        self._map = Map(rules, strict_slashes=False, merge_slashes=False)

    def close(self) -> None:
        """End all waiting."""
        self._closing.set()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request.

        Raises:
            ConnectionAbortedError: a fault has dealt with the connection itself.
            AnswerSent: a fault has answered by itself.
        """
        request = OrgRequest(environ)
        began = self._store.now()
        outcome = "no answer"
        try:
            response = self._answer(request)
            outcome = str(response.status_code)
        except (ConnectionError, AnswerSent):
            raise
        except Exception as error:  # noqa: BLE001 - a server outlives its mistakes, and names them
            self._log(traceback.format_exc())
            response = Response(f"internal error: {type(error).__name__}", status=500)
            outcome = "500"
        finally:
            took_ms = round((self._store.now() - began) * 1000)
            path = _LONG_WORD.sub("...", request.path)
            line = f"{request.method} {path} {outcome} {took_ms} ms {request.note}"
            self._log(line.rstrip().encode("unicode_escape").decode())
        response.headers["Date"] = http_date(self._store.now())
        return response(environ, start_response)

    def _answer(self, request: OrgRequest) -> Response:
        try:
            request.get_data()  # all of it, so that the next request finds the connection clean
        except RequestEntityTooLarge as error:
            return Response(error.description, status=413, headers={"Connection": "close"})
        if request.path.startswith(CONTROL_PATH):
            return self._control_answer(request)
        is_token = request.path == TOKEN_PATH
        if is_token:
            self._store.count("token_requests")
            self._closing.wait(self._store.settings.token_delay_ms / 1000)
        fault = self._store.faults.take(*_places(request))
        if fault is None:
            return self._true_answer(request)
        call = faults.Call(
            request=request,
            answer=lambda: self._true_answer(request),
            pause=self._closing.wait,
            now=self._store.now,
            end_session=lambda token: self._store.end_sessions(lambda session: session.token == token),
        )
        request.note = f"fault {fault.kind}"
        return faults.perform(fault, call)

    def _true_answer(self, request: OrgRequest) -> Response:
        try:
            return self._dispatch(request)
        except (OAuthError, RestError) as refusal:
            request.note = str(refusal)
            return refusal.answer()
        except HTTPException as error:
            if error.code == 405:
                return RestError(405, "METHOD_NOT_ALLOWED", "HTTP Method not allowed").answer()
            return not_embedded().answer()

    def _control_answer(self, request: OrgRequest) -> Response:
        try:
            self._control.admit(request)
            return self._dispatch(request)
        except ValueError as error:
            return json_answer({"error": str(error)}, status=400)
        except KeyError as error:
            return json_answer({"error": f"There is no {error}. Create it first."}, status=404)
        except HTTPException as error:
            return json_answer({"error": error.description or error.name}, status=error.code or 400)

    def _dispatch(self, request: OrgRequest) -> Response:
        endpoint, values = self._map.bind_to_environ(request.environ).match()
        response: Response = endpoint(request, **values)
        return response


def _places(request: OrgRequest) -> tuple[Where, ...]:
    """Return where a fault meets this request."""
    if request.path == TOKEN_PATH:
        return ("token",)
    starts = request.method == "POST" and request.path.rstrip("/").endswith("/metadata/deployRequest")
    return ("deploy", "rest") if starts else ("rest",)
