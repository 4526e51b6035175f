"""What fails at Salesforce's token endpoint, or on the way to it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sfmint_local.faults.proxy import ProxyAnswer
from sfmint_local.org.values import Fault

_LONGEST_S = 30.0  # of a hang: longer than anybody waits


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFault:
    """One fault of the token endpoint.

    Attributes:
        name: what a person calls it.
        kind: what the embedded org calls it; None: no request gets that far.
        params: of that kind.
        proxy: what the proxy on the way answers; None: there is none. Without it and a kind nothing listens at the host.
        slow: whoever meets it waits for seconds.
    """

    name: str
    kind: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    proxy: ProxyAnswer | None = None
    slow: bool = False

    def at_the_org(self) -> Fault | None:
        """Return what the org is told, or None where it never hears of the request."""
        return None if self.kind is None else Fault(where="token", kind=self.kind, times=None, params=self.params)


def _ended_jwt() -> str:
    """Return an access token that is itself a JWT and says that it ended in 2001."""
    parts = [{"alg": "RS256"}, {"exp": 1_000_000_000}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "a-signature-of-nobody-s"])


def _identity(origin: str) -> Mapping[str, str]:
    """Return what changes the identity URL of an answer into one of another org and user."""
    return {"name": "id", "value": f"{origin}/id/00D000000000002EAA/005000000000002AAA"}


ENDPOINT_FAULTS = (
    EndpointFault(name="connection refused"),
    EndpointFault(name="connection reset", kind="reset"),
    EndpointFault(name="truncated answer", kind="truncate"),
    EndpointFault(name="lost answer", kind="lost_answer"),
    EndpointFault(name="hang", kind="hang", params={"seconds": _LONGEST_S}, slow=True),
    EndpointFault(name="slow drip", kind="drip", slow=True),
    EndpointFault(name="slow drip of headers", kind="drip", params={"headers": True}, slow=True),
    EndpointFault(name="`100 Continue` without end", kind="endless_continue", slow=True),
    EndpointFault(name="trailers without end", kind="endless_trailers", slow=True),
    EndpointFault(name="429", kind="status", params={"code": 429}),
    EndpointFault(name="429 with Retry-After", kind="status", params={"code": 429, "retry_after": 1200}),
    EndpointFault(name="500", kind="status", params={"code": 500}),
    EndpointFault(name="503", kind="status", params={"code": 503}),
    EndpointFault(name="`unknown_error`", kind="oauth_error"),
    EndpointFault(name="HTML page", kind="html"),
    EndpointFault(name="redirect", kind="redirect", params={"location": "https://login.salesforce.com/"}),
    EndpointFault(name="wrong content type", kind="content_type"),
    EndpointFault(name="duplicate keys", kind="duplicate_keys"),
    EndpointFault(name="gzip bomb", kind="gzip_bomb"),
    EndpointFault(name="answer of 5 MB", kind="large"),
    EndpointFault(name="endless answer", kind="endless"),
    EndpointFault(name="early hints", kind="early_hints", params={"seconds": 0.05}),
    EndpointFault(name="two answers in one go", kind="two_answers"),
    EndpointFault(name="surplus bytes", kind="surplus"),
    EndpointFault(name="204 with a body", kind="no_content"),
    EndpointFault(name="chunk of size -1", kind="chunk_size", params={"value": "-1", "mb": 4}),
    EndpointFault(name="chunk of size -5", kind="chunk_size", params={"value": "-5"}),
    EndpointFault(name="chunks with long extensions", kind="chunk_extensions"),
    EndpointFault(
        name="half a character in `scope`", kind="changed_field", params={"name": "scope", "value": "api \ud800"}
    ),
    EndpointFault(name="assertion in `scope`", kind="repeated_assertion"),
    EndpointFault(name="`id` at another host", kind="changed_field", params=_identity("https://elsewhere.example")),
    EndpointFault(name="`id` of another org", kind="changed_field", params=_identity("https://login.salesforce.com")),
    EndpointFault(name="proxy refuses", proxy=ProxyAnswer(status=403)),
    EndpointFault(name="proxy asks for a password", proxy=ProxyAnswer(status=407)),
    EndpointFault(name="proxy does not answer", proxy=ProxyAnswer(interval_s=_LONGEST_S), slow=True),
    EndpointFault(name="proxy drips", proxy=ProxyAnswer(interval_s=0.5), slow=True),
    EndpointFault(
        name="token over on arrival", kind="changed_field", params={"name": "access_token", "value": _ended_jwt()}
    ),
    EndpointFault(name="session over on arrival", kind="dead_on_arrival"),
)

SALESFORCE_DOWN = EndpointFault(name="Salesforce cannot be reached")
