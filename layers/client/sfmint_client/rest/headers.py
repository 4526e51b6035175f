"""Which headers a request may have.

Where a request goes, for whom, and where it ends is not the caller's to say; nor is another method than was allowed.
"""

import re

from sfmint_values.foreign import Foreign

_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")  # fewer than RFC 9110 allows: a token that is pasted here is no name
_RESERVED = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "cookie",
        "expect",
        "forwarded",
        "host",
        "http2-settings",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
        "x-sfdc-session",
    }
)
_RESERVED_PREFIXES = ("proxy-", "x-forwarded-", "x-original-", "x-rewrite-")
# Those of Salesforce's REST, Bulk and Connect API, and the conditions of RFC 9110 section 13.
_FREE = frozenset(
    {
        "accept",
        "accept-language",
        "content-type",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "prefer",
        "range",
        "x-chatter-entity-encoding",
        "x-prettyprint",
    }
)
_FREE_PREFIXES = ("sforce-", "x-sfdc-packageversion-")


def is_header(name: Foreign) -> bool:
    """Tell whether a text can be a header's name."""
    return _NAME.fullmatch(name) is not None


def is_reserved(name: Foreign) -> bool:
    """Tell whether a header is never the caller's to set."""
    return name.lower() in _RESERVED or name.lower().startswith(_RESERVED_PREFIXES)


def is_free(name: Foreign) -> bool:
    """Tell whether everybody may set a header; any other needs a line of the allow-list."""
    return name.lower() in _FREE or name.lower().startswith(_FREE_PREFIXES)
