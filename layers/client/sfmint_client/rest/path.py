"""Paths of REST requests that every reader of URLs understands alike, and the hosts that they may be put to.

What one program takes for a path another may take for a host, or for a way out of a folder. So a path is taken only in
the one spelling that nobody would change, and judged in every way in which a server may read it.

Source: RFC 3986 sections 3.3 (path), 5.2.4 (dot segments) and 6.2.2 (one spelling).
"""

import re
from collections.abc import Collection
from contextlib import suppress

from sfmint_client.errors import RequestNotAllowed, WrongHost
from sfmint_client.rest.reading import MOST_ENCODINGS, EncodedTooOften, names_method, readings
from sfmint_values.foreign import Foreign
from sfmint_values.hosts import token_origin

LONGEST_PATH = 4096

# Segments of RFC 3986's characters; the rest as upper-case triplets, and only the rest: 2D, 2E, 5F, 7E, letters and
# digits need none.
_NEEDLESS = "2[DE]|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE]"
_SPELLING = re.compile(rf"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%(?!{_NEEDLESS})[0-9A-F]{{2}})*)+")
# Parameters, a query and blanks belong to no segment: some servers drop them before they look for dots.
_DOTS = re.compile(r"(?:^|/)\.{1,2}(?:[;?#&\s/]|$)")
_DANGEROUS = re.compile(r"^//|[\\\x00-\x1f\x7f-\x9f\u2028\u2029]")


def check_path(path: Foreign) -> None:
    """Refuse a path that might mean another place than it says.

    Raises:
        RequestNotAllowed: it is no absolute path in its one spelling, or some reading of it leads elsewhere.
    """
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        raise RequestNotAllowed(
            "The path does not begin with exactly one slash. Leave scheme and host out: they are the connection's own."
        )
    if "?" in path or "#" in path:
        raise RequestNotAllowed("The path holds a query or a fragment. Put the query into the field query.")
    if len(path) > LONGEST_PATH:
        raise RequestNotAllowed(f"The path is longer than {LONGEST_PATH} characters. Put long values into the query.")
    ways = _readings(path)
    if names_method(path):
        raise RequestNotAllowed("The path names another method, in _HttpMethod. Name it in the field method.")
    if any(map(_leads_elsewhere, ways)):
        raise RequestNotAllowed(
            "The path holds a dot segment, a backslash or a control character, perhaps percent-encoded."
            " Name the resource itself."
        )
    if "//" in path or not _SPELLING.fullmatch(path):
        raise RequestNotAllowed(
            "The path is not spelled as it would be sent. Encode each segment as encodeURIComponent does (%2F, not %2f; no"
            " letter or digit), and leave no segment empty."
        )


def checked_origin(instance_url: Foreign, listed: frozenset[str]) -> str:
    """Return `https://host[:port]`, if a token may be sent there.

    The broker has checked the host before it answered; this is the last door, where the token is added.

    Args:
        instance_url: of the token's answer; one trailing slash is forgiven.
        listed: hosts beside Salesforce's own, `host` or `host:port`.

    Raises:
        WrongHost: no https origin of Salesforce's at port 443, nor of a listed host.
    """
    with suppress(ValueError):
        origin = token_origin(instance_url, listed)
        if origin == instance_url.removesuffix("/").removesuffix(":443"):  # the broker answers it in this one spelling
            return origin
    raise WrongHost(
        "The token's instance_url is neither a host of Salesforce nor a listed one, so nothing was sent there."
        " A host of your own belongs in the stack's parameter TokenHosts."
    )


def listed_origin(host: Foreign, hosts: Collection[str]) -> str:
    """Return the origin of a further host, if the connection lists it.

    Raises:
        WrongHost: it does not.
    """
    if host not in hosts:
        raise WrongHost(
            "The connection does not list the host of this request, so nothing was sent there."
            " Leave it out for the org's own, or have the operator add it to the connection's hosts."
        )
    return f"https://{host}"


def _leads_elsewhere(reading: Foreign) -> bool:
    return _DOTS.search(reading) is not None or _DANGEROUS.search(reading) is not None


def _readings(path: Foreign) -> list[str]:
    try:
        return list(readings(path))
    except UnicodeDecodeError:
        raise RequestNotAllowed(
            "The path holds percent-encoded bytes that are not UTF-8. Encode the text as UTF-8 first."
        ) from None
    except EncodedTooOften:
        raise RequestNotAllowed(
            f"The path is percent-encoded more than {MOST_ENCODINGS} times over. Encode it once."
        ) from None
