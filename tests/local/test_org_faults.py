"""The faults: each as a client meets it on the wire."""

import socket
import ssl
import zlib

import pytest
import requests

from local.org_visitor import JWT_BEARER, Visitor
from sfmint_local.org import faults
from sfmint_local.org.control_client import OrgControl, OrgControlError
from sfmint_local.org.values import Fault


def granted(visitor: Visitor) -> int:
    return visitor.control.counters().by_user[visitor.user.username].granted


def inject(visitor: Visitor, kind: str, **params: object) -> None:
    visitor.control.add_fault(Fault(where="token", kind=kind, params=params))


def test_a_status_comes_with_its_body_and_pause_and_without_a_login(visitor: Visitor) -> None:
    inject(visitor, "status", code=429, body="slow down", retry_after=7)
    answer = visitor.exchange()

    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (429, "slow down", "7")
    assert visitor.control.counters().by_user[visitor.user.username].attempted == 0


def test_a_fault_meets_as_many_requests_as_it_was_told(visitor: Visitor) -> None:
    visitor.control.add_fault(Fault(where="token", kind="status", times=2))

    assert [visitor.exchange().status_code for _ in range(3)] == [503, 503, 200]


def test_a_lasting_fault_stays_until_it_is_cleared(visitor: Visitor) -> None:
    visitor.control.add_fault(Fault(where="any", kind="html", times=None, params={"code": 500}))

    assert [visitor.exchange().status_code, visitor.probe("x"), visitor.exchange().status_code] == [500, 500, 500]
    visitor.control.clear_faults()
    assert visitor.exchange().ok


def test_faults_of_the_api_leave_logins_alone(visitor: Visitor) -> None:
    visitor.control.add_fault(Fault(where="rest", kind="status"))
    token = visitor.log_in()

    assert [visitor.probe(token), visitor.probe(token)] == [503, 200]


def test_html_comes_with_status_200(visitor: Visitor) -> None:
    inject(visitor, "html")
    answer = visitor.exchange()

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")


def test_a_true_answer_can_be_labelled_wrongly(visitor: Visitor) -> None:
    inject(visitor, "content_type", value="image/png")
    answer = visitor.exchange()

    assert answer.headers["Content-Type"] == "image/png"
    assert answer.json()["token_type"] == "Bearer"


def test_a_truncated_body_is_shorter_than_promised(visitor: Visitor) -> None:
    inject(visitor, "truncate")
    answer = visitor.exchange(stream=True)

    assert int(answer.headers["Content-Length"]) > 200
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _ = answer.content


@pytest.mark.parametrize(("kind", "logins"), [("reset", 0), ("lost_answer", 1)])
def test_a_connection_is_reset_before_the_answer(visitor: Visitor, kind: str, logins: int) -> None:
    inject(visitor, kind)

    with pytest.raises(requests.exceptions.ConnectionError, match="Connection reset by peer"):
        visitor.exchange()
    assert granted(visitor) == logins


def test_a_hang_is_longer_than_the_clients_patience(visitor: Visitor) -> None:
    inject(visitor, "hang", seconds=1)
    form = {"grant_type": JWT_BEARER, "assertion": visitor.assertion()}

    with pytest.raises(requests.exceptions.ReadTimeout):
        visitor.http.post(f"{visitor.control.url}/services/oauth2/token", data=form, timeout=0.2)


def test_a_slow_endpoint_answers_in_the_end(visitor: Visitor) -> None:
    visitor.control.change_settings(token_delay_ms=150)

    assert visitor.exchange().elapsed.total_seconds() >= 0.15


@pytest.mark.parametrize("headers", [False, True])
def test_an_answer_drips_byte_by_byte(visitor: Visitor, headers: bool) -> None:  # noqa: FBT001
    inject(visitor, "drip", interval_ms=0, headers=headers)
    answer = visitor.exchange(stream=True)

    assert answer.headers["Connection"] == "close"
    assert answer.raw.read1(1000) == b"{"
    assert answer.raw.read1(1000) == b'"'
    assert answer.raw.read().endswith(b"}")
    assert granted(visitor) == 1


def test_an_answer_without_end_ends_at_its_cap(visitor: Visitor) -> None:
    inject(visitor, "endless", mb=2)
    answer = visitor.exchange(stream=True)

    assert "Content-Length" not in answer.headers
    assert sum(len(piece) for piece in answer.iter_content(65536)) == 2 * 1024 * 1024


def test_a_large_answer_is_still_json(visitor: Visitor) -> None:
    inject(visitor, "large", mb=5)
    answer = visitor.exchange()

    assert len(answer.content) > 5 * 1024 * 1024
    assert answer.json()["token_type"] == "Bearer"


def test_a_gzip_bomb_is_small_on_the_wire(visitor: Visitor) -> None:
    inject(visitor, "gzip_bomb", mb=8)
    packed = visitor.exchange(stream=True).raw.read(decode_content=False)

    assert len(packed) < 20_000
    assert len(zlib.decompress(packed, 31)) == 8 * 1024 * 1024


def test_a_redirect_names_another_host(visitor: Visitor) -> None:
    inject(visitor, "redirect", location="https://elsewhere.example.com/", code=307)
    answer = visitor.exchange(allow_redirects=False)

    assert (answer.status_code, answer.headers["Location"]) == (307, "https://elsewhere.example.com/")


def test_a_key_can_stand_twice(visitor: Visitor) -> None:
    inject(visitor, "duplicate_keys")
    answer = visitor.exchange()

    assert answer.text.count('"access_token"') == 2
    assert visitor.probe(answer.json()["access_token"]) == 200


def test_a_token_can_be_dead_on_arrival(visitor: Visitor) -> None:
    inject(visitor, "dead_on_arrival")

    assert visitor.probe(visitor.log_in()) == 401
    assert granted(visitor) == 1


def test_a_field_can_be_missing_or_changed(visitor: Visitor) -> None:
    inject(visitor, "missing_field")
    inject(visitor, "changed_field", name="instance_url", value="https://elsewhere.example.com")

    assert "access_token" not in visitor.exchange().json()
    assert visitor.exchange().json()["instance_url"] == "https://elsewhere.example.com"


def test_an_unknown_fault_or_parameter_is_refused_by_name(org: OrgControl) -> None:
    with pytest.raises(OrgControlError, match="Unknown fault 'nonsense'"):
        org.add_fault(Fault(where="token", kind="nonsense"))
    with pytest.raises(OrgControlError, match="wrong"):
        org.add_fault(Fault(where="token", kind="status", params={"wrong": 1}))


def test_every_kind_of_fault_leaves_the_org_working(visitor: Visitor) -> None:
    needed: dict[str, dict[str, object]] = {
        "redirect": {"location": "https://elsewhere.example.com"},
        "changed_field": {"name": "a", "value": 1},
    }
    quick: dict[str, dict[str, object]] = {
        "hang": {"seconds": 0},
        "drip": {"interval_ms": 0},
        "endless": {"mb": 1},
        "endless_continue": {"seconds": 0},
        "endless_trailers": {"seconds": 0},
        "gzip_bomb": {"mb": 1},
    }
    for kind in faults.kinds():
        inject(visitor, kind, **(needed | quick).get(kind, {}))
        try:
            visitor.exchange(allow_redirects=False)
        except requests.exceptions.RequestException:
            continue

    assert visitor.exchange().ok


def test_a_client_that_never_shakes_hands_holds_nobody_up(visitor: Visitor) -> None:
    address = ("127.0.0.1", int(visitor.control.url.rpartition(":")[2]))
    with socket.create_connection(address), requests.Session() as http:
        http.trust_env = False
        http.verify = visitor.control.ca
        assert http.get(f"{visitor.control.url}/services/data", timeout=5).ok


def test_connections_stay_open_for_the_next_request(visitor: Visitor) -> None:
    context = ssl.create_default_context(cafile=visitor.control.ca)
    port = int(visitor.control.url.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
        connection.makefile("rb") as answers,
    ):
        for _ in range(2):
            connection.sendall(b"DELETE /services/oauth2/revoke HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
            assert answers.readline() == b"HTTP/1.1 405 METHOD NOT ALLOWED\r\n"
            length = 0
            while (line := answers.readline()) != b"\r\n":
                if line.startswith(b"Content-Length:"):
                    length = int(line.split()[1])
            answers.read(length)
        assert connection.version() in {"TLSv1.2", "TLSv1.3"}
