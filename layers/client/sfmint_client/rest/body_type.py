"""Which Content-Types a body may have, so that every server reads it alike, and no form changes the method.

Sources: RFC 9110 section 8.3.1 (media type), RFC 7578 (multipart/form-data), RFC 2047 and 2231 (names in mail's notations); the types are those of Salesforce's REST, Bulk,
Connect and Metadata API, and of files.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from email.message import Message

from sfmint_client.errors import InvalidRequest, RequestNotAllowed
from sfmint_client.rest.reading import names_method
from sfmint_values.foreign import Foreign, ForeignBytes

_FORM, _PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
_TYPES = frozenset(
    {
        *("application/json", "application/xml", "application/octet-stream", "application/pdf", "application/zip"),
        *("application/gzip", "application/javascript", "zip/xml", "zip/csv", "zip/json", _FORM, _PARTS),
        *("application/x-ndjson", "application/yaml", "application/x-yaml", "application/graphql"),
        *("application/msword", "application/rtf", "application/x-zip-compressed", "message/rfc822"),
    }
)
_FAMILIES = ("text/", "image/", "audio/", "video/", "application/vnd.")
_ENDS = ("+json", "+xml")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,100}")
_LONGEST = 300  # characters
_PARAMETERS = frozenset({"charset", "boundary", "header"})
_UNICODE = frozenset({"utf-8", "utf8", "us-ascii"})
# Of a text that is no form another charset changes letters only; those in which ASCII means something else are not taken.
_CHARSETS = _UNICODE | {"iso-8859-1", "iso-8859-15", "windows-1252", "shift_jis", "gb2312", "big5"}
_WORD = re.compile(r"=\?[^?\s]{1,40}\?(?:[bB]\?(?P<base64>[A-Za-z0-9+/=]{0,300})|[qQ]\?(?P<quoted>[^?\s]{0,300}))\?=")
_NEXT = re.compile(r"/?\s{0,9};\s{0,9}name\*[0-9]{1,3}\*?\s{0,9}=\s{0,9}/?", re.IGNORECASE)
_NAME = re.compile(rb"name\*?(?:[0-9]{1,3}\*?)?\s{0,9}=\s{0,9}([^\r\n]{1,300})", re.IGNORECASE)


def check_type(content_type: Foreign) -> str:
    """Return the media type of a body.

    Raises:
        RequestNotAllowed: a type, charset or parameter that not every server reads alike.
    """
    if len(content_type) > _LONGEST or "*" in content_type:
        raise RequestNotAllowed("The Content-Type cannot be read. Name the type, and at most a charset beside it.")
    message = Message()
    message["Content-Type"] = content_type
    given = message.get_params(failobj=[], unquote=True)
    kind, parameters = given[0][0].lower(), [(name.lower(), value.lower()) for name, value in given[1:] if name]
    if not _is_taken(kind):
        raise RequestNotAllowed(
            "A body may not have this Content-Type. Send JSON, XML, CSV, text, an image or bytes"
            " (application/octet-stream), or a file as multipart/form-data."
        )
    names = [name for name, _ in parameters]
    if not set(names) <= _PARAMETERS or len(set(names)) < len(names):
        raise RequestNotAllowed(
            "The Content-Type has a parameter that is not allowed. Leave out all but charset and boundary."
        )
    charset = dict(parameters).get("charset", "utf-8")
    if charset not in (_UNICODE if kind in {_FORM, _PARTS} else _CHARSETS):
        raise RequestNotAllowed("The Content-Type names a charset that not every server reads alike. Send UTF-8.")
    return kind


def _is_taken(kind: Foreign) -> bool:
    if _MEDIA_TYPE.fullmatch(kind) is None:
        return False
    return kind in _TYPES or kind.startswith(_FAMILIES) or kind.endswith(_ENDS)


def check_form(kind: str, body: ForeignBytes) -> None:
    """Refuse a form that names another method.

    Args:
        kind: the media type.
        body: as it is sent.

    Raises:
        InvalidRequest: a form that is no ASCII.
        RequestNotAllowed: it names one.
    """
    if kind == _FORM and not body.isascii():
        raise InvalidRequest("The form holds bytes beyond ASCII. Percent-encode names and values as UTF-8.")
    texts = (body.decode(),) if kind == _FORM else _names(body) if kind == _PARTS else ()
    if any(map(names_method, texts)):
        raise RequestNotAllowed("The form names another method, in _HttpMethod. Name it in the field method.")


def _names(body: ForeignBytes) -> Iterator[str]:
    """Yield what may be names of a form's parts, also in the notations of RFC 5987, RFC 2231 and RFC 2047."""
    for found in _NAME.finditer(body):
        name = found[1].decode(errors="replace").replace('"', "/").replace("'", "/")
        yield from (name, _without_words(name), _joined(name))


def _without_words(name: Foreign) -> str:
    return _WORD.sub(_meant, name)


def _joined(name: Foreign) -> str:
    return _NEXT.sub("", name)


def _meant(word: re.Match[str]) -> str:
    """Return what an encoded word of RFC 2047 stands for."""
    if (encoded := word["base64"]) is not None:
        signs = encoded.replace("=", "")
        return b64decode(signs[: len(signs) - (len(signs) % 4 == 1)] + "==").decode(errors="replace")
    return str(word["quoted"]).replace("=", "%")
