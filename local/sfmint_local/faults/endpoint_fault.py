"""What the token endpoint may do to a login."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sfmint_local.org.values import Fault

_LONG_S = 20.0  # longer than an exchange may take


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFault:
    """A fault of the token endpoint.

    Attributes:
        name: as the page has it.
        kind: of the embedded org's fault; None: nobody listens there.
        params: of that fault.
        slow: whoever meets it waits.
    """

    name: str
    kind: str | None
    params: Mapping[str, Any] = field(default_factory=dict)
    slow: bool = False

    def at_the_org(self) -> Fault | None:
        """Returns the org's fault, for every login."""
        return None if self.kind is None else Fault(where="token", kind=self.kind, times=None, params=self.params)


def _ended_jwt() -> str:
    parts = ({"alg": "RS256", "typ": "JWT"}, {"exp": 1})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


ENDPOINT_FAULTS = (
    EndpointFault(name="connection refused", kind=None),
    EndpointFault(name="connection reset", kind="reset"),
    EndpointFault(name="hang", kind="hang", params={"seconds": _LONG_S}, slow=True),
    EndpointFault(name="slow drip", kind="drip", params={"interval_ms": 200}, slow=True),
    EndpointFault(name="truncated answer", kind="truncate"),
    EndpointFault(name="lost answer", kind="lost_answer"),
    EndpointFault(name="429", kind="status", params={"code": 429}),
    EndpointFault(name="429 with Retry-After", kind="status", params={"code": 429, "retry_after": 1200}),
    EndpointFault(name="500", kind="status", params={"code": 500}),
    EndpointFault(name="503", kind="status", params={"code": 503}),
    EndpointFault(name="`unknown_error`", kind="oauth_error"),
    EndpointFault(name="HTML page", kind="html"),
    EndpointFault(name="redirect", kind="redirect", params={"location": "https://localhost:1/services/oauth2/token"}),
    EndpointFault(name="wrong content type", kind="content_type"),
    EndpointFault(name="duplicate keys", kind="duplicate_keys"),
    EndpointFault(name="gzip bomb", kind="gzip_bomb", params={"mb": 4}),
    EndpointFault(name="answer of 5 MB", kind="large", params={"mb": 5}),
    EndpointFault(name="endless answer", kind="endless"),
    EndpointFault(
        name="token over on arrival", kind="changed_field", params={"name": "access_token", "value": _ended_jwt()}
    ),
    EndpointFault(name="session over on arrival", kind="dead_on_arrival"),
)
SALESFORCE_DOWN = EndpointFault(name="Salesforce cannot be reached", kind=None)
