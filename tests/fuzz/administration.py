"""Readers of what an org's Setup and the sf CLI say to an administrator."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from hypothesis import strategies as st
from requests import PreparedRequest, Response, Session

from fuzz.mutation import as_bytes, changed, json_texts, mutated, mutated_text, odd_texts
from fuzz.target import Target, is_fit_to_show, read
from sfmint_cli.apps import sf_program
from sfmint_setup.component import PERMISSION_SET, Component
from sfmint_setup.errors import SetupError
from sfmint_setup.org import Org
from sfmint_setup.problems import problem_of, problems_of
from sfmint_setup.wire import Wire, instance_origin
from sfmint_setup.xml_text import UnusableXml, document, elements_of
from sfmint_testing.fakes import FakeClock
from sfmint_values.secret import Secret

TOKEN = "00D000000000001!AQ0AQFuzzedFuzzedFuzzed"
ORIGIN = "https://acme.my.salesforce.com"
SECRET = "a consumer's own secret"
ORG, USER, APP, DEPLOYMENT = "00D000000000001EAA", "005000000000001AAA", "0xI000000000001AAA", "0Af000000000001AAA"
ENVELOPE = (
    f'<?xml version="1.0"?><e:Envelope xmlns:e="urn:e"><e:Body><readMetadataResponse xmlns="urn:m"><result><records>'
    f"<fullName>orders</fullName><externalClientApplication>orders</externalClientApplication><consumerKey>3MVG9</consumerKey>"
    f"<consumerSecret>{SECRET}</consumerSecret><oauthConfig><scopes>Api</scopes><scopes>Web</scopes></oauthConfig>"
    f"</records></result></readMetadataResponse></e:Body></e:Envelope>"
).encode()
FAULT = (
    b'<e:Envelope xmlns:e="urn:e"><e:Body><e:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>INVALID_SESSION_ID:'
    b" Invalid Session ID</faultstring></e:Fault></e:Body></e:Envelope>"
)
XML_PIECES = (
    b"<!DOCTYPE a>",
    b"<!ENTITY e 'x'>",
    b"&e;",
    b"&#0;",
    b"<consumerSecret>",
    b"</",
    b"]]>",
    b"<?x?>",
    b"\xff",
    b"\x00",
)
RESULT: dict[str, Any] = {
    "done": True,
    "status": "Failed",
    "errorStatusCode": "UNKNOWN_EXCEPTION",
    "errorMessage": "An unexpected error occurred",
    "details": {
        "componentFailures": [{"componentType": "T", "fullName": "orders", "problem": "duplicate value found"}]
    },
    "numberComponentsDeployed": 1,
    "numberComponentsTotal": 6,
}
RECORD: dict[str, Any] = {"Id": USER, "Username": "a@example.com", "IsActive": True, "Profile": {"Name": "P"}}
PAGE: dict[str, Any] = {
    "totalSize": 1,
    "done": False,
    "nextRecordsUrl": "/services/data/v67.0/query/x-1",
    "records": [RECORD],
}
USERINFO = {"user_id": USER, "organization_id": ORG, "preferred_username": "a@example.com"}
REFUSAL = {"errorCode": "INSUFFICIENT_ACCESS", "message": f"no {TOKEN} here"}
CREDENTIALS = {"consumers": [{"id": "888000000000001", "key": "3MVG9", "secret": SECRET}]}
KINDS = ("application/json", "text/xml", "text/html", "", "application/json; charset=UTF-8")


class _Answers(Session):
    """Answers each request with one after the other of a few bodies, and the last one for ever."""

    def __init__(self, answers: list[tuple[int, str, bytes]]) -> None:
        super().__init__()
        self._answers = answers

    def send(self, request: PreparedRequest, **_: Any) -> Response:
        status, kind, body = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        response = Response()
        response.status_code, response.raw, response.request = status, BytesIO(body), request
        response.headers["Content-Type"] = kind
        return response


class _NoNotes:
    def has(self, org_id: str) -> bool:
        return False

    def add(self, org_id: str) -> None:
        pass

    def drop(self, org_id: str) -> None:
        pass


@dataclass(frozen=True)
class _Talk:
    """What an org answers, and what it is asked."""

    answers: list[tuple[int, str, bytes]]
    ask: Callable[[Org], object]


def _talk(given: _Talk) -> None:
    clock = FakeClock()
    wire = Wire(session=_Answers([*given.answers]), origin=ORIGIN, token=Secret(TOKEN), clock=clock)
    found = read(lambda: given.ask(Org(wire=wire, clock=clock, notes=_NoNotes())), SetupError)
    assert SECRET not in repr(found)


ASKS: tuple[Callable[[Org], object], ...] = (
    lambda org: org.identity(),
    lambda org: org.user("a@example.com"),
    lambda org: org.permission_set("orders_access"),
    lambda org: org.app("orders"),
    lambda org: org.assign(USER, "0PS"),
    lambda org: org.deploy({"package.xml": b"x"}, check_only=True, observe=lambda _: None),
)
_bodies = (
    as_bytes(json_texts(PAGE, USERINFO, {"id": DEPLOYMENT}, {"deployResult": RESULT}, CREDENTIALS))
    | as_bytes(json_texts(REFUSAL).map(lambda text: f"[{text}]"))
    | mutated(ENVELOPE, FAULT, pieces=XML_PIECES)
    | st.just(json.dumps({"deployResult": RESULT}).encode())
)
_answers = st.tuples(st.sampled_from((200, 201, 400, 401, 403, 500, 302)), st.sampled_from(KINDS), _bodies)
_talks = st.builds(_Talk, st.lists(_answers, min_size=1, max_size=6), st.sampled_from(ASKS))


def _xml(data: bytes) -> None:
    elements = read(lambda: elements_of(data), UnusableXml)
    if elements is None:
        return
    assert SECRET not in repr(elements)
    part = Component(type=PERMISSION_SET, full_name="x", elements=elements)
    written = read(lambda: document(part), UnusableXml)
    assert written is not None
    assert elements_of(written) == {PERMISSION_SET: elements}


def _problems(result: dict[str, Any]) -> None:
    for problem in read(lambda: problems_of(result)) or ():
        for text in (problem.cause, problem.remedy, problem.said, problem.component):
            is_fit_to_show(text)


def _problem(text: str) -> None:
    problem = read(lambda: problem_of(text, text))
    assert problem is not None
    is_fit_to_show(problem.cause)


def _instance(text: str) -> None:
    found = read(lambda: instance_origin(text, frozenset()), SetupError)
    assert found is None or instance_origin(found, frozenset()) == found


def _sf(output: bytes) -> None:
    document_ = read(lambda: sf_program._document(output))
    assert document_ is not None
    refusal = sf_program._refusal_of("acme", document_, document_)
    if refusal is not None:
        is_fit_to_show(refusal.cause)


SF = {
    "status": 1,
    "name": "NamedOrgNotFoundError",
    "message": "No org",
    "result": {"accessToken": TOKEN, "instanceUrl": ORIGIN},
}
TARGETS = (
    Target("talks with Setup", _talks, _talk),
    Target("XML of Setup", mutated(ENVELOPE, FAULT, pieces=XML_PIECES) | st.binary(), _xml),
    Target("results of deployments", changed(RESULT, {}, also=("success",)), _problems),
    Target(
        "problems of components", odd_texts | mutated_text("duplicate value found", "Invalid plugin settings"), _problem
    ),
    Target("instance URLs", odd_texts | mutated_text(ORIGIN, "https://acme.lightning.force.com/x"), _instance),
    Target("what the sf CLI says", as_bytes(json_texts(SF, {"result": 1})) | st.binary(), _sf),
)
