"""The token endpoint over real TLS: every way in which a peer may misbehave, what it is called, and what it costs."""

import json
import logging
import socket
import ssl
import time
import traceback
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import pytest

from adapters.peers import AskingProxy, authority, canned, listening, proxy, silent
from org_fixture import Customer, MakeCustomer
from sfmint.adapters import http_pool, token_endpoint
from sfmint.adapters.signers.pem import pem_signer
from sfmint.adapters.token_endpoint import HttpsTokenEndpoint
from sfmint.errors import AssertionRejected, CacheUnavailable, LoginRateExceeded, SalesforceUnavailable, SfmintError
from sfmint.row.decisions import POST_S
from sfmint.salesforce.connection import Connection, parse_connection
from sfmint.salesforce.login_failures.table import LoginFailed
from sfmint_local.org.values import Fault
from sfmint_testing.fakes import FakeClock, a_connection
from sfmint_values import budgeted_socket
from sfmint_values.proxy_login import ProxyLogin, basic
from sfmint_values.secret import Secret
from sfmint_values.system import SystemClock

MIB = 1024 * 1024
SHORT_S = 0.4  # stands for the seven seconds of POST_S
GRANTED = b'{"access_token": "00DEXAMPLE!token", "instance_url": "https://acme.my.salesforce.com"}'


def http_answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "Connection: close", "", ""]).encode() + body


def connection_of(customer: Customer, **changes: Any) -> Connection:
    listed = frozenset({customer.control.url.removeprefix("https://")})
    return parse_connection("my-org", json.dumps(customer.secret(**changes)), listed)


def assertion_for(connection: Connection) -> Secret:
    return pem_signer(connection).sign(connection, now=time.time(), jti=str(uuid4()))


def log_in(endpoint: HttpsTokenEndpoint, customer: Customer) -> str:
    connection = connection_of(customer)
    token: str = endpoint.exchange(connection, assertion_for(connection))["access_token"]
    return token


def refusal_by(endpoint: HttpsTokenEndpoint, connection: Connection, assertion: Secret | None = None) -> LoginFailed:
    """Return how an exchange fails, once it is plain that nothing else stands behind the error."""
    assertion = assertion or Secret("an-assertion")
    with pytest.raises(LoginFailed) as failed:
        endpoint.exchange(connection, assertion)
    error: BaseException | None = failed.value
    while error is not None:
        assert isinstance(error, LoginFailed), "a foreign exception may carry the request or the answer"
        assert assertion.reveal() not in repr((error, error.args, vars(error)))
        error = error.__cause__ or error.__context__
    assert assertion.reveal() not in "".join(traceback.format_exception(failed.value))
    return failed.value


@pytest.fixture
def endpoint(customer: Customer) -> HttpsTokenEndpoint:
    return HttpsTokenEndpoint(SystemClock(), customer.control.ca, None)


def test_an_assertion_is_exchanged_for_the_whole_answer(endpoint: HttpsTokenEndpoint, customer: Customer) -> None:
    connection = connection_of(customer)
    answer = endpoint.exchange(connection, assertion_for(connection))
    assert answer["access_token"].startswith("00D")
    assert answer["instance_url"] == customer.control.url
    assert answer["token_type"] == "Bearer"
    assert customer.logins == 1


def test_the_request_is_the_grant_and_nothing_else(tmp_path: Path) -> None:
    requests: list[bytes] = []
    context, ca = authority(tmp_path)
    with listening(canned(context, http_answer(GRANTED), requests)) as port:
        connection = a_connection(token_host=f"https://localhost:{port}")
        HttpsTokenEndpoint(SystemClock(), ca, None).exchange(connection, Secret("an.assertion"))
    head, _, body = requests[0].partition(b"\r\n\r\n")
    lines = head.decode().lower().splitlines()
    assert lines[0] == "post /services/oauth2/token http/1.1"
    assert parse_qs(body.decode()) == {"grant_type": [token_endpoint.GRANT_TYPE], "assertion": ["an.assertion"]}
    assert {"content-type: application/x-www-form-urlencoded", "accept-encoding: identity"} <= set(lines)
    assert not [line for line in lines if line.startswith(("authorization", "cookie"))]


def test_a_site_is_asked_below_its_path(tmp_path: Path) -> None:
    requests: list[bytes] = []
    context, ca = authority(tmp_path)
    with listening(canned(context, http_answer(GRANTED), requests)) as port:
        connection = a_connection(token_host=f"https://localhost:{port}/portal")
        HttpsTokenEndpoint(SystemClock(), ca, None).exchange(connection, Secret("an.assertion"))
    lines = requests[0].decode().splitlines()
    assert lines[0] == "POST /portal/services/oauth2/token HTTP/1.1"
    assert f"Host: localhost:{port}" in lines


@dataclass(frozen=True)
class Misbehaviour:
    """What the org does, how that is called, and how many logins it costs."""

    kind: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)
    error: type[SfmintError] = SalesforceUnavailable
    logins: int = 0
    detail: str = ""


LOGIN_RATE = {"error": "invalid_grant", "description": "login rate exceeded"}
NEWS = {"error": "invalid_thing", "description": "no scope for 00Dxx0000000001!AQcanary"}
MISBEHAVIOURS = {
    "unknown_error": Misbehaviour("oauth_error", "salesforce_fault"),
    "login rate": Misbehaviour("oauth_error", "login_rate", LOGIN_RATE, error=LoginRateExceeded),
    "an error nobody knows": Misbehaviour(
        "oauth_error",
        "refused",
        NEWS,
        error=AssertionRejected,
        detail='it says "invalid_thing: no scope for (redacted)"',
    ),
    "404 without a body": Misbehaviour(
        "status", "refused_without_a_word", {"code": 404}, error=AssertionRejected, detail="it is HTTP 404"
    ),
    "404 with a page": Misbehaviour("html", "malformed_answer", {"code": 404}, detail="it is HTTP 404"),
    "429": Misbehaviour("status", "too_many_requests", {"code": 429}, error=LoginRateExceeded),
    "500": Misbehaviour("status", "salesforce_fault", {"code": 500}),
    "503": Misbehaviour("status", "salesforce_fault", {"code": 503, "retry_after": 3}),
    "a page": Misbehaviour("html", "malformed_answer", detail="it is not labelled as JSON"),
    "a page with 503": Misbehaviour("html", "salesforce_fault", {"code": 503}),
    "not labelled as JSON": Misbehaviour(
        "content_type", "malformed_answer", logins=1, detail="it is not labelled as JSON"
    ),
    "the token twice": Misbehaviour(
        "duplicate_keys", "malformed_answer", logins=1, detail="it is a JSON object in which a name stands twice"
    ),
    "truncated": Misbehaviour("truncate", "no_answer", logins=1, detail="it broke off"),
    "reset": Misbehaviour("reset", "no_answer"),
    "lost answer": Misbehaviour("lost_answer", "no_answer", logins=1),
    "5 MB": Misbehaviour("large", "malformed_answer", {"mb": 5}, logins=1, detail="it is longer than 64 KiB"),
    "endless": Misbehaviour("endless", "malformed_answer", detail="it is longer than 64 KiB"),
    "gzip bomb": Misbehaviour("gzip_bomb", "malformed_answer", {"mb": 16}, detail="it is compressed"),
}


@pytest.mark.parametrize("misbehaviour", MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
def test_a_misbehaving_endpoint_is_named_asked_once_and_forgotten(
    endpoint: HttpsTokenEndpoint, customer: Customer, misbehaviour: Misbehaviour, caplog: pytest.LogCaptureFixture
) -> None:
    customer.control.add_fault(Fault(where="token", kind=misbehaviour.kind, params=misbehaviour.params))
    asked = customer.control.counters().token_requests
    connection = connection_of(customer)
    assertion = assertion_for(connection)
    with caplog.at_level(logging.DEBUG):
        failed = refusal_by(endpoint, connection, assertion)
    assert (failed.reason.code, failed.detail) == (misbehaviour.code, misbehaviour.detail)
    assert type(failed.to_error()) is misbehaviour.error
    assert customer.control.counters().token_requests == asked + 1, "a login is never sent twice"
    assert customer.logins == misbehaviour.logins
    assert assertion.reveal() not in caplog.text
    assert log_in(endpoint, customer)


@pytest.mark.parametrize(
    "answer",
    [
        http_answer(b""),
        http_answer(b"[]"),
        http_answer(b"[" * 60_000),
        http_answer(b'{"access_token": "\xff"}'),
        http_answer(GRANTED[:-1]),
        http_answer(GRANTED, "Content-Encoding: br"),
        http_answer(GRANTED, status="204 No Content"),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
        b"220 mail.example.com ESMTP\r\n",
        b"",
    ],
    ids=[
        "empty",
        "list",
        "brackets",
        "not UTF-8",
        "cut",
        "brotli",
        "204",
        "bad chunk",
        "long header",
        "mail",
        "nothing",
    ],
)
def test_bytes_that_are_no_token_answer_are_no_token(tmp_path: Path, answer: bytes) -> None:
    requests: list[bytes] = []
    context, ca = authority(tmp_path)
    with listening(canned(context, answer, requests)) as port:
        connection = a_connection(token_host=f"https://localhost:{port}")
        failed = refusal_by(HttpsTokenEndpoint(SystemClock(), ca, None), connection)
    assert type(failed.to_error()) is SalesforceUnavailable
    assert len(requests) == 1


REFUSED = json.dumps({"error": "invalid_grant", "error_description": "invalid assertion"}).encode()


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("text/html", REFUSED, "wrong_key"),
        ("text/html;charset=UTF-8", b"\xef\xbb\xbf" + REFUSED, "wrong_key"),
        ("text/plain", REFUSED, "wrong_key"),
        ("text/plain", b"<!DOCTYPE html><html>Blocked</html>", "malformed_answer"),
        ("", b"<html>Blocked</html>", "malformed_answer"),
    ],
)
def test_an_answer_is_told_by_what_it_holds_and_not_by_what_a_proxy_calls_it(
    tmp_path: Path, kind: str, body: bytes, code: str
) -> None:
    context, ca = authority(tmp_path)
    head = f"HTTP/1.1 400 Bad Request\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with listening(canned(context, head + body, [])) as port:
        connection = a_connection(token_host=f"https://localhost:{port}")
        failed = refusal_by(HttpsTokenEndpoint(SystemClock(), ca, None), connection)
    assert failed.reason.code == code


def test_an_answer_in_chunks_is_put_together(tmp_path: Path) -> None:
    context, ca = authority(tmp_path)
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (GRANTED[:9], GRANTED[9:], b""))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    with listening(canned(context, head + chunks, [])) as port:
        connection = a_connection(token_host=f"https://localhost:{port}")
        answer = HttpsTokenEndpoint(SystemClock(), ca, None).exchange(connection, Secret("an.assertion"))
    assert answer == json.loads(GRANTED)


def test_a_fault_of_our_own_is_raised_at_once_and_not_taken_for_silence(customer: Customer) -> None:
    class BrokenClock(FakeClock):
        def monotonic(self) -> float:
            if current_thread() is not main_thread():
                raise RuntimeError("a fault of our own")
            return super().monotonic()

    endpoint = HttpsTokenEndpoint(BrokenClock(), customer.control.ca, None)
    with pytest.raises(RuntimeError, match="of our own"):
        endpoint.exchange(connection_of(customer), Secret("an.assertion"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(
    endpoint: HttpsTokenEndpoint, customer: Customer, tmp_path: Path, status: int
) -> None:
    elsewhere: list[bytes] = []
    context, _ = authority(tmp_path)
    with listening(canned(context, http_answer(GRANTED), elsewhere)) as port:
        fault = Fault(where="token", kind="redirect", params={"code": status, "location": f"https://localhost:{port}/"})
        customer.control.add_fault(fault)
        assert refusal_by(endpoint, connection_of(customer)).reason.code == "malformed_answer"
    assert elsewhere == []
    assert customer.logins == 0


def test_the_body_of_a_redirect_is_not_read_without_end(tmp_path: Path) -> None:
    sent = [0]
    context, ca = authority(tmp_path)

    def endless(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(65536)
            tls.sendall(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 99999999999\r\n\r\n")
            while sent[0] < 64 * MIB:
                sent[0] += tls.send(b"x" * 16_384)

    with listening(endless) as port:
        connection = a_connection(token_host=f"https://localhost:{port}")
        failed = refusal_by(HttpsTokenEndpoint(SystemClock(), ca, None), connection)
    assert (failed.reason.code, failed.detail) == ("malformed_answer", "it is longer than 64 KiB")
    assert sent[0] < 32 * MIB, "what was not read lies in the buffers of the two sockets"


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("hang", {"seconds": 20}),
        ("drip", {"interval_ms": 20}),
        ("drip", {"interval_ms": 20, "headers": True}),
    ],
    ids=["silence", "a body drop by drop", "headers drop by drop"],
)
def test_no_answer_outlasts_the_bound(
    endpoint: HttpsTokenEndpoint,
    customer: Customer,
    kind: str,
    params: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customer.control.add_fault(Fault(where="token", kind=kind, params=params))
    connection = connection_of(customer)
    assertion = assertion_for(connection)
    with monkeypatch.context() as short:
        short.setattr(token_endpoint, "POST_S", SHORT_S)
        began = time.monotonic()
        failed = refusal_by(endpoint, connection, assertion)
        took_s = time.monotonic() - began
    assert took_s < 10 * SHORT_S, "each of the faults lasts longer"
    assert failed.reason.code == "no_answer"
    assert customer.logins <= 1
    assert log_in(endpoint, customer)


def test_a_peer_that_never_shakes_hands_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_endpoint, "POST_S", SHORT_S)
    _, ca = authority(tmp_path)
    with listening(silent) as port:
        failed = refusal_by(
            HttpsTokenEndpoint(SystemClock(), ca, None), a_connection(token_host=f"https://localhost:{port}")
        )
    assert type(failed.to_error()) is SalesforceUnavailable


def test_a_refused_connection_is_unreachable(tmp_path: Path) -> None:
    _, ca = authority(tmp_path)
    with listening(silent) as port:
        pass
    connection = a_connection(token_host=f"https://localhost:{port}")
    failed = refusal_by(HttpsTokenEndpoint(SystemClock(), ca, None), connection)
    assert (failed.reason.code, failed.detail) == ("unreachable", "nothing answers at its address")


def test_a_name_that_does_not_resolve_is_unreachable(tmp_path: Path) -> None:
    _, ca = authority(tmp_path)
    connection = a_connection(token_host="https://no-such-org.invalid")
    failed = refusal_by(HttpsTokenEndpoint(SystemClock(), ca, None), connection)
    assert (failed.reason.code, failed.detail) == ("unreachable", "its name does not resolve")


@pytest.mark.parametrize("bundle", ["another authority", "certifi's"])
def test_a_certificate_of_an_unknown_authority_is_refused(customer: Customer, tmp_path: Path, bundle: str) -> None:
    _, other = authority(tmp_path)
    endpoint = HttpsTokenEndpoint(SystemClock(), other if bundle == "another authority" else None, None)
    failed = refusal_by(endpoint, connection_of(customer))
    assert failed.reason.code == "untrusted_tls"
    assert customer.logins == 0


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    requests: list[bytes] = []
    context, ca = authority(tmp_path, "elsewhere.example")
    with listening(canned(context, http_answer(GRANTED), requests)) as port:
        connection = a_connection(token_host=f"https://localhost:{port}")
        assert refusal_by(HttpsTokenEndpoint(SystemClock(), ca, None), connection).reason.code == "untrusted_tls"
    assert requests == []


def test_tls_below_1_2_is_refused(tmp_path: Path) -> None:
    context, ca = authority(tmp_path)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with listening(canned(context, http_answer(GRANTED), [])) as port:
        connection = a_connection(token_host=f"https://localhost:{port}")
        assert refusal_by(HttpsTokenEndpoint(SystemClock(), ca, None), connection).reason.code == "untrusted_tls"


def test_proxies_of_the_environment_are_ignored(
    endpoint: HttpsTokenEndpoint, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connects: list[str] = []
    with listening(proxy(connects)) as port:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert log_in(endpoint, customer)
    assert connects == []


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_authorities_of_the_environment_are_ignored(
    customer: Customer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, customer.control.ca)
    endpoint = HttpsTokenEndpoint(SystemClock(), None, None)
    assert refusal_by(endpoint, connection_of(customer)).reason.code == "untrusted_tls"


def test_a_netrc_file_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine localhost login somebody password example\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    requests: list[bytes] = []
    context, ca = authority(tmp_path)
    with listening(canned(context, http_answer(GRANTED), requests)) as port:
        connection = a_connection(token_host=f"https://localhost:{port}")
        HttpsTokenEndpoint(SystemClock(), ca, None).exchange(connection, Secret("an.assertion"))
    assert b"\r\nauthorization:" not in requests[0].lower()


def test_the_explicit_proxy_is_used_and_sees_only_where_to(customer: Customer) -> None:
    connects: list[str] = []
    with listening(proxy(connects)) as port:
        endpoint = HttpsTokenEndpoint(SystemClock(), customer.control.ca, f"http://127.0.0.1:{port}")
        log_in(endpoint, customer)
        log_in(endpoint, customer)
    assert connects == [customer.control.url.removeprefix("https://")]


def test_a_proxy_that_is_down_is_unreachable(customer: Customer) -> None:
    with listening(silent) as port:
        pass
    endpoint = HttpsTokenEndpoint(SystemClock(), customer.control.ca, f"http://127.0.0.1:{port}")
    failed = refusal_by(endpoint, connection_of(customer))
    assert (failed.reason.code, failed.detail) == ("unreachable", "the proxy does not let the request through")
    assert customer.logins == 0


@pytest.mark.parametrize(
    "answer",
    [b"220 mail.example.com ESMTP\r\n", b"HTTP/1.1 200 " + b"x" * 70_000, b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000],
    ids=["mail", "a long status", "a long header"],
)
def test_a_proxy_that_speaks_no_http_is_unreachable(customer: Customer, answer: bytes) -> None:
    def babbling(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    with listening(babbling) as port:
        endpoint = HttpsTokenEndpoint(SystemClock(), customer.control.ca, f"http://127.0.0.1:{port}")
        failed = refusal_by(endpoint, connection_of(customer))
    assert (failed.reason.code, failed.detail) == ("unreachable", "the proxy does not let the request through")
    assert customer.logins == 0


@pytest.mark.parametrize("url", ["http://proxy..example:3128", "http://somebody:can/ary@proxy.example:3128"])
def test_a_proxy_that_has_no_address_is_unreachable(customer: Customer, url: str) -> None:
    failed = refusal_by(HttpsTokenEndpoint(SystemClock(), customer.control.ca, url), connection_of(customer))
    assert (failed.reason.code, failed.detail) == ("unreachable", "the proxy does not let the request through")


def test_who_has_connected_too_late_logs_nobody_in(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, take = FakeClock(), http_pool.HttpPool.take

    def slowly(pool: http_pool.HttpPool, **bounds: Any) -> HTTPConnection:
        clock.time += POST_S
        return take(pool, **bounds)

    monkeypatch.setattr(http_pool.HttpPool, "take", slowly)
    asked = customer.control.counters().token_requests
    failed = refusal_by(HttpsTokenEndpoint(clock, customer.control.ca, None), connection_of(customer))
    assert (failed.reason.code, failed.detail) == ("unreachable", "no connection in time")
    assert customer.control.counters().token_requests == asked


def test_a_proxy_that_refuses_the_tunnel_is_unreachable(customer: Customer) -> None:
    def refusing(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with listening(refusing) as port:
        endpoint = HttpsTokenEndpoint(SystemClock(), customer.control.ca, f"http://127.0.0.1:{port}")
        failed = refusal_by(endpoint, connection_of(customer))
    assert (failed.reason.code, failed.detail) == ("unreachable", "the proxy does not let the request through")
    assert customer.logins == 0


def test_a_person_s_own_proxy_is_told_who_asks_and_nobody_else_is(customer: Customer) -> None:
    heard: list[bytes] = []

    def refusing(connection: socket.socket) -> None:
        heard.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    with listening(refusing) as port:
        proxy_url = f"http://some%40body:pass%3Aword@127.0.0.1:{port}"
        endpoint = HttpsTokenEndpoint(SystemClock(), customer.control.ca, proxy_url)
        failed = refusal_by(endpoint, connection_of(customer))
    known = b64encode(b"some@body:pass:word")
    assert b"\r\nProxy-Authorization: Basic " + known + b"\r\n" in heard[0]
    assert "word" not in f"{failed} {failed!r} {failed.detail}"


@pytest.mark.parametrize("kind", ["reset", "lost_answer"])
def test_an_answer_lost_behind_a_proxy_is_no_refusal_of_the_proxys(customer: Customer, kind: str) -> None:
    customer.control.add_fault(Fault(where="token", kind=kind))
    connects: list[str] = []
    with listening(proxy(connects)) as port:
        endpoint = HttpsTokenEndpoint(SystemClock(), customer.control.ca, f"http://127.0.0.1:{port}")
        connection = connection_of(customer)
        failed = refusal_by(endpoint, connection, assertion_for(connection))
    assert (failed.reason.code, failed.detail) == ("no_answer", "the connection through the proxy broke off")
    assert len(connects) == 1, "a login is never sent twice"


def test_an_idle_connection_is_not_used_again_and_the_authorities_are_parsed_once(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    http_pool.tls.cache_clear()
    parsed: list[object] = []
    parse = ssl.SSLContext.load_verify_locations

    def counted(context: ssl.SSLContext, *files: Any, **more: Any) -> None:
        parsed.append(files or more)
        parse(context, *files, **more)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    clock, connects = FakeClock(), list[str]()
    with listening(proxy(connects)) as port:
        endpoint = HttpsTokenEndpoint(clock, customer.control.ca, f"http://127.0.0.1:{port}")
        opened = []
        for idle_s in (0, budgeted_socket.IDLE_S, budgeted_socket.IDLE_S + 1):
            clock.time += idle_s
            log_in(endpoint, customer)
            opened.append(len(connects))
    assert opened == [1, 1, 2]
    assert len(parsed) == 1


def test_tokens_that_are_jwts_come_through_whole(make_customer: MakeCustomer) -> None:
    customer = make_customer(jwt_based_tokens=True)
    endpoint = HttpsTokenEndpoint(SystemClock(), customer.control.ca, None)
    assert log_in(endpoint, customer).count(".") == 2


def error_answer(status: str = "400 Bad Request", *headers: str, **said: object) -> bytes:
    return http_answer(json.dumps(said).encode(), *headers, status=status)


def failure_on(tmp_path: Path, answer: bytes, clock: FakeClock | None = None) -> LoginFailed:
    """Return how an exchange fails that is answered so."""
    context, ca = authority(tmp_path)
    with listening(canned(context, answer, [])) as port:
        connection = a_connection(token_host=f"https://localhost:{port}")
        return refusal_by(HttpsTokenEndpoint(clock or SystemClock(), ca, None), connection)


def test_salesforces_own_words_are_kept_beside_the_reason(tmp_path: Path) -> None:
    said = {"error": "invalid_grant", "error_description": "Audience is invalid: https://acme.my.salesforce.com"}
    failed = failure_on(tmp_path, error_answer(**said))
    assert failed.reason.code == "wrong_audience"
    assert failed.said == "invalid_grant: Audience is invalid: https://acme.my.salesforce.com"
    assert failed.detail == ""
    assert str(failed.to_error()) == str(failed.reason.to_error())


@pytest.mark.parametrize("status", ["400 Bad Request", "503 Service Unavailable", "429 Too Many Requests"])
def test_what_is_kept_is_cut_and_redacted(tmp_path: Path, status: str) -> None:
    description = "no\r\nscope \u202e for 00Dxx0000000001!AQcanary.canary " + "and " * 200
    failed = failure_on(tmp_path, error_answer(status, error="invalid_scope", error_description=description))
    assert failed.said.startswith("invalid_scope: no scope for (redacted) and and")
    assert len(failed.said) <= 200
    assert "canary" not in f"{failed.said}{failed.detail}{failed.to_error()}"


@pytest.mark.parametrize("take_apart", [" and ".join, " quick brown fox ".join, "; next: ".join])
@pytest.mark.parametrize("length", [1, 7])
def test_the_assertion_that_was_sent_is_not_kept_in_any_spelling(
    tmp_path: Path, take_apart: Callable[[list[str]], str], length: int
) -> None:
    assertion = (
        "header.payload_of_words_alone.signature_of_words_too"  # nothing but the redactor's own knowledge hides it
    )
    context, ca = authority(tmp_path)
    parts = [assertion[start : start + length] for start in range(0, len(assertion), length)]
    said = error_answer("400 Bad Request", error="odd", error_description=f"we got {take_apart(parts)}")
    with listening(canned(context, said, [])) as port:
        connection = a_connection(token_host=f"https://localhost:{port}")
        failed = refusal_by(HttpsTokenEndpoint(SystemClock(), ca, None), connection, Secret(assertion))
    assert failed.said in {"odd: we got (redacted)", "odd: we (redacted)"}


def test_a_description_without_end_costs_no_more_than_its_beginning(tmp_path: Path) -> None:
    description = "ab_" * 20_000 + "!" + "&#" + "9" * 5000  # a number that Python does not read
    failed = failure_on(tmp_path, error_answer("400 Bad Request", error="invalid_grant", error_description=description))
    assert (failed.reason.code, failed.said) == ("refused", "invalid_grant: (redacted)")


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ({"error": "invalid_grant"}, "refused", "invalid_grant"),
        ({"error": "invalid_grant", "error_description": {"a": "b"}}, "refused", "invalid_grant"),
        ({"error": ["invalid_grant"], "error_description": "invalid assertion"}, "wrong_key", "invalid_grant: inv"),
        ({"error": [["invalid_grant"]]}, "refused_without_a_word", ""),
        ({"error": []}, "refused_without_a_word", ""),
        ({"error": {"code": "invalid_grant"}}, "refused_without_a_word", ""),
        ({"error": 5}, "refused_without_a_word", ""),
        ({"error": ""}, "refused_without_a_word", ""),
        ({"message": "Session expired", "errorCode": "INVALID_SESSION_ID"}, "refused_without_a_word", ""),
    ],
)
def test_an_error_that_is_no_text_is_none(tmp_path: Path, said: dict[str, object], code: str, words: str) -> None:
    failed = failure_on(tmp_path, error_answer("401 Unauthorized", **said))
    assert failed.reason.code == code
    assert failed.said.startswith(words)


FORM = "error=invalid_grant&error_description=user+hasn%27t+approved+this+consumer"
XML = "<OAuth><error>invalid_grant</error><error_description>user hasn&apos;t approved this consumer</error_description></OAuth>"
JSON = '{"error":"invalid_grant","error_description":"user hasn\\u0027t approved this consumer"}'


@pytest.mark.parametrize(
    "label", ["application/json", "text/plain", "application/xml", "application/x-www-form-urlencoded", ""]
)
@pytest.mark.parametrize(
    "body", [FORM, f"?{FORM}", XML, f"<?xml version='1.0'?>\n{XML}", JSON, f"\ufeff{JSON}", f"\n {JSON}\n"]
)
def test_an_error_is_read_in_any_form_and_under_any_label(tmp_path: Path, body: str, label: str) -> None:
    answer = http_answer(body.encode(), status="400 Bad Request").replace(b"application/json", label.encode(), 1)
    failed = failure_on(tmp_path, answer)
    assert failed.reason.code == "user_not_approved"
    assert failed.said.startswith("invalid_grant: user hasn")


def test_an_error_with_a_good_status_is_an_error(tmp_path: Path) -> None:
    failed = failure_on(
        tmp_path, error_answer("200 OK", error="invalid_grant", error_description="audience is invalid")
    )
    assert failed.reason.code == "wrong_audience"


def test_what_salesforce_says_of_a_request_is_quoted_where_no_row_explains_it(tmp_path: Path) -> None:
    failed = failure_on(tmp_path, error_answer(error="invalid_request", error_description="a new rule of ours"))
    assert failed.reason.code == "refused"
    assert 'it says "invalid_request: a new rule of ours"' in str(failed.to_error())


@pytest.mark.parametrize(
    ("header", "pause_s"),
    [
        ("Retry-After: 30", 30.0),
        ("Retry-After: Mon, 23 Nov 2026 12:01:00 GMT", 60.0),
        ("Retry-After: Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Retry-After: soon", 0.0),
        ("Retry-After: -3", 0.0),
        ("X-Else: 3", 0.0),
    ],
)
def test_the_pause_that_an_answer_asks_for_is_kept(tmp_path: Path, header: str, pause_s: float) -> None:
    answer = error_answer("503 Service Unavailable", header, error="server_error")
    assert failure_on(tmp_path, answer, FakeClock()).retry_after_s == pause_s


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("Date: Mon, 23 Nov 2026 12:15:00 GMT", "this machine's clock is 15 minutes behind Salesforce's"),
        ("Date: Mon, 23 Nov 2026 11:00:00 GMT", "this machine's clock is 60 minutes ahead of Salesforce's"),
        ("Date: Mon, 23 Nov 2026 12:00:03 GMT", "yet this machine's clock agrees with Salesforce's"),
        ("Date: noon", ""),
        ("Age: 0", ""),
    ],
)
def test_an_assertion_that_is_taken_for_expired_names_the_clocks_difference(
    tmp_path: Path, header: str, detail: str
) -> None:
    answer = error_answer(
        "400 Bad Request", header, error="invalid_grant", error_description="expired authorization code"
    )
    failed = failure_on(tmp_path, answer, FakeClock())
    assert (failed.reason.code, failed.detail) == ("assertion_expired", detail)
    assert detail in failed.to_error().cause


def test_every_row_that_configuration_brings_about_has_its_reason(
    endpoint: HttpsTokenEndpoint, customer: Customer, make_customer: MakeCustomer
) -> None:
    def code(who: Customer, **changes: Any) -> str:
        connection = connection_of(who, **changes)
        return refusal_by(endpoint, connection, assertion_for(connection)).reason.code

    assert code(customer, audience="https://login.salesforce.com") == "wrong_audience"
    assert code(customer, consumer_key="3MVG9EXAMPLE") == "unknown_client"
    assert code(customer, username="nobody@example.com") == "user_not_approved"
    assert code(make_customer(approved=False)) == "user_not_admin_approved"
    assert code(make_customer(approved=False, policy="AllSelfAuthorized")) == "user_not_approved"
    assert code(make_customer(installed=False)) == "app_not_found"
    assert code(make_customer(certificate=None)) == "wrong_key"


class Panic(BaseException):
    """As an extension in Rust raises it: no `Exception`."""


@pytest.mark.parametrize("kind", [Panic, MemoryError, ValueError, SystemExit, GeneratorExit])
def test_whatever_ends_the_exchange_reaches_the_one_who_waits_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    context, ca = authority(tmp_path)

    def strike(*_: object, **__: object) -> None:
        raise kind

    with listening(canned(context, error_answer(error="invalid_grant"), [])) as port:
        monkeypatch.setattr("sfmint.adapters.token_endpoint.classify", strike)
        endpoint = HttpsTokenEndpoint(SystemClock(), ca, None)
        with pytest.raises(kind):
            endpoint.exchange(a_connection(token_host=f"https://localhost:{port}"), Secret("assertion"))


# --- a proxy that asks who comes


def asking_endpoint(ca: str, port: int, *logins: Secret) -> HttpsTokenEndpoint:
    """Return an endpoint behind a proxy, whose secret says one thing after the other."""
    said = list(logins)
    login = ProxyLogin(lambda: said.pop(0) if len(said) > 1 else said[0], FakeClock())
    return HttpsTokenEndpoint(SystemClock(), ca, f"http://127.0.0.1:{port}", login)


def test_what_a_proxy_is_told_goes_to_nobody_else(tmp_path: Path) -> None:
    context, ca = authority(tmp_path)
    requests: list[bytes] = []
    asking = AskingProxy("joe", "a canary: ☂@")
    with listening(canned(context, http_answer(GRANTED), requests)) as far, listening(asking.serve) as port:
        connection = a_connection(token_host=f"https://localhost:{far}")
        asking_endpoint(ca, port, basic("joe", "a canary: ☂@")).exchange(connection, Secret("an.assertion"))
    assert asking.passed == 1
    assert b"an.assertion" not in asking.bytes_seen
    told = basic("joe", "a canary: ☂@").reveal().encode()
    assert told in asking.bytes_seen
    (request,) = requests
    assert b"proxy-auth" not in request.lower()
    assert told.split()[1] not in request


def test_what_a_proxy_was_told_before_it_refused_is_followed_by_what_its_secret_says_now(customer: Customer) -> None:
    asking = AskingProxy("joe", "new")
    with listening(asking.serve) as port:
        endpoint = asking_endpoint(customer.control.ca, port, basic("joe", "old"), basic("joe", "new"))
        assert log_in(endpoint, customer)
    assert asking.told == [basic("joe", "old").reveal(), basic("joe", "new").reveal()]


def test_a_secret_that_has_changed_to_another_wrong_password_is_tried_once(customer: Customer) -> None:
    asking = AskingProxy("joe", "right")
    with listening(asking.serve) as port:
        endpoint = asking_endpoint(customer.control.ca, port, basic("joe", "old"), basic("joe", "canary"))
        failed = refusal_by(endpoint, connection_of(customer))
    assert (failed.reason.code, failed.detail) == ("proxy_login", "")
    assert len(asking.told) == 2
    assert basic("joe", "canary").reveal() not in "".join(traceback.format_exception(failed))
    assert customer.logins == 0


def test_a_secret_that_is_lost_while_the_proxy_refuses_is_told(customer: Customer) -> None:
    asking, said = AskingProxy("joe", "right"), [basic("joe", "old")]

    def read() -> Secret:
        if said:
            return said.pop()
        raise CacheUnavailable("Secrets Manager did not answer: ReadTimeoutError.", remedy="Call again.")

    with listening(asking.serve) as port:
        url = f"http://127.0.0.1:{port}"
        endpoint = HttpsTokenEndpoint(SystemClock(), customer.control.ca, url, ProxyLogin(read, FakeClock()))
        failed = refusal_by(endpoint, connection_of(customer))
    assert failed.reason.code == "unreachable"
    assert "its proxy are unknown (Secrets Manager did not answer: ReadTimeoutError)" in failed.detail
    assert customer.logins == 0
