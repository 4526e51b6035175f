"""The Metadata API by SOAP: what REST does not tell of a component, its elements.

Source: Metadata API Developer Guide, "readMetadata()"; SOAP 1.1 section 4.
"""

from collections.abc import Iterable, Mapping

from sfmint_setup.component import Component, Elements, Value
from sfmint_setup.errors import OrgRefused, SessionExpired, SetupError, UnusableAnswer
from sfmint_setup.refusals import error_of
from sfmint_setup.rights import Task
from sfmint_setup.wire import DATA, Wire
from sfmint_setup.xml_text import UnusableXml, elements_of, written

VERSION = "67.0"
PATH = f"/services/Soap/m/{VERSION}"
MOST_NAMES = 10  # of one call
_BEFORE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:met="http://soap.sforce.com/2006/04/metadata">'
    "<soapenv:Header><met:SessionHeader><met:sessionId>"
)
_BETWEEN = "</met:sessionId></met:SessionHeader></soapenv:Header><soapenv:Body>"
_AFTER = "</soapenv:Body></soapenv:Envelope>"


def read_metadata(wire: Wire, kind: str, full_names: Iterable[str], task: Task) -> list[Component]:
    """Return the components that there are of those named, without a consumer's secret.

    Args:
        wire: to the org.
        kind: a type of the Metadata API.
        full_names: at most ten.
        task: what they are read for.

    Raises:
        SetupError: of a kind that says what happened.
    """
    names = "".join(f"<met:fullNames>{written(name)}</met:fullNames>" for name in full_names)
    answer = _call(wire, "readMetadata", f"<met:type>{kind}</met:type>{names}", task)
    found = _records(_at(answer, "result").get("records", ()))
    return [_component(kind, record) for record in found if record.get("fullName")]


def list_metadata(wire: Wire, kind: str, task: Task) -> list[str]:
    """Return the full names of all components of a type; see `read_metadata`."""
    queries = f"<met:queries><met:type>{kind}</met:type></met:queries><met:asOfVersion>{VERSION}</met:asOfVersion>"
    found = _records(_call(wire, "listMetadata", queries, task).get("result", ()))
    return [name for each in found if isinstance(name := each.get("fullName"), str) and name]


def _call(wire: Wire, operation: str, arguments: str, task: Task) -> Elements:
    """Return what stands in the answer to an operation."""
    body = f"<met:{operation}>{arguments}</met:{operation}>"
    headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""', "Accept": "text/xml"}
    answer = wire.send("POST", PATH, body=wire.with_token(_BEFORE, _BETWEEN + body + _AFTER), headers=headers)
    try:
        found = _at(elements_of(answer.content), "Envelope", "Body")
    except UnusableXml as error:
        if not answer.is_success:
            raise wire.refused(answer, task) from None
        raise _unusable(str(error)) from None
    if "Fault" in found:
        fault = _at(found, "Fault")
        code = str(fault.get("faultcode", "")).rpartition(":")[2]
        failed = error_of(wire.said(answer.status_code, code, str(fault.get("faultstring", ""))), task)
        raise _refused_by_soap(wire, task) if isinstance(failed, SessionExpired) else failed
    return _at(found, f"{operation}Response")


def _refused_by_soap(wire: Wire, task: Task) -> SetupError:
    """Return why SOAP does not know a session: REST tells whether it has ended, for a token that is a JWT SOAP alone refuses.

    Source: Salesforce Help, jwt_access_tokens.
    """
    try:
        wire.get(f"{DATA}/limits", task)
    except SetupError as error:
        return error
    return OrgRefused(
        "The org's SOAP API does not take the administrator's session, so the app's settings cannot be read.",
        remedy="Take a session whose token is opaque, such as the sf CLI's own: tokens that are JWTs are refused by SOAP.",
        code="INVALID_SESSION_ID",
    )


def _records(found: Value) -> list[Elements]:
    return [each for each in (found if isinstance(found, tuple) else (found,)) if isinstance(each, Mapping)]


def _at(elements: Elements, *names: str) -> Elements:
    for name in names:
        value: Value | None = elements.get(name)
        if not isinstance(value, Mapping):
            # An element without children is read as text.
            if isinstance(value, str) and not value.strip():
                return {}
            raise _unusable(f"holds no {name}")
        elements = value
    return elements


def _component(kind: str, record: Elements) -> Component:
    elements = {name: value for name, value in record.items() if name != "fullName"}
    return Component(type=kind, full_name=str(record["fullName"]), elements=elements)


def _unusable(how: str) -> UnusableAnswer:
    return UnusableAnswer(
        f"The org's answer by SOAP {how}.", remedy="Check that the instance URL is the org's own, then run this again."
    )
