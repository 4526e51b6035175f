"""Where a connection logs in, and what its assertions are for: a My Domain, or an Experience Cloud site with its path."""

import re
from collections.abc import Callable

from sfmint_values.browser_address import login_of
from sfmint_values.foreign import Foreign
from sfmint_values.hosts import is_further_host, origin_of, token_origin
from sfmint_values.text_list import texts_of

MOST_HOSTS = 20
_AFTER_SCHEME = len("https://")
_LONGEST = 600  # characters: an origin and a path
_PATH = re.compile(r"(?:/[A-Za-z0-9_-]{1,80}){1,4}")
_WITHOUT_SITES = (".salesforce.com", ".salesforce.mil", ".sfcrmproducts.cn")
_ENDPOINT = "/services"  # what follows it is ours to add


def audience_url(text: Foreign) -> str:
    """Return an audience in its one spelling: an origin, or the URL of a site.

    Args:
        text: such as `https://acme.my.salesforce.com` or `https://acme.my.site.com/portal`.

    Raises:
        ValueError: with a clause that says what is wrong, made to follow the field's name.

    Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration": `aud` is the login server, or the
    URL of the site.
    """
    if login := login_of(text):
        raise ValueError(f"is an address of the browser; the login is at {login}")
    return _url(text, origin_of)


def token_url(text: Foreign, listed: frozenset[str]) -> str:
    """Return the URL below which `/services/oauth2/token` is asked, in its one spelling.

    Args:
        text: as in `audience_url`.
        listed: hosts beside Salesforce's own, `host` or `host:port`, from the parameter TokenHosts.

    Raises:
        ValueError: see `audience_url`; also when the host is neither Salesforce's nor listed.
    """
    try:
        return _url(text, lambda origin: token_origin(origin, listed))
    except ValueError:
        if login := login_of(text):
            raise ValueError(f"is an address of the browser; the login is at {login}") from None
        raise


def further_hosts(value: object, listed: frozenset[str]) -> tuple[str, ...]:
    """Return the hosts beside its own that a connection's token may be sent to, `host` or `host:port`.

    Args:
        value: a list of texts, or one text that holds several; see `texts_of`.
        listed: hosts beside Salesforce's own, from the parameter TokenHosts.

    Raises:
        ValueError: with a clause as in `audience_url`; a host is counted, and never quoted.
    """
    texts = texts_of(value)
    if len(texts) > MOST_HOSTS:
        raise ValueError(f"names more than {MOST_HOSTS} hosts")
    return tuple(dict.fromkeys(_further(number, text, listed) for number, text in enumerate(texts, start=1)))


def _further(number: int, text: Foreign, listed: frozenset[str]) -> str:
    try:
        host = origin_of(text if "://" in text else f"https://{text}").removeprefix("https://")
    except ValueError:
        raise ValueError(f"names at place {number} what is no host, such as api.salesforce.com") from None
    if not is_further_host(host, listed):
        raise ValueError(f"names at place {number} a host that is neither Salesforce's nor in the parameter TokenHosts")
    return host


def _url(text: Foreign, check: Callable[[str], str]) -> str:
    """Check the origin of a URL, and its path if it has one."""
    if len(text) > _LONGEST:
        raise ValueError("is too long")
    at = text.find("/", _AFTER_SCHEME)
    path = text[at:].removesuffix("/") if at > 0 else ""
    if not path:
        return check(text)
    origin = check(text[:at])
    if origin.endswith(_WITHOUT_SITES):
        raise ValueError(f"must be an origin without a path: {origin}")
    if f"{path}/".startswith(f"{_ENDPOINT}/") or f"{_ENDPOINT}/oauth2" in path:
        raise ValueError(f"must end before {_ENDPOINT}")
    if not _is_path(path):
        raise ValueError("must be the URL of a site: its path has letters, digits, - and _ only")
    return f"{origin}{path}"


def _is_path(path: Foreign) -> bool:
    return _PATH.fullmatch(path) is not None
