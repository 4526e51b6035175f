"""One REST request, checked before anything is done."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sfmint_client.errors import InvalidRequest, RequestNotAllowed
from sfmint_client.rest.allow_list import METHODS
from sfmint_client.rest.body_type import check_form, check_type
from sfmint_client.rest.headers import is_header, is_reserved
from sfmint_client.rest.path import check_path
from sfmint_client.rest.reading import names_method, specials
from sfmint_values.foreign import Foreign
from sfmint_values.hosts import origin_of

# Lambda takes events of 6 MB; that many bytes still fit in as base64, which is the longest form.
LARGEST_BODY = 4 * 1024 * 1024
# Step Functions keep 256 KiB of a state; the rest is for headers and for what else the state holds.
DEFAULT_MAX_BYTES = 240 * 1024
# Lambda gives answers of 6 MB; the rest is for headers.
LARGEST_MAX_BYTES = 5 * 1024 * 1024

_BODILESS = frozenset({"GET", "HEAD", "DELETE"})
_PLATFORM = "/services/data/"
_UPSERT = re.compile(r"/services/data/[^/]+/sobjects/\w+/\w+__c/[^/]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRequest:
    """A request to the REST API of a connection's org.

    Attributes:
        method: one of `allow_list.METHODS`.
        path: absolute and percent-encoded, without query; see `rest_path.check_path`.
        host: a further host that the connection lists, `host` or `host:port`; empty: the org's own.
        query: names and values, not encoded.
        headers: without those that decide where the request goes and for whom.
        body: as it is sent; headers say its Content-Type.
        all_pages: follow `nextRecordsUrl` and answer all records; GET only.
        fail_on_partial: raise `SalesforcePartlyFailed` where Salesforce answers a success of which a part failed.
        max_bytes: how long the answer's body may be, as Salesforce sends it and as JSON.

    Raises:
        InvalidRequest: values that no request can have.
        RequestNotAllowed: values that a request may not have.
    """

    method: str
    path: Foreign
    host: Foreign = ""
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    all_pages: bool = False
    fail_on_partial: bool = False
    max_bytes: int = DEFAULT_MAX_BYTES

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise RequestNotAllowed(f"The method is none that may be sent. Known are {', '.join(METHODS)}.")
        check_path(self.path)
        if self.host:
            _check_host(self.host)
        _check_query(self.query)
        _check_headers(self.headers)
        if self.body is not None:
            self._check_body(self.body)
        if self.all_pages and self.method != "GET":
            raise InvalidRequest("all_pages goes with GET only. Leave it out, or send a query by GET.")
        if not 1 <= self.max_bytes <= LARGEST_MAX_BYTES:
            raise InvalidRequest(f"max_bytes is out of range. Give a whole number from 1 to {LARGEST_MAX_BYTES}.")

    def _check_body(self, body: bytes) -> None:
        if self.method in _BODILESS:
            raise InvalidRequest(f"A {self.method} request has no body. Leave it out.")
        if len(body) > LARGEST_BODY:
            raise InvalidRequest(
                f"The body is longer than {LARGEST_BODY} bytes. Send it in parts; Bulk API 2.0 takes many a job."
            )
        kind = next((value for name, value in self.headers.items() if name.lower() == "content-type"), None)
        if kind is None:
            raise InvalidRequest("The body has no type. Add a header Content-Type, such as text/csv.")
        check_form(check_type(kind), body)

    @property
    def is_repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once: a read, or an upsert by external id."""
        upsert = self.method == "PATCH" and not self.host and _UPSERT.fullmatch(self.path) is not None
        return upsert or (self.method in {"GET", "HEAD"} and all(special.is_read for special in specials(self.path)))

    @property
    def is_whole(self) -> bool:
        """Whether its refusal means that nothing was done: Apex REST and actions may have done a part."""
        return not self.host and self.path.startswith(_PLATFORM) and "/actions/" not in self.path


def _check_host(host: Foreign) -> None:
    try:
        is_plain = origin_of(f"https://{host}") == f"https://{host}"
    except ValueError:
        is_plain = False
    if not is_plain:
        raise InvalidRequest("The host is unusable. Give host or host:port in lower case, without scheme and path.")


def _check_query(query: Mapping[str, str]) -> None:
    if any(map(names_method, query)) or any(names_method(value, first=1) for value in query.values()):
        raise RequestNotAllowed("The query names another method, in _HttpMethod. Name it in the field method.")
    try:
        "".join((*query, *query.values())).encode()
    except UnicodeEncodeError:
        raise InvalidRequest("The query holds half a character. Send whole Unicode characters.") from None


def _check_headers(headers: Mapping[str, str]) -> None:
    seen: set[str] = set()
    for name, value in headers.items():
        lower = name.lower()
        if not is_header(name) or lower in seen:
            raise InvalidRequest(
                "A header's name is unusable, or stands twice. Names are letters, digits and dashes, in any case once."
            )
        seen.add(lower)
        if is_reserved(name):
            raise RequestNotAllowed(f"The header {name} may not be set. Leave it out: the connection sets its own.")
        if not (value.isascii() and value.isprintable()) or value != value.strip():
            raise InvalidRequest(
                f"The header {name} has an unusable value. Give one line of printable ASCII without blanks around it."
            )
