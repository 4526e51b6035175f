"""What a request may be; and that no request leaves its host, whatever it is made of."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests import PreparedRequest, Request, Response, Session
from urllib3 import HTTPResponse
from urllib3.util import parse_url

from client.rest_peer import BASE, JSON, Tokens
from client.test_rest_path import PATHS
from sfmint_client.errors import InvalidRequest, RequestNotAllowed, SfmintError
from sfmint_client.rest.allow_list import METHODS
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.request import LARGEST_BODY, LARGEST_MAX_BYTES, RestRequest
from sfmint_testing.fakes import FakeChance, FakeClock

PATH = f"{BASE}/sobjects/Account"
HOST = "acme.my.salesforce.com"
WORDS = st.text(max_size=8) | st.sampled_from(
    ["a&b=c", "#", "?", "/../", "@evil.example", "\r\nHost: x", "\ud800", "%2F"]
)


@pytest.mark.parametrize("method", METHODS)
def test_each_method_is_taken(method: str) -> None:
    assert RestRequest(method=method, path=PATH).body is None


@pytest.mark.parametrize("method", ["", "get", "OPTIONS", "TRACE", "CONNECT", "GET ", "GET /x HTTP/1.1\r\nX:", "PRI"])
def test_another_method_is_not(method: str) -> None:
    with pytest.raises(RequestNotAllowed, match="Known are GET, HEAD, POST, PATCH, PUT, DELETE"):
        RestRequest(method=method, path=PATH)


@pytest.mark.parametrize(
    "name",
    [
        *("Host", "authorization", "COOKIE", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "TE"),
        *("Upgrade", "Expect", "Trailer", "Via", "Forwarded", "X-Forwarded-Host", "X-Forwarded-For", "Accept-Encoding"),
        *("Proxy-Authorization", "Proxy-Connection", "Content-Encoding", "HTTP2-Settings"),
        *("X-HTTP-Method-Override", "X-HTTP-Method", "x-method-override"),
        *("X-Original-URL", "X-Rewrite-URL", "X-SFDC-Session"),
    ],
)
def test_a_header_that_is_not_the_callers_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(RequestNotAllowed, match=f"The header {name} may not be set"):
        RestRequest(method="GET", path=PATH, headers={name: "x"})


@pytest.mark.parametrize(
    "value", ["a\r\nHost: x", "a\nb", "\r", "a\x00", "\x7f", "é", " a", "a ", "\ta", "a\tb", "\ud800"]
)
def test_a_header_of_more_than_one_plain_line_is_refused(value: str) -> None:
    with pytest.raises(InvalidRequest, match="The header If-Match has an unusable value"):
        RestRequest(method="GET", path=PATH, headers={"If-Match": value})


@pytest.mark.parametrize(
    "name", ["", "a b", "a:", "a\r\nb", "é", "Host ", " Host", "a_b", "00D000000000001!token", "a" * 65]
)
def test_a_header_of_an_unusable_name_is_refused_without_repeating_it(name: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^A header's name is unusable") as refused:
        RestRequest(method="GET", path=PATH, headers={name: "x"})
    assert "token" not in str(refused.value)


def test_a_header_that_stands_twice_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="stands twice"):
        RestRequest(method="GET", path=PATH, headers={"If-Match": "x", "if-match": "y"})


@pytest.mark.parametrize(
    "name",
    [
        *("_HttpMethod", "_httpmethod", "_HTTPMETHOD", " _HttpMethod", "_HttpMethod ", "_HttpMethod\0", "_HttpMethod;"),
        *("x;_HttpMethod=DELETE&", "\ufeff_HttpMethod", "_Http\u2060Method"),
    ],
)
def test_a_query_does_not_change_the_method(name: str) -> None:
    with pytest.raises(RequestNotAllowed, match="_HttpMethod"):
        RestRequest(method="POST", path=PATH, query={name: "DELETE"})


@pytest.mark.parametrize("body", [b"_HttpMethod=DELETE", b"a=b&%5FhttpMethod=DELETE", b"+_HttpMethod+=DELETE"])
def test_a_form_does_not_change_the_method(body: bytes) -> None:
    form = {"content-type": "application/X-www-form-urlencoded; charset=UTF-8"}
    with pytest.raises(RequestNotAllowed, match="_HttpMethod"):
        RestRequest(method="POST", path=PATH, headers=form, body=body)
    RestRequest(method="POST", path=PATH, headers=form, body=b"a=b")


@pytest.mark.parametrize("end", [";_HttpMethod=DELETE", "%3F_HttpMethod=DELETE", "%253F_HttpMethod=DELETE"])
def test_a_path_does_not_change_the_method(end: str) -> None:
    with pytest.raises(RequestNotAllowed, match="_HttpMethod"):
        RestRequest(method="POST", path=f"{PATH}/001{end}")


@pytest.mark.parametrize("query", [{"\ud800": "x"}, {"x": "\ud800"}])
def test_half_a_character_in_a_query_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest, match="half a character"):
        RestRequest(method="GET", path=PATH, query=query)


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_a_request_that_has_no_body_is_given_none(method: str) -> None:
    with pytest.raises(InvalidRequest, match=f"A {method} request has no body"):
        RestRequest(method=method, path=PATH, headers=JSON, body=b"{}")


def test_a_body_has_a_type_and_an_end() -> None:
    RestRequest(method="PUT", path=PATH, headers={"content-TYPE": "text/csv"}, body=b"x" * LARGEST_BODY)
    with pytest.raises(InvalidRequest, match=f"longer than {LARGEST_BODY} bytes"):
        RestRequest(method="PUT", path=PATH, headers=JSON, body=b"x" * (LARGEST_BODY + 1))
    with pytest.raises(InvalidRequest, match="Add a header Content-Type"):
        RestRequest(method="PUT", path=PATH, body=b"")


@pytest.mark.parametrize("max_bytes", [-1, 0, LARGEST_MAX_BYTES + 1])
def test_an_answer_has_a_length_that_lambda_can_carry(max_bytes: int) -> None:
    RestRequest(method="GET", path=PATH, max_bytes=LARGEST_MAX_BYTES)
    with pytest.raises(InvalidRequest, match=f"from 1 to {LARGEST_MAX_BYTES}"):
        RestRequest(method="GET", path=PATH, max_bytes=max_bytes)


def test_pages_are_got() -> None:
    with pytest.raises(InvalidRequest, match="GET only"):
        RestRequest(method="POST", path=PATH, all_pages=True)


def test_what_a_request_holds_is_not_shown() -> None:
    request = RestRequest(
        method="POST", path=PATH, query={"q": "hidden"}, headers=JSON | {"X-A": "hidden"}, body=b"hidden"
    )
    assert "hidden" not in repr(request)


# --- on the way to the wire


class Recording(Session):
    """Sends nothing and remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[PreparedRequest] = []
        self.closed = 0

    def close(self) -> None:
        self.closed += 1
        super().close()

    def send(self, request: PreparedRequest, **_: Any) -> Response:
        self.given.append(request)
        response = Response()
        response.status_code, response.request = 204, request
        response.raw = HTTPResponse(b"", preload_content=False)
        return response


def sent(tokens: Tokens, **fields: Any) -> PreparedRequest | None:
    """Return what goes out, or None where the request is refused: then nothing goes out, and no token is asked for."""
    session = Recording()
    try:
        request = RestRequest(**fields)
    except SfmintError:
        return None
    RestClient(tokens, session, clock=FakeClock(), chance=FakeChance()).send(request)
    (given,) = session.given
    return given


@settings(max_examples=300)
@given(path=PATHS, query=st.dictionaries(WORDS, WORDS, max_size=3), method=st.sampled_from(METHODS))
def test_what_goes_out_goes_to_the_tokens_host_with_the_path_and_the_query_that_were_meant(
    path: str, query: dict[str, str], method: str
) -> None:
    given = sent(Tokens(f"https://{HOST}"), method=method, path=path, query=query)
    if given is None:
        return
    url = str(given.url)
    for parts in (urlsplit(url), parse_url(url)):
        assert (parts.scheme, parts.hostname, parts.port, parts.path) == ("https", HOST, None, path)
    assert given.path_url.partition("?")[0] == path
    assert parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=bool(query)) == list(query.items())
    assert given.headers["Authorization"] == "Bearer 00D000000000001!first"
    assert "Host" not in given.headers


@given(
    headers=st.dictionaries(
        st.text(max_size=12) | st.sampled_from(["Host", "X-A", "Accept", "Cookie"]), WORDS, max_size=3
    )
)
def test_what_goes_out_has_no_line_more_than_was_meant(headers: dict[str, str]) -> None:
    given = sent(Tokens(f"https://{HOST}"), method="GET", path=PATH, headers=headers)
    if given is None:
        return
    assert not any(character in f"{name}{value}" for name, value in given.headers.items() for character in "\r\n\x00")
    assert {name.lower() for name in given.headers} <= {name.lower() for name in headers} | {
        *("user-agent", "accept-encoding", "accept", "connection", "authorization", "content-length")
    }


@pytest.mark.parametrize(
    "changed",
    [
        f"http://{HOST}{PATH}",
        f"https://{HOST}:444{PATH}",
        f"https://evil.example{PATH}",
        f"https://{HOST}@evil.example{PATH}",
        f"https://{HOST}{PATH}/",
        f"https://{HOST}/services/data/v67.0//sobjects/Account",
        f"https://{HOST}{PATH}?q=x",
        f"https://{HOST}{PATH}#x",
        f"https://{HOST}{PATH.lower()}",
    ],
)
def test_a_request_that_changes_while_it_is_prepared_is_not_sent(changed: str) -> None:
    class Changing(Recording):
        def prepare_request(self, request: Request) -> PreparedRequest:
            prepared = super().prepare_request(request)
            prepared.url = changed
            return prepared

    session = Changing()
    client = RestClient(Tokens(f"https://{HOST}"), session, clock=FakeClock(), chance=FakeChance())
    with pytest.raises(RequestNotAllowed, match="would change on its way"):
        client.send(RestRequest(method="GET", path=PATH))
    assert session.given == []


def test_a_connection_that_was_quiet_for_a_minute_is_not_trusted_with_a_request() -> None:
    session, clock = Recording(), FakeClock()
    client = RestClient(Tokens(f"https://{HOST}"), session, clock=clock, chance=FakeChance())
    closed = []
    for pause_s in (0, 60, 60.5):
        clock.sleep(pause_s)
        client.send(RestRequest(method="GET", path=PATH))
        closed.append(session.closed)
    assert closed == [0, 0, 1]
