"""The fields of a token answer, each checked before it is kept: what is kept is sealed, handed on and shown.

A field that is left out, null or empty counts as absent; one of another shape makes the whole answer malformed.

Source: RFC 6749 section 5.1 and appendix A; RFC 7519 sections 2 (NumericDate) and 4.1.4; Salesforce Help, "Identity URLs".
"""

import base64
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sfmint.json_object import parse_object
from sfmint.lifetime import LATEST, is_instant
from sfmint_values.foreign import Foreign
from sfmint_values.hosts import token_origin


class MalformedAnswer(Exception):  # noqa: N818 - what it is
    """Salesforce's answer is no token answer. Its message says why and never quotes the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a field looks like.

    Attributes:
        pattern: a regular expression for all of it, which admits ASCII only.
        longest: in characters.
    """

    pattern: str
    longest: int

    def fits(self, text: Foreign) -> bool:
        """Return whether a text is of this shape."""
        return len(text) <= self.longest and re.fullmatch(self.pattern, text) is not None


TOKEN = Shape(pattern="[ -~]+", longest=64 * 1024)  # RFC 6749 appendix A.12; no answer is longer
SCOPE = Shape(pattern=r"[!#-\[\]-~]+(?: [!#-\[\]-~]+)*", longest=4096)  # RFC 6749 section 3.3
URL = Shape(pattern="[!-~]+", longest=1024)  # what else it has to be says who reads it
WORD = Shape(pattern="[A-Za-z0-9_.-]+", longest=100)
RECORD_ID = Shape(pattern="[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", longest=18)
SITE = Shape(pattern=r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%-]+)*/?", longest=512)
_MILLISECONDS = Shape(pattern="[0-9]+", longest=15)
_IDENTITY = (
    r"(?P<origin>https://[^/]+)(?:/[A-Za-z0-9._~-]+)*/id/(?P<org>00D[A-Za-z0-9]{12,15})/(?P<user>005[A-Za-z0-9]{12,15})"
)
# Words of hosts and scopes that answers have; any other may be a piece of a secret, and is looked at more closely.
_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        "https login test my salesforce com mil sandbox develop scratch site id bearer api web full refresh token offline"
        " access openid profile email address phone chatter wave pardot content lightning visualforce custom permissions"
        " eclair opaque jwt cdp ingest query segment identityresolution calculated insight sfap einstein gpt interaction scrt",
    )
)
_JWT_PARTS = 3  # header, payload, signature


def required(answer: Mapping[str, Any], field: str, shape: Shape) -> str:
    """Return the text of a field.

    Raises:
        MalformedAnswer: it is missing or of another shape.
    """
    value = answer.get(field)
    if not isinstance(value, str) or not shape.fits(value):
        raise MalformedAnswer(f"it holds no usable {field}")
    return value


def optional(answer: Mapping[str, Any], field: str, shape: Shape) -> str:
    """Return the text of a field, empty where it is left out.

    Raises:
        MalformedAnswer: it is of another shape.
    """
    return "" if answer.get(field) in (None, "") else required(answer, field, shape)


def origin(answer: Mapping[str, Any], field: str, listed: frozenset[str]) -> str:
    """Return the origin in a field, where a token may be used.

    Args:
        answer: the JSON object.
        field: its name.
        listed: hosts beside Salesforce's own.

    Raises:
        MalformedAnswer: it is missing, or not such an origin.
    """
    try:
        return token_origin(required(answer, field, URL), listed)
    except ValueError as error:
        raise MalformedAnswer(f"its {field} {error}") from None


def optional_origin(answer: Mapping[str, Any], field: str, listed: frozenset[str]) -> str:
    """Return the origin in a field, empty where it is left out.

    Raises:
        MalformedAnswer: it is not such an origin.
    """
    return "" if answer.get(field) in (None, "") else origin(answer, field, listed)


def known_words(urls: Collection[str]) -> frozenset[str]:
    """Return the words that may stand in any answer to a request at these URLs, in lower case."""
    return _WORDS.union(*map(_pieces, urls))


def _pieces(url: Foreign) -> list[str]:
    return re.findall("[a-z0-9]+", url)


def bearer(answer: Mapping[str, Any]) -> str:
    """Return the type of the token; Bearer is the only one, and meant where none is named.

    Raises:
        MalformedAnswer: it is another.
    """
    if str(answer.get("token_type", "Bearer")).lower() != "bearer":
        raise MalformedAnswer("its token_type is not Bearer")
    return "Bearer"


def identity(answer: Mapping[str, Any], listed: frozenset[str]) -> tuple[str, str, str]:
    """Return the identity URL and the ids of org and user in it; all empty where it is left out.

    Raises:
        MalformedAnswer: it is no identity URL at a host of Salesforce's or a listed one.
    """
    url = optional(answer, "id", URL)
    if not url:
        return "", "", ""
    with suppress(ValueError):
        found = _identity(url)
        token_origin(found["origin"], listed)
        return url, found["org"], found["user"]
    raise MalformedAnswer("its id is no identity URL of Salesforce's")


def _identity(url: Foreign) -> re.Match[str]:
    found = re.fullmatch(_IDENTITY, url)
    if found is None:
        raise ValueError
    return found


def issued_at(answer: Mapping[str, Any]) -> float | None:
    """Return Salesforce's issue time in epoch seconds: milliseconds as text or number, optional.

    Raises:
        MalformedAnswer: it is something else.
    """
    value = answer.get("issued_at")
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LATEST * 1000
    text = str(value) if is_number else optional(answer, "issued_at", _MILLISECONDS)
    return int(text) / 1000 if text else None


def jwt_expiry(token: Foreign) -> float:
    """Return `exp` of a token that is itself a JWT, epoch seconds; infinity where it names none, or is no JWT.

    Raises:
        MalformedAnswer: it is a JWT whose end cannot be read.
    """
    parts = [] if "!" in token else token.split(".")  # which is in each opaque token
    claims = _decoded(parts[1]) if len(parts) == _JWT_PARTS else b""
    if not claims.lstrip().startswith(b"{"):
        return float("inf")
    try:
        payload = parse_object(claims)
    except ValueError:
        raise MalformedAnswer("its access_token is a JWT that cannot be read") from None
    if "exp" not in payload:
        return float("inf")
    ends_at = payload["exp"]
    if not is_instant(ends_at) or ends_at < 0:
        raise MalformedAnswer("its access_token is a JWT whose exp is no instant")
    return float(ends_at)


def _decoded(part: Foreign) -> bytes:
    """Return what a part of a JWT holds (RFC 7515 appendix C); nothing where it is no such part."""
    with suppress(ValueError):
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    return b""
