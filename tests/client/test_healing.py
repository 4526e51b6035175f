"""The client against the real broker and the embedded org: sessions end, jobs go on."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
import requests
from werkzeug.wrappers import Response

from client.answers import MintingBroker
from client.conftest import MakeClient
from client.real_broker import cloud, orders, stack
from client.rest_server import Heard, running_rest_server
from functions.stack import Stack
from lambda_service import LambdaService
from sfmint_client import TokenClient
from sfmint_client.auth import SalesforceAuth
from sfmint_client.errors import RejectionLimited
from sfmint_testing.fakes import FakeClock

__all__ = ["cloud", "orders", "stack"]

BASE = "/services/data/v67.0"


@pytest.fixture
def tokens(orders: Stack) -> TokenClient:
    return TokenClient("orders", stack="acme")


def end_sessions(orders: Stack) -> None:
    orders.customer.control.end_sessions(username=orders.customer.username)


def test_threads_whose_session_ends_cost_one_report_and_one_login(
    orders: Stack, tokens: TokenClient, lambda_service: LambdaService
) -> None:
    def count(_: int) -> int:
        with requests.Session() as http:
            http.auth = SalesforceAuth(tokens)
            answer = http.get(f"{orders.customer.control.url}{BASE}/limits", timeout=20)
        return answer.status_code

    tokens.get_token()
    end_sessions(orders)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(count, range(16))) == [200] * 16

    assert orders.customer.logins == 2
    assert len(lambda_service.events) == 2
    assert lambda_service.reads == ["/sfmint/acme/connections/orders/broker"]


def test_a_write_that_meets_a_dead_session_happens_once(orders: Stack, tokens: TokenClient) -> None:
    url, ca = orders.customer.control.url, orders.customer.control.ca
    body = BytesIO(b'{"Name": "Sent again"}')
    headers = {"Content-Type": "application/json"}
    tokens.get_token()
    end_sessions(orders)

    answer = requests.post(
        f"{url}{BASE}/sobjects/Account", data=body, headers=headers, auth=SalesforceAuth(tokens), verify=ca, timeout=20
    )

    assert answer.status_code == 201
    query = "SELECT COUNT() FROM Account WHERE Name = 'Sent again'"
    with requests.get(
        f"{url}{BASE}/query", params={"q": query}, auth=SalesforceAuth(tokens), stream=True, timeout=20
    ) as counted:
        assert counted.json()["totalSize"] == 1


def test_a_token_that_is_good_for_nothing_is_not_renewed_for_ever(orders: Stack) -> None:
    """The broker's breaker opens, and the caller learns that the token is not at fault."""
    http, url = requests.Session(), f"{orders.customer.control.url}{BASE}/limits"
    tokens = TokenClient("orders", stack="acme", rejection_wait_s=0)
    http.auth = SalesforceAuth(tokens)
    end_sessions(orders)

    tokens.get_token()
    end_sessions(orders)
    assert http.get(url, timeout=20).status_code == 200
    end_sessions(orders)
    with http, pytest.raises(RejectionLimited, match="rejected less than a minute ago"):
        http.get(url, timeout=20)


def test_a_job_outlives_its_tokens_without_meeting_one_401(
    make_client: MakeClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    broker = lambda_service.broker = MintingBroker(clock, life_s=855)
    auth = SalesforceAuth(make_client())

    def only_live_tokens(heard: Heard) -> Response | None:
        alive = heard.authorization == f"Bearer {broker.minted[-1]}" and clock.now() < broker.dies_at
        return Response(b"{}") if alive else None

    with running_rest_server() as host, requests.Session() as http:
        broker.instance_url = host.url
        host.answer = only_live_tokens
        statuses = []
        for _ in range(60):
            statuses.append(http.get(host.url, auth=auth, timeout=5).status_code)
            clock.time += 61  # an hour in all

    assert statuses == [200] * 60
    assert len(broker.minted) == 5
    assert broker.rejected == set()


def test_nothing_that_a_debugger_shows_holds_the_token(orders: Stack, tokens: TokenClient) -> None:
    auth = SalesforceAuth(tokens)
    first = tokens.get_token()
    end_sessions(orders)

    answer = requests.get(f"{orders.customer.control.url}{BASE}/limits", auth=auth, timeout=20)

    shown = repr([vars(tokens), vars(auth), answer, answer.history, answer.request.hooks, answer.request.body])
    for token in (first, tokens.get_token()):
        assert token.access_token.rpartition("!")[2] not in shown
        assert token.fingerprint in shown
