"""The token in each request, and one second try."""

import gzip
import io
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import requests
from werkzeug.wrappers import Response

from client.answers import FIRST, SECOND, fingerprint_of
from client.rest_server import EXPIRED, Heard, RestServer, Tokens, running_rest_server
from sfmint_client.auth import SalesforceAuth
from sfmint_client.errors import RejectionLimited, WrongHost

DATA = "/services/data/v67.0"
OTHER_REFUSALS = [
    b'[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]',
    b'[{"message":"Session expired or invalid","errorCode":"INVALID_AUTH_HEADER"}]',
    b'[{"message":"Session expired or invalid"}]',
    b'["Session expired or invalid","INVALID_SESSION_ID"]',
    b'"INVALID_SESSION_ID"',
    b"<html>Session expired or invalid INVALID_SESSION_ID</html>",
    b"[" * 20_000,
    b"\xff\xfe{",
    b"",
]


@pytest.fixture
def host() -> Iterator[RestServer]:
    with running_rest_server() as server:
        yield server


@pytest.fixture
def other_host() -> Iterator[RestServer]:
    with running_rest_server() as server:
        yield server


@pytest.fixture
def tokens(host: RestServer) -> Tokens:
    """The first token has expired, the second is good."""
    host.alive = {SECOND}
    return Tokens(FIRST, SECOND, "00D!third", urls=(host.url,))


@pytest.fixture
def http(tokens: Tokens) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.auth = SalesforceAuth(tokens)
        yield session


def sent_with(host: RestServer) -> list[str]:
    return [(heard.authorization or "").removeprefix("Bearer ") for heard in host.heard]


def refuse(body: bytes, status: int = 401, **headers: str) -> Response:
    return Response(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def test_the_token_is_in_the_request(http: requests.Session, host: RestServer) -> None:
    host.alive = {FIRST}

    assert http.get(f"{host.url}/services/data", timeout=5).json() == {"done": True}
    assert sent_with(host) == [FIRST]


def test_an_expired_token_is_reported_and_the_request_repeated(
    http: requests.Session, host: RestServer, tokens: Tokens
) -> None:
    answer = http.patch(f"{host.url}{DATA}/record", json={"Name": "New"}, timeout=5)

    assert answer.status_code == 200
    assert tokens.rejected == [fingerprint_of(FIRST)]
    assert sent_with(host) == [FIRST, SECOND]
    assert {(heard.method, heard.path, heard.body) for heard in host.heard} == {
        ("PATCH", f"{DATA}/record", b'{"Name": "New"}')
    }


def test_the_first_answer_stands_in_the_history(http: requests.Session, host: RestServer) -> None:
    answer = http.get(f"{host.url}{DATA}", timeout=5)

    assert [response.status_code for response in answer.history] == [401]
    assert answer.history[0].json() == json.loads(EXPIRED)


@pytest.mark.parametrize("body", [EXPIRED, EXPIRED[1:-1], b'[{"errorCode":"OTHER"},' + EXPIRED[1:]])
def test_the_refusal_may_be_a_list_or_an_object(
    http: requests.Session, host: RestServer, tokens: Tokens, body: bytes
) -> None:
    host.answer = lambda heard: None if SECOND in (heard.authorization or "") else refuse(body)

    assert http.get(f"{host.url}{DATA}", timeout=5).status_code == 200
    assert len(tokens.rejected) == 1


def test_a_request_is_repeated_once_only(http: requests.Session, host: RestServer, tokens: Tokens) -> None:
    host.alive = set()

    answer = http.get(f"{host.url}{DATA}", timeout=5)

    assert (answer.status_code, answer.content) == (401, EXPIRED)
    assert sent_with(host) == [FIRST, SECOND]
    assert tokens.rejected == [fingerprint_of(FIRST)]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("body", OTHER_REFUSALS)
def test_another_401_is_handed_back_as_it_came(
    http: requests.Session, host: RestServer, tokens: Tokens, body: bytes, *, stream: bool
) -> None:
    host.answer = lambda heard: refuse(body)

    answer = http.get(f"{host.url}{DATA}", timeout=5, stream=stream)

    assert (answer.status_code, answer.content) == (401, body)
    assert tokens.rejected == []
    assert len(host.heard) == 1


def test_a_401_that_is_handed_back_can_be_read_raw(http: requests.Session, host: RestServer) -> None:
    host.answer = lambda heard: refuse(OTHER_REFUSALS[0])

    with http.get(f"{host.url}{DATA}", timeout=5, stream=True) as answer:
        assert answer.raw.read() == OTHER_REFUSALS[0]


@pytest.mark.parametrize("status", [400, 403, 500])
def test_another_status_is_left_alone(http: requests.Session, host: RestServer, tokens: Tokens, status: int) -> None:
    host.answer = lambda heard: refuse(EXPIRED, status=status)

    assert http.get(f"{host.url}{DATA}", timeout=5).status_code == status
    assert tokens.rejected == []


def test_a_compressed_refusal_is_understood_and_still_readable(
    http: requests.Session, host: RestServer, tokens: Tokens
) -> None:
    host.alive = set()
    host.answer = lambda heard: refuse(gzip.compress(EXPIRED), Content_Encoding="gzip")

    assert http.get(f"{host.url}{DATA}", timeout=5).content == EXPIRED
    assert len(tokens.rejected) == 1


def test_what_calls_itself_compressed_and_is_not_stays_unread(
    http: requests.Session, host: RestServer, tokens: Tokens
) -> None:
    host.answer = lambda heard: refuse(EXPIRED, Content_Encoding="gzip")

    with http.get(f"{host.url}{DATA}", timeout=5, stream=True) as answer:
        assert answer.status_code == 401
    assert tokens.rejected == []


@pytest.mark.parametrize("headers", [{}, {"Content-Length": str(1024 * 65_536)}])
def test_of_a_refusal_only_the_start_is_read_and_then_hung_up(
    http: requests.Session, host: RestServer, tokens: Tokens, headers: dict[str, str]
) -> None:
    hung_up = Event()

    def blanks() -> Iterator[bytes]:
        try:
            for _ in range(1024):
                yield b" " * 65_536
        except GeneratorExit:
            hung_up.set()

    host.answer = lambda heard: Response(blanks(), status=401, headers=headers)

    answer = http.get(f"{host.url}{DATA}", timeout=5)

    assert answer.content == b" " * 65_536
    assert hung_up.wait(5)
    assert tokens.rejected == []


def test_a_refusal_that_breaks_off_is_an_error_of_requests(http: requests.Session, host: RestServer) -> None:
    host.answer = lambda heard: Response(iter([EXPIRED]), status=401, headers={"Content-Length": "9999"})

    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="broke off"):
        http.get(f"{host.url}{DATA}", timeout=5)


def test_a_streamed_answer_is_healed_and_streams(http: requests.Session, host: RestServer) -> None:
    with http.get(f"{host.url}{DATA}", timeout=5, stream=True) as answer:
        assert list(answer.iter_lines()) == [b'{"done": true}']


def test_a_file_is_sent_again_from_where_it_began(http: requests.Session, host: RestServer, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"skip Name\nAmber Foods\n")
    with path.open("rb") as file:
        file.seek(5)
        answer = http.put(f"{host.url}{DATA}", data=file, timeout=5)

    assert answer.status_code == 200
    assert [heard.body for heard in host.heard] == [b"Name\nAmber Foods\n"] * 2


def test_a_form_with_a_file_is_sent_again(http: requests.Session, host: RestServer) -> None:
    answer = http.post(f"{host.url}{DATA}", files={"rows": io.BytesIO(b"Name\n")}, timeout=5)

    assert answer.status_code == 200
    assert host.heard[0].body == host.heard[1].body != b""


class OnceOnly(io.RawIOBase):
    """A stream that cannot be taken back."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._content.readinto(buffer)


def pipe() -> Any:
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as end:
        end.write(b"Name\n")
    return os.fdopen(reader, "rb")


def closed_after_sending() -> Any:
    """Return a file that is closed as soon as it was read."""

    class Closing(io.BytesIO):
        def read(self, *args: Any) -> bytes:
            piece = super().read(*args)
            if not piece:
                self.close()
            return piece

    return Closing(b"Name\n")


@pytest.mark.parametrize(
    "make_body", [lambda: iter([b"Name\n"]), lambda: OnceOnly(b"Name\n"), pipe, closed_after_sending]
)
def test_a_body_that_cannot_be_read_twice_is_not_sent_again_but_the_token_is_reported(
    http: requests.Session, host: RestServer, tokens: Tokens, make_body: Any
) -> None:
    body = make_body()

    answer = http.post(f"{host.url}{DATA}", data=body, timeout=5)
    if hasattr(body, "close"):
        body.close()

    assert (answer.status_code, answer.content) == (401, EXPIRED)
    assert tokens.rejected == [fingerprint_of(FIRST)]
    assert [heard.body for heard in host.heard] == [b"Name\n"]
    assert http.get(f"{host.url}{DATA}", timeout=5).status_code == 200


def test_if_there_is_no_other_token_the_callers_gets_the_reason(
    http: requests.Session, host: RestServer, tokens: Tokens
) -> None:
    tokens.fails_with = RejectionLimited("Fresh tokens keep being rejected. Look at the app.")

    with pytest.raises(RejectionLimited, match="Fresh tokens"):
        http.get(f"{host.url}{DATA}", timeout=5)

    assert len(host.heard) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/services/data",
        "{scheme}s://{host}:{port}/",
        "{scheme}://{host}/",
        "{scheme}://{host}:1/",
        "{scheme}://localhost:{port}/",
        "{scheme}://{host}:{port}@example.com/",
        "{scheme}://{host}.example.com:{port}/",
        "{scheme}://user:{port}@example.com:{port}/",
    ],
)
def test_a_request_to_another_host_is_never_sent(
    http: requests.Session, host: RestServer, tokens: Tokens, url: str
) -> None:
    scheme, _, rest = host.url.partition("://")
    name, _, port = rest.partition(":")

    with pytest.raises(WrongHost, match="instance_url") as caught:
        http.get(url.format(scheme=scheme, host=name, port=port), timeout=5)

    assert host.url in str(caught.value)
    assert host.heard == []


def test_a_backslash_leads_nowhere_else(http: requests.Session, host: RestServer) -> None:
    host.alive = {FIRST}

    assert http.get(f"{host.url}\\@example.com/", timeout=5).status_code == 200


def test_a_host_is_compared_as_it_is_sent(http: requests.Session) -> None:
    http.auth = SalesforceAuth(Tokens(FIRST, urls=("https://acme.my.salesforce.com",)))

    request = http.prepare_request(requests.Request("GET", "https://ACME.my.salesforce.com:443/services/data"))

    assert request.headers["Authorization"] == f"Bearer {FIRST}"


def test_a_redirect_to_another_host_takes_no_token_along_and_its_401_reports_none(
    http: requests.Session, host: RestServer, other_host: RestServer, tokens: Tokens
) -> None:
    host.answer = lambda heard: Response(status=307, headers={"Location": f"{other_host.url}/elsewhere"})

    answer = http.get(f"{host.url}{DATA}", timeout=5)

    assert answer.status_code == 401
    assert [heard.authorization for heard in other_host.heard] == [None]
    assert tokens.rejected == []


def test_even_if_a_session_keeps_the_header_nothing_is_repeated_at_another_host(
    tokens: Tokens, host: RestServer, other_host: RestServer
) -> None:
    class Careless(requests.Session):
        def should_strip_auth(self, old_url: str, new_url: str) -> bool:
            return False

    host.answer = lambda heard: Response(status=307, headers={"Location": other_host.url})
    with Careless() as http:
        assert http.get(f"{host.url}{DATA}", auth=SalesforceAuth(tokens), timeout=5).status_code == 401

    assert len(other_host.heard) == 1
    assert tokens.rejected == []


def test_a_request_that_comes_back_without_its_token_reports_none(
    http: requests.Session, host: RestServer, other_host: RestServer, tokens: Tokens
) -> None:
    def away(heard: Heard) -> Response | None:
        return Response(status=307, headers={"Location": other_host.url}) if heard.path == DATA else None

    host.answer = away
    other_host.answer = lambda heard: Response(status=307, headers={"Location": f"{host.url}/there"})

    assert http.get(f"{host.url}{DATA}", timeout=5).status_code == 401
    assert [heard.authorization for heard in host.heard] == [f"Bearer {FIRST}", None]
    assert tokens.rejected == []


def test_a_redirect_within_the_host_is_healed_too(http: requests.Session, host: RestServer) -> None:
    def away(heard: Heard) -> Response | None:
        return Response(status=307, headers={"Location": f"{DATA}/there"}) if heard.path == f"{DATA}/here" else None

    host.answer = away

    assert http.get(f"{host.url}{DATA}/here", timeout=5).status_code == 200
    assert [heard.path for heard in host.heard] == [f"{DATA}{place}" for place in ("/here", "/there", "/there")]


def test_if_the_org_has_moved_the_request_is_not_repeated_at_the_old_host(
    host: RestServer, other_host: RestServer
) -> None:
    moved = Tokens(FIRST, SECOND, urls=(host.url, other_host.url))

    with pytest.raises(WrongHost, match=other_host.url):
        requests.get(f"{host.url}{DATA}", auth=SalesforceAuth(moved), timeout=5)

    assert sent_with(host) == [FIRST]
    assert other_host.heard == []


def test_a_hook_of_the_callers_sees_the_healed_answer_only(http: requests.Session, host: RestServer) -> None:
    seen: list[int] = []
    http.hooks["response"].append(lambda response, **_: seen.append(response.status_code))

    http.get(f"{host.url}{DATA}", timeout=5)

    assert seen == [200]


def test_threads_share_one_auth_and_one_session(http: requests.Session, host: RestServer, tokens: Tokens) -> None:
    def call(number: int) -> tuple[int, object]:
        answer = http.post(f"{host.url}{DATA}/{number}", data=str(number), timeout=10)
        return answer.status_code, answer.request.body

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(32)))

    assert answers == [(200, str(number)) for number in range(32)]
    assert {heard.path.removeprefix(f"{DATA}/").encode() == heard.body for heard in host.heard} == {True}
    assert set(tokens.rejected) == {fingerprint_of(FIRST)}
