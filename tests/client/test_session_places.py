"""Interfaces that take the session elsewhere than in Authorization, and code of the org that answers a 401 of its own."""

from collections.abc import Iterator

import pytest
import requests
from simple_salesforce.bulk import SFBulkHandler, SFBulkType
from werkzeug.wrappers import Response

from client.answers import FIRST, SECOND
from client.rest_server import EXPIRED, Heard, RestServer, Tokens, running_rest_server
from sfmint_client.auth import SalesforceAuth
from sfmint_client.errors import WrongHost

APEX = "/services/apexrest/orders"
ENDED = {
    "JSON": (b'{"exceptionCode":"InvalidSessionId","exceptionMessage":"Invalid session id"}', "application/json"),
    "XML": (
        b"<error xmlns='x'><exceptionCode>InvalidSessionId</exceptionCode><exceptionMessage>x</exceptionMessage></error>",
        "application/xml",
    ),
}
FAULT = (
    b"<soapenv:Envelope><soapenv:Body><soapenv:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode>"
    b"<faultstring>INVALID_SESSION_ID: Invalid Session ID found in SessionHeader</faultstring></soapenv:Fault>"
)
ENVELOPE = "<e:Header><n:SessionHeader><n:sessionId>see session</n:sessionId></n:SessionHeader></e:Header><e:Body/>"


@pytest.fixture
def host() -> Iterator[RestServer]:
    with running_rest_server() as server:
        yield server


@pytest.fixture
def tokens(host: RestServer) -> Tokens:
    host.alive = {SECOND}
    return Tokens(FIRST, SECOND, "00D!third", urls=(host.url,))


@pytest.fixture
def http(tokens: Tokens) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.auth = SalesforceAuth(tokens)
        yield session


def answering(body: bytes, status: int, kind: str, *, until: str) -> object:
    """Refuse every request that does not carry a token anywhere, as an interface does that looks elsewhere."""

    def answer(heard: Heard) -> Response:
        good = until.encode() in heard.body or heard.session == until
        return Response(b"[]", 200, content_type=kind) if good else Response(body, status, content_type=kind)

    return answer


@pytest.mark.parametrize("ended", ENDED)
@pytest.mark.parametrize("status", [400, 401])
def test_bulk_gets_the_true_token_in_its_own_header_and_is_healed(
    http: requests.Session, host: RestServer, tokens: Tokens, ended: str, status: int
) -> None:
    body, kind = ENDED[ended]
    host.answer = answering(body, status, kind, until=SECOND)  # type: ignore[assignment]
    headers = {"X-SFDC-Session": "see session"}
    assert http.post(f"{host.url}/services/async/67.0/job", data=b"{}", headers=headers, timeout=5).status_code == 200
    assert [heard.session for heard in host.heard] == [FIRST, SECOND]
    assert len(tokens.rejected) == 1


def test_rest_that_answers_in_xml_is_healed(http: requests.Session, host: RestServer, tokens: Tokens) -> None:
    said = b"<Errors><Error><errorCode>INVALID_SESSION_ID</errorCode><message>Session expired or invalid</message></Error></Errors>"
    host.answer = lambda heard: (
        None if heard.authorization == f"Bearer {SECOND}" else Response(said, 401, content_type="application/xml")
    )
    headers = {"Accept": "application/xml"}
    assert http.post(f"{host.url}/services/data/v67.0/x", data=b"{}", headers=headers, timeout=5).status_code == 200
    assert len(tokens.rejected) == 1


def test_another_refusal_of_rest_in_xml_stays(http: requests.Session, host: RestServer, tokens: Tokens) -> None:
    said = b"<Error><errorCode>INVALID_SESSION_ID</errorCode><message>This session is not valid for use with it</message></Error>"
    host.answer = lambda _: Response(said, 401, content_type="application/xml")
    assert http.get(f"{host.url}/services/data/v67.0/x", timeout=5).status_code == 401
    assert tokens.rejected == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(("path", "headers"), [("async/67.0/job", {"X-SFDC-Session": "x"}), ("Soap/m/67.0", {})])
def test_no_redirect_takes_the_token_to_another_host(
    http: requests.Session, host: RestServer, path: str, headers: dict[str, str], status: int
) -> None:
    host.alive = {FIRST}
    with running_rest_server() as other:
        host.answer = lambda _: Response(b"", status, headers={"Location": f"{other.url}/services/{path}"})
        with pytest.raises(WrongHost, match="sends the request on to another host"):
            http.post(f"{host.url}/services/{path}", data=ENVELOPE, headers=headers, timeout=5)
        assert other.heard == []


def test_a_redirect_on_the_same_host_keeps_the_session(http: requests.Session, host: RestServer) -> None:
    host.alive = {FIRST}
    host.answer = lambda heard: (
        None if heard.path.endswith("there") else Response(b"", 307, headers={"Location": "/services/async/there"})
    )
    headers = {"X-SFDC-Session": "see session"}
    assert http.post(f"{host.url}/services/async/here", data=b"{}", headers=headers, timeout=5).status_code == 200
    assert [heard.session for heard in host.heard] == [FIRST, FIRST]


def test_another_refusal_of_bulk_stays(http: requests.Session, host: RestServer, tokens: Tokens) -> None:
    host.answer = lambda _: Response(b'{"exceptionCode":"InvalidBatch"}', 400, content_type="application/json")
    assert http.post(f"{host.url}/services/async/67.0/job", data=b"{}", timeout=5).status_code == 400
    assert tokens.rejected == []


@pytest.mark.parametrize("body", [ENVELOPE, ENVELOPE.encode()])
def test_soap_gets_the_true_token_in_its_envelope_and_is_healed(
    http: requests.Session, host: RestServer, tokens: Tokens, body: str | bytes
) -> None:
    host.answer = answering(FAULT, 500, "text/xml", until=SECOND)  # type: ignore[assignment]
    assert http.post(f"{host.url}/services/Soap/m/67.0", data=body, timeout=5).status_code == 200
    assert [heard.body.decode() for heard in host.heard] == [
        ENVELOPE.replace("see session", token) for token in (FIRST, SECOND)
    ]
    assert len(tokens.rejected) == 1


def test_what_is_no_session_in_a_body_is_left_alone(http: requests.Session, host: RestServer, tokens: Tokens) -> None:
    host.alive = {FIRST}
    http.post(f"{host.url}/services/data/v67.0/x", data=ENVELOPE, timeout=5)
    http.post(f"{host.url}/services/Soap/m/67.0", data="<sessionIds>a</sessionIds>", timeout=5)
    assert [heard.body for heard in host.heard] == [ENVELOPE.encode(), b"<sessionIds>a</sessionIds>"]


def test_simple_salesforce_uses_bulk_with_our_session(http: requests.Session, host: RestServer) -> None:
    def answer(heard: Heard) -> Response:
        is_good = heard.session == FIRST
        said = b'{"id": "750", "state": "Closed"}' if is_good else ENDED["JSON"][0]
        return Response(said, 200 if is_good else 400, content_type="application/json")

    host.answer = answer
    bulk = SFBulkType("Account", f"{host.url}/services/async/67.0/", SFBulkHandler("see session", "").headers, http)
    assert bulk._close_job("750")["state"] == "Closed"
    assert {heard.session for heard in host.heard} == {FIRST}


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_a_401_of_the_orgs_own_code_costs_neither_a_second_write_nor_a_good_token(
    http: requests.Session, host: RestServer, tokens: Tokens, method: str
) -> None:
    host.alive = {FIRST}
    host.answer = lambda heard: Response(EXPIRED, 401) if heard.path == APEX else None
    assert http.request(method, f"{host.url}{APEX}", data=b"{}", timeout=5).status_code == 401
    assert [heard.path for heard in host.heard] == [APEX, "/services/data/v60.0/limits"]
    assert tokens.rejected == []


def test_a_dead_token_is_reported_but_the_write_is_not_sent_twice(
    http: requests.Session, host: RestServer, tokens: Tokens
) -> None:
    assert http.post(f"{host.url}{APEX}", data=b"{}", timeout=5).status_code == 401
    assert [heard.path for heard in host.heard].count(APEX) == 1
    assert len(tokens.rejected) == 1
    assert http.post(f"{host.url}{APEX}", data=b"{}", timeout=5).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_read_of_the_orgs_own_code_is_healed_once_it_is_certain(
    http: requests.Session, host: RestServer, tokens: Tokens, method: str
) -> None:
    answer = http.request(method, f"{host.url}{APEX}", timeout=5)
    assert answer.status_code == (200 if method == "GET" else 401)  # a HEAD has no body that gives the reason
    assert len(tokens.rejected) == (1 if method == "GET" else 0)


def test_a_host_that_falls_silent_is_no_proof(http: requests.Session, host: RestServer, tokens: Tokens) -> None:
    host.answer = lambda heard: Response(EXPIRED, 401) if heard.path == APEX else Response(b"", 503)
    assert http.post(f"{host.url}{APEX}", data=b"{}", timeout=5).status_code == 401
    assert tokens.rejected == []


@pytest.mark.parametrize("path", ["/services/data/v67.0/sobjects/Account", "/services/async/67.0/job"])
def test_a_write_that_salesforce_itself_refuses_is_sent_again(
    http: requests.Session, host: RestServer, tokens: Tokens, path: str
) -> None:
    assert http.post(f"{host.url}{path}", data=b"{}", timeout=5).status_code == 200
    assert [heard.path for heard in host.heard] == [path, path]
