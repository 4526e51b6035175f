"""salesforce_request as a state machine meets it: the real handler, the real broker, the org."""

from base64 import b64encode
from typing import Any
from uuid import uuid4

import pytest

from adapters.peers import listening, proxy
from functions.rest_stack import BASE, RestStack
from functions.stack import CONNECTION, OTHER, Context, arn_of
from lambda_service import DENIED, NO_SUCH_ALIAS, THROTTLED, TIMED_OUT, Refusal
from sfmint_client.errors import NotConfigured

ACCOUNT = f"{BASE}/sobjects/Account"
QUERY: dict[str, Any] = {
    "method": "GET",
    "path": f"{BASE}/query",
    "query": {"q": "SELECT Name FROM Account WHERE External_Id__c = 'A-0001'"},
}


def created(name: str) -> dict[str, Any]:
    return {"method": "POST", "path": ACCOUNT, "body": {"Name": name}}


def upserted(name: str, external_id: str) -> dict[str, Any]:
    return {"method": "PATCH", "path": f"{ACCOUNT}/External_Id__c/{external_id}", "body": {"Name": name}}


def count(rest_stack: RestStack, name: str) -> int:
    """Return how many Accounts of a name the org has."""
    query = {"q": f"SELECT COUNT() FROM Account WHERE Name = '{name}'"}  # noqa: S608 - a name of our own
    answer = rest_stack.environment().invoke(QUERY | {"query": query})
    return int(answer["body"]["totalSize"])


def test_a_query_is_answered_without_the_token(rest_stack: RestStack) -> None:
    answer = rest_stack.environment().invoke(QUERY)
    assert answer["body"]["records"][0]["Name"] == "Birch Foods"
    assert set(answer) == {"status_code", "headers", "body", "api_usage", "connection"}
    assert (answer["status_code"], answer["connection"]) == (200, CONNECTION)
    assert answer["api_usage"]["limit"] == 15_000
    assert rest_stack.sent == [f"GET {BASE}/query 200"]


def test_an_environment_asks_for_a_token_once(rest_stack: RestStack) -> None:
    environment = rest_stack.environment()
    for _ in range(3):
        environment.invoke(QUERY)
    (invocation,) = rest_stack.service.invocations
    assert invocation.function == arn_of("acme-token-broker", CONNECTION)
    assert invocation.event["action"] == "get_token"


def test_each_form_of_a_body_is_sent_as_it_is_meant(rest_stack: RestStack) -> None:
    rest_stack.allow()
    environment = rest_stack.environment()
    name = uuid4().hex
    text = f'{{"Name": "{name}"}}'
    for body in (
        {"body": {"Name": name}},
        {"body": text, "headers": {"content-type": "application/json"}},
        {"body_base64": b64encode(text.encode()).decode(), "headers": {"Content-Type": "application/json"}},
    ):
        assert environment.invoke({"method": "POST", "path": ACCOUNT, **body})["status_code"] == 201
    assert count(rest_stack, name) == 3


def test_all_pages_of_a_query_are_one_answer(rest_stack: RestStack) -> None:
    rest_stack.stack.customer.control.change_settings(query_page_rows=20)
    query = {"q": "SELECT Name FROM Account LIMIT 50"}
    answer = rest_stack.environment().invoke(QUERY | {"query": query, "all_pages": True})
    assert (answer["body"]["totalSize"], answer["body"]["done"]) == (50, True)
    assert len({record["attributes"]["url"] for record in answer["body"]["records"]}) == 50
    assert len(rest_stack.sent) == 3


def test_an_answer_that_is_neither_json_nor_text_comes_as_base64(rest_stack: RestStack) -> None:
    rest_stack.fault("status", code=200, body="%PDF", content_type="application/pdf")
    answer = rest_stack.environment().invoke(QUERY)
    assert answer["body_base64"] == b64encode(b"%PDF").decode()
    assert "body" not in answer


@pytest.mark.parametrize("variable", ["SFMINT_STACK", "SFMINT_CONNECTIONS", "SFMINT_BROKER_ARN"])
def test_a_function_without_a_setting_does_not_start_and_names_it(rest_stack: RestStack, variable: str) -> None:
    with pytest.raises(NotConfigured, match=f"{variable} is not set"):
        rest_stack.environment(**{variable: ""})


# --- healing, and sending again


def test_an_expired_token_is_replaced_for_everyone_and_the_write_done_once(rest_stack: RestStack) -> None:
    rest_stack.allow()
    environment, name = rest_stack.environment(), uuid4().hex
    environment.invoke(QUERY)
    rest_stack.stack.customer.control.end_sessions(username=rest_stack.stack.customer.username)

    assert environment.invoke(created(name))["status_code"] == 201

    assert rest_stack.sent[-2:] == [f"POST {ACCOUNT} 401", f"POST {ACCOUNT} 201"]
    assert [set(event) & {"rejected"} for event in rest_stack.service.events] == [set(), {"rejected"}]
    assert rest_stack.stack.customer.logins == 2
    assert count(rest_stack, name) == 1


def test_a_token_that_is_refused_again_and_again_costs_one_login(rest_stack: RestStack) -> None:
    error = '[{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]'
    rest_stack.fault("status", times=None, code=401, body=error, content_type="application/json")
    answer = rest_stack.environment().invoke(QUERY)
    assert answer["errorType"] == "SalesforceForbidden"
    assert "A fresh token is refused too" in answer["errorMessage"]
    assert len(rest_stack.service.events) == 2


def test_a_missing_scope_costs_no_login(rest_stack: RestStack) -> None:
    message = "This session is not valid for use with the REST API"
    error = f'[{{"message": "{message}", "errorCode": "INVALID_SESSION_ID"}}]'
    rest_stack.fault("status", code=401, body=error, content_type="application/json")
    answer = rest_stack.environment().invoke(QUERY)
    assert answer["errorType"] == "SalesforceForbidden"
    assert "give the app the scope api" in answer["errorMessage"]
    assert len(rest_stack.service.events) == 1


@pytest.mark.parametrize("kind", ["reset", "lost_answer"])
def test_a_read_is_repeated_after_a_broken_connection(rest_stack: RestStack, kind: str) -> None:
    rest_stack.fault(kind)
    assert rest_stack.environment().invoke(QUERY)["status_code"] == 200


def test_an_upsert_whose_answer_is_lost_is_repeated_and_done_once(rest_stack: RestStack) -> None:
    rest_stack.allow()
    rest_stack.fault("lost_answer")
    name = uuid4().hex
    answer = rest_stack.environment().invoke(upserted(name, f"B-{name[:8]}"))
    assert (answer["status_code"], answer["body"]["created"]) == (200, False)
    assert count(rest_stack, name) == 1


def test_a_create_whose_answer_is_lost_is_not_repeated(rest_stack: RestStack) -> None:
    rest_stack.allow()
    rest_stack.fault("lost_answer")
    name = uuid4().hex
    answer = rest_stack.environment().invoke(created(name))
    assert answer["errorType"] == "SalesforceUnavailable"
    assert "It may have been carried out" in answer["errorMessage"]
    assert count(rest_stack, name) == 1


def test_a_create_that_meets_a_fault_of_salesforces_is_not_repeated(rest_stack: RestStack) -> None:
    rest_stack.allow()
    rest_stack.fault("status", times=None, code=503)
    name = uuid4().hex
    assert rest_stack.environment().invoke(created(name))["errorType"] == "SalesforceUnavailable"
    assert rest_stack.sent == [f"POST {ACCOUNT} 503"]


def test_a_redirect_is_an_error(rest_stack: RestStack) -> None:
    rest_stack.fault("redirect", location="https://evil.example/")
    answer = rest_stack.environment().invoke(QUERY)
    assert answer["errorType"] == "SalesforceUnavailable"
    assert "Redirects are not followed" in answer["errorMessage"]


def test_a_hang_ends_with_the_functions_time(rest_stack: RestStack) -> None:
    class Short(Context):
        def get_remaining_time_in_millis(self) -> int:
            return 3000

    rest_stack.fault("hang", seconds=20)
    environment = rest_stack.environment()
    answer = environment.invoke_as(QUERY, Short(environment.name, arn_of(environment.name, CONNECTION)))
    assert answer["errorType"] == "SalesforceUnavailable"
    assert "did not answer in time" in answer["errorMessage"]


def test_the_last_second_is_kept_for_the_answer(rest_stack: RestStack) -> None:
    class Late(Context):
        def get_remaining_time_in_millis(self) -> int:
            return 990

    environment = rest_stack.environment()
    answer = environment.invoke_as(QUERY, Late(environment.name, arn_of(environment.name, CONNECTION)))
    assert answer["errorType"] == "SalesforceUnavailable"
    assert rest_stack.sent == []


def test_an_answer_over_its_limit_is_an_error(rest_stack: RestStack) -> None:
    rest_stack.fault("large", mb=6)
    answer = rest_stack.environment().invoke(QUERY | {"max_bytes": 5 * 1024 * 1024})
    assert answer["errorType"] == "AnswerTooLarge"


def test_a_proxy_that_the_stack_names_is_used(rest_stack: RestStack) -> None:
    connects: list[str] = []
    with listening(proxy(connects)) as port:
        answer = rest_stack.environment(SFMINT_HTTPS_PROXY=f"http://127.0.0.1:{port}").invoke(QUERY)
    assert answer["status_code"] == 200
    assert connects == [rest_stack.stack.customer.control.url.removeprefix("https://")]


def test_each_connection_has_http_connections_of_its_own_and_keeps_them(rest_stack: RestStack) -> None:
    connects: list[str] = []
    broker: Any = rest_stack.service.broker

    def one_user_for_all(_: str, event: Any) -> Any:
        answer = broker(arn_of("acme-token-broker", CONNECTION), event | {"connection": CONNECTION})
        return answer | {"connection": event["connection"]}

    rest_stack.service.broker = one_user_for_all
    with listening(proxy(connects)) as port:
        environment = rest_stack.environment(SFMINT_HTTPS_PROXY=f"http://127.0.0.1:{port}")
        for qualifier in (CONNECTION, OTHER, CONNECTION, OTHER):
            assert environment.invoke(QUERY, qualifier)["status_code"] == 200
    assert len(connects) == 2


# --- whose token


@pytest.mark.parametrize("qualifier", [None, "$LATEST", "live", "1", "orders", f"{CONNECTION}:{CONNECTION}", ""])
def test_only_the_alias_of_a_connection_may_be_invoked(rest_stack: RestStack, qualifier: str | None) -> None:
    answer = rest_stack.environment().invoke(QUERY, qualifier)
    assert answer["errorType"] == "ConnectionForbidden"
    assert (rest_stack.service.invocations, rest_stack.service.reads, rest_stack.sent) == ([], [], [])


def test_another_functions_alias_is_refused(rest_stack: RestStack) -> None:
    context = Context("acme-salesforce-request", arn_of("acme-token-broker", CONNECTION))
    assert rest_stack.environment().invoke_as(QUERY, context)["errorType"] == "ConnectionForbidden"


@pytest.mark.parametrize(
    "partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"]
)
def test_an_alias_is_known_in_every_partition(rest_stack: RestStack, partition: str) -> None:
    environment = rest_stack.environment()
    context = Context(environment.name, arn_of(environment.name, CONNECTION, partition=partition))
    assert environment.invoke_as(QUERY, context)["connection"] == CONNECTION


def test_each_alias_asks_for_its_own_connections_token_and_list(rest_stack: RestStack) -> None:
    answer = rest_stack.environment().invoke(QUERY, OTHER)
    assert answer["errorType"] == "ConnectionNotFound"  # it has no secret
    assert rest_stack.service.invocations[0].function == arn_of("acme-token-broker", OTHER)
    assert rest_stack.service.reads == [f"/sfmint/acme/connections/{OTHER}/allow"]


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (DENIED, "InvokeForbidden"),
        (NO_SUCH_ALIAS, "AliasNotFound"),
        (TIMED_OUT, "BrokerUnavailable"),
        (Refusal(500, "ServiceException"), "BrokerUnavailable"),
        ({"errorType": "AssertionRejected", "errorMessage": "No. Do something."}, "AssertionRejected"),
        ({"errorType": "LoginRateExceeded", "errorMessage": "No. Do something."}, "LoginRateExceeded"),
    ],
)
def test_the_brokers_errors_keep_their_names(rest_stack: RestStack, refusal: Any, error: str) -> None:
    rest_stack.service.answer_with(refusal)
    answer = rest_stack.environment().invoke(QUERY)
    assert answer["errorType"] == error
    assert rest_stack.sent == []


def test_throttling_of_the_broker_is_waited_out(rest_stack: RestStack) -> None:
    rest_stack.service.answer_with(THROTTLED)
    assert rest_stack.environment().invoke(QUERY)["status_code"] == 200
