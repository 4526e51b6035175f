"""What Salesforce answered, in a form that fits into JSON."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

from sfmint_client.errors import AnswerTooLarge
from sfmint_client.rest.request import RestRequest
from sfmint_values.foreign import Foreign

# What a caller may want to read; cookies and the host's own talk stay here.
HEADERS = (
    "content-type",
    "etag",
    "last-modified",
    "location",
    "retry-after",
    "sforce-limit-info",
    "sforce-locator",  # Bulk API 2.0: where the next results begin
    "sforce-numberofrecords",
    "warning",  # a version that will be retired
)
_USAGE = re.compile(r"(?:^|[;,\s])api-usage=(\d{1,12})/(\d{1,12})")
_PLAIN = "text/plain"
_TEXT = ("application/xml", "application/javascript")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiUsage:
    """The org's API requests of the last 24 hours."""

    used: int
    limit: int

    @classmethod
    def parse(cls, limit_info: Foreign) -> Self | None:
        """Return what the header `Sforce-Limit-Info` says, such as `api-usage=18/5000`."""
        found = _USAGE.search(limit_info)
        return cls(used=int(found[1]), limit=int(found[2])) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestAnswer:
    """Salesforce's answer to a request that it did not refuse.

    Attributes:
        status_code: 200 to 299, or 304.
        headers: those of use to a caller, by their names in lower case.
        body: parsed JSON or text; None where there is none, or it is neither.
        body_base64: the body where it is neither JSON nor text.
        api_usage: None where Salesforce did not say.
    """

    status_code: int
    headers: Mapping[str, str]
    body: Any = field(default=None, repr=False)
    body_base64: str | None = field(default=None, repr=False)
    api_usage: ApiUsage | None = None

    @classmethod
    def read(cls, status_code: int, headers: Mapping[str, str], content: bytes, *, is_any: bool = False) -> Self:
        """Return the answer for what came over the wire.

        Args:
            status_code: Salesforce's.
            headers: all of them; names in any case.
            content: the whole body.
            is_any: the resource answers what somebody put there, whatever it is called.

        Raises:
            ValueError: the body is not the JSON that its Content-Type promises.
        """
        given = {name.lower(): value for name, value in headers.items()}
        kind = media_type(given.get("content-type", ""))
        try:
            body, body_base64 = _body(content, kind)
        except ValueError:
            if not is_any:
                raise
            body, body_base64 = _body(content, _PLAIN)
        return cls(
            status_code=status_code,
            headers={name: given[name] for name in HEADERS if name in given},
            body=body,
            body_base64=body_base64,
            api_usage=ApiUsage.parse(given.get("sforce-limit-info", "")),
        )

    def check_length(self, request: RestRequest) -> None:
        """Refuse a body that is longer than the request wants, as it stands in an answer of Lambda's.

        Raises:
            AnswerTooLarge: it is.
        """
        if written_length(self.body if self.body_base64 is None else self.body_base64) > request.max_bytes:
            raise too_large(request)

    def to_json(self) -> dict[str, Any]:
        """Return the answer as an object that JSON can say."""
        body = {"body": self.body} if self.body_base64 is None else {"body_base64": self.body_base64}
        usage = {"used": self.api_usage.used, "limit": self.api_usage.limit} if self.api_usage else None
        return {"status_code": self.status_code, "headers": dict(self.headers), **body, "api_usage": usage}


def media_type(content_type: Foreign) -> str:
    """Return a Content-Type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def written_length(body: object) -> int:
    """Return how many bytes a body takes as Lambda's runtime writes it: UTF-8, a blank after each comma and colon.

    Raises:
        ValueError: it holds what JSON or UTF-8 cannot say: an infinite number, half a character.
    """
    return len(json.dumps(body, ensure_ascii=False, allow_nan=False).encode())


def too_large(request: RestRequest) -> AnswerTooLarge:
    """Return the error of an answer that exceeds the request's limit."""
    if not request.is_repeatable:
        return AnswerTooLarge(
            f"Salesforce has carried the request out, but its answer is longer than {request.max_bytes} bytes. Do not"
            " send it again: look into Salesforce for what it did. Send less at a time, or raise max_bytes, the next time."
        )
    return AnswerTooLarge(
        f"Salesforce's answer is longer than {request.max_bytes} bytes. Ask for fewer fields or rows, or raise max_bytes"
        " as far as your caller can take the answer (a state of Step Functions: 256 KiB)."
    )


def _body(content: bytes, kind: str) -> tuple[Any, str | None]:
    if not content:
        return None, None
    if kind == "application/json" or kind.endswith("+json"):
        return _parsed(content.decode()), None
    if kind.startswith("text/") or kind in _TEXT or kind.endswith("+xml"):
        try:
            return content.decode(), None
        except UnicodeDecodeError:
            pass  # some other charset: its bytes say more than a guess
    return None, b64encode(content).decode()


def _parsed(text: Foreign) -> Any:
    """Return the value that a JSON text stands for, or the text where that value could not be written again.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        value = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        return text
    try:
        written_length(value)
    except (RecursionError, ValueError):
        return text
    return value


def _no_number(_: str) -> NoReturn:
    raise ValueError
