"""``/services/Soap/m/NN.0``: the calls of the Metadata API that read.

Source: Metadata API Developer Guide; Salesforce Help, jwt_access_tokens (tokens that are JWTs, refused before API 68).
"""

import base64
import threading
from collections.abc import Callable
from itertools import count

from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from sfmint_local.org.gate import LIMIT_EXCEEDED, Gate
from sfmint_local.org.identifiers import ORG_ID, salesforce_id, user_id
from sfmint_local.org.session import Session
from sfmint_local.org.setup.components import TYPES, Component
from sfmint_local.org.setup.reading import (
    LACKS_METADATA_RIGHTS,
    METADATA_RIGHTS,
    may_read,
    readable,
    shown,
    type_of,
    xml_name,
)
from sfmint_local.org.setup.user_tables import salesforce_time
from sfmint_local.org.soap.component_xml import elements_xml
from sfmint_local.org.soap.envelope import Call, SoapError, answer, element, flag, read_call
from sfmint_local.org.soap.retrieval import Retrieval, retrieve
from sfmint_local.org.store import Store
from sfmint_local.org.wire import OrgRequest

type _Operation = Callable[[Call, Session, int], str]

_TAKES_JWTS_SINCE = 68
_MOST_READ = 10
_MOST_LISTED = 3


class Metadata:
    """The Metadata API by SOAP.

    Args:
        store: what the org knows.
        gate: lets requests in.
    """

    def __init__(self, store: Store, gate: Gate) -> None:
        self._store = store
        self._gate = gate
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._retrievals: dict[str, Retrieval] = {}
        self._operations: dict[str, _Operation] = {
            "readMetadata": self._read,
            "listMetadata": self._list,
            "describeMetadata": self._describe,
            "retrieve": self._retrieve,
            "checkRetrieveStatus": self._check,
        }

    def rules(self) -> list[Rule]:
        """Return the addresses served."""
        base = "/services/Soap/m/<version>"
        return [
            Rule(base, endpoint=self.call, methods=["POST"]),
            Rule(f"{base}/<org>", endpoint=self.call_of_org, methods=["POST"]),
        ]

    def call_of_org(self, request: OrgRequest, version: str, org: str) -> Response:
        """Answer a call at the address with the org's id, which older clients use."""
        return self.call(request, version if org[:15] == ORG_ID[:15] else "")

    def call(self, request: OrgRequest, version: str) -> Response:
        """Answer a call, or refuse it with a fault."""
        try:
            call = read_call(request.get_data())
            session = self._admit(request, call, version)
            results = self._operation(call.operation)(call, session, int(version.removesuffix(".0")))
        except SoapError as fault:
            request.note = f"{request.note} {fault}".strip()
            return fault.answer()
        return answer(call.operation, results)

    def _operation(self, name: str) -> _Operation:
        if name in self._operations:
            return self._operations[name]
        known = ", ".join(sorted(self._operations))
        message = f"The embedded org does not know the operation {name[:80]}. It knows {known}."
        raise SoapError("UNKNOWN_EXCEPTION", message)

    def _admit(self, request: OrgRequest, call: Call, version: str) -> Session:
        number = version.removesuffix(".0")
        if not number.isdigit() or f"{number}.0" != version or int(number) not in self._gate.versions():
            raise SoapError("UNSUPPORTED_API_VERSION", f"Invalid Api version specified on URL: {version[:20]}")
        session = self._gate.session(request, call.session_id)
        if session is None or not session.is_for_the_api or (session.is_jwt and int(number) < _TAKES_JWTS_SINCE):
            raise SoapError("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
        if self._gate.spend() is None:
            raise SoapError(LIMIT_EXCEEDED, "TotalRequests Limit exceeded.")
        if not self._store.setup.rights(session.username) & METADATA_RIGHTS:
            raise SoapError("INSUFFICIENT_ACCESS", LACKS_METADATA_RIGHTS)
        return session

    def _visible(self, session: Session, kind: str) -> list[Component]:
        held = self._store.setup.rights(session.username)
        if kind not in TYPES or not may_read(kind, held):
            raise SoapError("INVALID_TYPE", f"{kind[:80]} is not a known type in this org, for this user")
        return [shown(part, held, self._store.settings) for part in readable(self._store.setup, kind)]

    def _read(self, call: Call, session: Session, _version: int) -> str:
        kind, names = call.text("type"), call.texts("fullNames")
        if len(names) > _MOST_READ:
            raise SoapError("LIMIT_EXCEEDED", f"record limit reached. cannot submit more than {_MOST_READ} records")
        there = {part.full_name: part for part in self._visible(session, kind)}
        records = "".join(_record(there[name]) if name in there else '<records xsi:nil="true"/>' for name in names)
        return f"<result>{records}</result>"

    def _list(self, call: Call, session: Session, _version: int) -> str:
        kinds = call.texts("queries", "type")
        if len(kinds) > _MOST_LISTED:
            raise SoapError("LIMIT_EXCEEDED", f"no more than {_MOST_LISTED} queries are allowed in a call")
        parts = [part for kind in kinds for part in self._visible(session, type_of(kind))]
        return "".join(f"<result>{self._properties(part, _file_name(part), session)}</result>" for part in parts)

    def _describe(self, _call: Call, session: Session, _version: int) -> str:
        held = self._store.setup.rights(session.username)
        objects = "".join(
            f"<metadataObjects>{element('directoryName', kind.folder)}{flag('inFolder', is_set=False)}"
            f"{flag('metaFile', is_set=False)}{element('suffix', kind.suffix)}{element('xmlName', xml_name(name))}"
            "</metadataObjects>"
            for name, kind in TYPES.items()
            if may_read(name, held)
        )
        flags = f"{flag('partialSaveAllowed', is_set=True)}{flag('testRequired', is_set=False)}"
        return f"<result>{objects}{element('organizationNamespace', '')}{flags}</result>"

    def _retrieve(self, call: Call, session: Session, version: int) -> str:
        request = call.within_the_first()
        held = self._store.setup.rights(session.username)
        visible = [part for kind in TYPES if may_read(kind, held) for part in self._visible(session, kind)]
        wanted = {
            next((child.text.strip() for child in types.children if child.name == "name"), ""): [
                child.text.strip() for child in types.children if child.name == "members"
            ]
            for types in request.nodes("unpackaged", "types")
        }
        done = retrieve(
            wanted,
            visible,
            request_id=salesforce_id("09S", next(self._numbers)),
            version=f"{version}.0",
            single=request.text("singlePackage") == "true",
            ends_at=self._store.now() + self._store.settings.retrieve_s,
        )
        with self._lock:
            self._retrievals[done.id] = done
        return f"<result>{flag('done', is_set=False)}{element('id', done.id)}{element('state', 'Queued')}</result>"

    def _check(self, call: Call, session: Session, _version: int) -> str:
        done = self._retrievals.get(call.text("asyncProcessId"))
        if done is None:
            raise SoapError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if self._store.now() < done.ends_at:
            state = f"{element('id', done.id)}{element('status', 'InProgress')}{flag('success', is_set=False)}"
            return f"<result>{flag('done', is_set=False)}{state}{element('zipFile', None)}</result>"
        properties = "".join(
            f"<fileProperties>{self._properties(part, name, session)}</fileProperties>"
            for name, part in done.files.items()
        )
        messages = "".join(
            f"<messages>{element('fileName', name)}{element('problem', problem)}</messages>"
            for name, problem in done.problems.items()
        )
        with_zip = call.text("includeZip") != "false"
        archive = element("zipFile", base64.b64encode(done.archive).decode() if with_zip else None)
        states = f"{element('id', done.id)}{messages}{element('status', 'Succeeded')}{flag('success', is_set=True)}"
        return f"<result>{flag('done', is_set=True)}{properties}{states}{archive}</result>"

    def _properties(self, part: Component, file_name: str, session: Session) -> str:
        who = {
            "ById": user_id(session.username),
            "ByName": session.username,
            "Date": salesforce_time(self._store.now()),
        }
        return "".join(
            [
                *(element(f"created{name}", text) for name, text in who.items()),
                element("fileName", file_name),
                element("fullName", part.full_name),
                element("id", self._store.setup.ids().get((part.type, part.full_name), "")),
                *(element(f"lastModified{name}", text) for name, text in who.items()),
                element("manageableState", "unmanaged"),
                element("type", xml_name(part.type)),
            ]
        )


def _record(part: Component) -> str:
    return (
        f'<records xsi:type="{part.type}">{element("fullName", part.full_name)}{elements_xml(part.elements)}</records>'
    )


def _file_name(part: Component) -> str:
    return f"{TYPES[part.type].folder}/{part.full_name}.{TYPES[part.type].suffix}"
