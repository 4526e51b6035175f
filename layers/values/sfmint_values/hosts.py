"""Where tokens may be fetched and used: origins of Salesforce, and those that the operator lists."""

import re
from urllib.parse import urlsplit

from sfmint_values.foreign import Foreign

SUFFIXES = (".salesforce.com", ".salesforce.mil", ".my.site.com", ".sfcrmproducts.cn")
_FURTHER_SUFFIXES = (*SUFFIXES, ".pardot.com")  # takes the token, and never gives one
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_ADDRESS = re.compile(r"[0-9.]+|.*\.[0-9]+")
_HTTPS_PORT = 443
LONGEST_ORIGIN = 300  # characters; a host has 253 at most


def listed_hosts(text: Foreign) -> frozenset[str]:
    """Return the hosts of the parameter TokenHosts: `host` or `host:port`, separated by commas, in lower case."""
    hosts = (host.strip().lower().removesuffix(":443").rstrip() for host in text.split(","))
    return frozenset(host for host in hosts if host)


def origin_of(text: Foreign) -> str:
    """Return `https://host[:port]` in lower case, if the text is an origin and nothing more.

    Args:
        text: such as `https://acme.my.salesforce.com`; one trailing slash is forgiven.

    Raises:
        ValueError: with a clause that says what is wrong, made to follow the field's name.

    Source: RFC 6454 section 4 (origin).
    """
    if len(text) > LONGEST_ORIGIN:
        raise ValueError("is too long to be an origin")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("is not a URL") from None
    if " " in text or not text.isprintable():
        raise ValueError("must not hold spaces or control characters")  # urlsplit drops some of them without a word
    host = parts.hostname or ""
    if parts.scheme != "https":
        raise ValueError("must begin with https://")
    if "@" in text:
        raise ValueError("must not carry a user or password")
    if not host:
        raise ValueError("must name a host after https://")
    if "\\" in text or parts.path not in {"", "/"} or parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ValueError("must be an origin without a path")
    if _is_address(host):
        raise ValueError("must name a host, not an address")
    if not _is_host(host):
        raise ValueError("must name a host, which has letters, digits, hyphens and dots between them only")
    return f"https://{host}" if port in {None, _HTTPS_PORT} else f"https://{host}:{port}"


def _is_address(host: Foreign) -> bool:
    return ":" in host or _ADDRESS.fullmatch(host) is not None


def _is_host(host: Foreign) -> bool:
    return _HOST.fullmatch(host) is not None


def token_origin(text: Foreign, listed: frozenset[str]) -> str:
    """Return the origin, if a token may be fetched from it or used at it.

    Args:
        text: see `origin_of`.
        listed: further hosts, `host` or `host:port`, from the parameter TokenHosts.

    Raises:
        ValueError: see `origin_of`; also when the host is neither Salesforce's nor listed.
    """
    origin = origin_of(text)
    authority = origin.removeprefix("https://")
    if authority in listed or authority.endswith(SUFFIXES):
        return origin
    raise ValueError("is not a host of Salesforce at port 443; a host of your own belongs in the parameter TokenHosts")


def is_further_host(authority: str, listed: frozenset[str]) -> bool:
    """Return whether a connection may name a host beside its own that takes its token.

    Args:
        authority: `host` or `host:port`, as `origin_of` writes it.
        listed: as in `token_origin`.
    """
    return authority in listed or authority.endswith(_FURTHER_SUFFIXES)
