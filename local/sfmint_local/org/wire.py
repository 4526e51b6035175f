"""What comes in over a connection and what goes out."""

import json
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from sfmint_local.org.setup.deployment import Fate


class AnswerSent(Exception):  # noqa: N818 - what happened
    """A fault has sent the answer by itself; the connection stays open."""


class OrgRequest(Request):
    """A request, its bearer token, its connection, and a note for the log."""

    max_content_length = 40 * 1024 * 1024  # a deployment's zip has up to 39 MB
    note = ""
    fate: "Fate | None" = None  # what a fault lets happen to the deployment that this starts

    @property
    def bearer(self) -> str | None:
        """The token of ``Authorization: Bearer``, if there is one."""
        authorization = self.authorization
        return authorization.token if authorization and authorization.type == "bearer" else None

    def is_for(self, origin: str) -> bool:
        """Tell whether the request was addressed to this origin, not to another name of the same host."""
        return f"https://{self.host}".lower() == origin

    @property
    def connection(self) -> socket.socket:
        """The TLS socket itself: only faults touch it."""
        connection: socket.socket = self.environ["werkzeug.socket"]
        return connection


def json_answer(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make a JSON response as Salesforce labels it."""
    return Response(json.dumps(value), status=status, headers=headers, content_type="application/json;charset=UTF-8")
