"""SOAP's envelope: what a call says, and how it is answered or refused.

Source: SOAP 1.1; Metadata API Developer Guide, SessionHeader; SOAP API Developer Guide, ExceptionCode.
"""

from dataclasses import dataclass, replace
from typing import Self
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from sfmint_local.org.setup.xml_tree import NAMESPACE, Node, XmlError, read_tree

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_TYPE = "text/xml;charset=UTF-8"


class SoapError(Exception):
    """A refusal: a code of Salesforce and its sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    def answer(self) -> Response:
        """Return Salesforce's answer."""
        text = escape(f"{self.code}: {self.message}")
        fault = f"<faultcode>sf:{self.code}</faultcode><faultstring>{text}</faultstring>"
        return _response(f"<soapenv:Fault>{fault}</soapenv:Fault>", f'xmlns:sf="{NAMESPACE}"', status=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call.

    Attributes:
        session_id: of the header; empty where there is none.
        operation: its name.
        arguments: the children of the operation's element.
    """

    session_id: str
    operation: str
    arguments: tuple[Node, ...]

    def within_the_first(self) -> Self:
        """Return the call as if it had the arguments that stand in its first one.

        Clients do not agree on that one's name: the WSDL says ``retrieveRequest`` and jsforce ``request``.
        """
        inner = self.arguments[0].children if self.arguments else ()
        return replace(self, arguments=tuple(inner))

    def text(self, *path: str) -> str:
        """Return an argument's text, empty where it is left out."""
        return next(iter(self.texts(*path)), "")

    def texts(self, *path: str) -> list[str]:
        """Return the texts of an argument that may be repeated."""
        return [node.text.strip() for node in self.nodes(*path)]

    def nodes(self, *path: str) -> list[Node]:
        """Return the elements of an argument that may be repeated."""
        found = list(self.arguments)
        for depth, name in enumerate(path):
            found = [node for node in found if node.name == name]
            if depth < len(path) - 1:
                found = [child for node in found for child in node.children]
        return found


def read_call(data: bytes) -> Call:
    """Read an envelope.

    Raises:
        SoapError: it is none.
    """
    try:
        root = read_tree(data)
    except XmlError as error:
        raise SoapError("UNKNOWN_EXCEPTION", f"The envelope cannot be read: {error}") from None
    parts = {child.name: child for child in root.children if child.namespace == _ENVELOPE}
    if (root.name, root.namespace) != ("Envelope", _ENVELOPE) or not (body := parts.get("Body")) or not body.children:
        raise SoapError("UNKNOWN_EXCEPTION", "No SOAP envelope with a body was found")
    operation = body.children[0]
    if operation.namespace != NAMESPACE:
        raise SoapError("UNKNOWN_EXCEPTION", f"No operation available for request {operation.name[:80]}")
    header = parts.get("Header", Node("Header"))
    ids = [inner.text.strip() for outer in header.children for inner in outer.children if inner.name == "sessionId"]
    return Call(session_id=ids[0] if ids else "", operation=operation.name, arguments=tuple(operation.children))


def answer(operation: str, results: str) -> Response:
    """Answer a call with the XML of its results."""
    body = f"<{operation}Response>{results}</{operation}Response>"
    return _response(body, f'xmlns="{NAMESPACE}" xmlns:xsi="{_INSTANCE}"', status=200)


def element(name: str, text: str | None) -> str:
    """Write an element with a text; None writes it as nil."""
    return f'<{name} xsi:nil="true"/>' if text is None else f"<{name}>{escape(text)}</{name}>"


def flag(name: str, *, is_set: bool) -> str:
    """Write an element that says true or false."""
    return element(name, str(is_set).lower())


def _response(body: str, namespaces: str, *, status: int) -> Response:
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" {namespaces}>'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    return Response(text, status=status, content_type=_TYPE)
