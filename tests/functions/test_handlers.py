"""The handlers: who may invoke them, what they serve from, and what becomes of a fault of our own."""

import logging
import socket
from dataclasses import dataclass
from io import StringIO

import pytest

from conftest import KeyPair
from functions.stack import CONNECTION, OTHER, TABLE, Context, Stack, arn_of
from org_fixture import MakeCustomer
from sfmint_local.secret_pieces import Secrets

BROKER = "acme-token-broker"


@pytest.mark.parametrize(
    "arn",
    [
        arn_of(BROKER),
        arn_of(BROKER, "$LATEST"),
        arn_of(BROKER, "live"),
        arn_of(BROKER, "7"),
        arn_of(BROKER, "your-org"),
        arn_of(BROKER, "MY-ORG"),
        arn_of(BROKER, ""),
        arn_of("acme-token-keeper", CONNECTION),
        arn_of(BROKER, f"{CONNECTION}:{OTHER}"),
        f"{BROKER}:{CONNECTION}",
        "",
    ],
)
def test_what_is_not_the_alias_of_a_connection_is_forbidden(stack: Stack, arn: str) -> None:
    answer = stack.environment().invoke_as({"connection": CONNECTION}, Context(BROKER, arn))
    assert answer["errorType"] == "ConnectionForbidden"
    assert "/sfmint/STACK/connections/NAME/broker" in answer["errorMessage"]
    assert stack.customer.logins == 0


@pytest.mark.parametrize("function", ["token_broker", "salesforce_request"])
def test_live_answers_status_with_its_build_and_nothing_else(stack: Stack, function: str) -> None:
    environment = stack.environment(function, SFMINT_BUILD="b17d")
    assert environment.invoke({"action": "status"}, "live") == {"build": "b17d"}
    others: list[object] = [{}, {"action": "get_token"}, {"action": "status", "connection": CONNECTION}, [], None]
    for event in others:
        assert environment.invoke(event, "live")["errorType"] == "ConnectionForbidden", event
    assert stack.items == {}
    assert stack.customer.logins == 0


@pytest.mark.parametrize("backend", ["dynamodb", "parameter-store"])
def test_the_keeper_tells_the_rows_of_all_connections_and_needs_no_secret(stack: Stack, backend: str) -> None:
    token = stack.environment(SFMINT_CACHE_BACKEND=backend).invoke({})
    stack.forget_secret()
    keeper = stack.environment("token_keeper", SFMINT_CACHE_BACKEND=backend, SFMINT_BUILD="b17d")
    answer = keeper.invoke({"action": "status"}, "live")
    assert (answer["build"], answer["connections"].keys()) == ("b17d", {CONNECTION, OTHER})
    assert answer["connections"][CONNECTION]["fingerprint"] == token["fingerprint"]
    assert answer["connections"][OTHER]["fence"] is None
    one = keeper.invoke({"action": "status", "connection": CONNECTION}, "live")
    assert one["connections"] == {CONNECTION: answer["connections"][CONNECTION]}


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_the_alias_counts_in_every_partition(stack: Stack, partition: str) -> None:
    context = Context(BROKER, arn_of(BROKER, CONNECTION, region="somewhere-1", partition=partition))
    assert stack.environment().invoke_as({}, context)["connection"] == CONNECTION


@pytest.mark.parametrize("action", ["refresh", "flush", "taint", "try"])
def test_the_keepers_alias_for_observers_answers_status_alone(stack: Stack, action: str) -> None:
    keeper = stack.environment("token_keeper", SFMINT_BUILD="b17d")
    asked = {"action": action, "connection": CONNECTION} | ({"key_id": "0123456789abcdef"} if action == "taint" else {})
    refused = keeper.invoke(asked, "observe")
    assert refused["errorType"] == "ConnectionForbidden"
    assert keeper.invoke({"action": "status"}, "observe") == keeper.invoke({"action": "status"}, "live")
    assert stack.items == {}


def test_one_login_serves_memory_the_row_and_the_keeper(stack: Stack) -> None:
    environment = stack.environment()
    answers = [environment.invoke({}), environment.invoke({}), stack.environment().invoke({})]
    assert [answer["source"] for answer in answers] == ["minted", "memory", "cache"]
    assert len({answer["access_token"] for answer in answers}) == 1
    kept = stack.environment("token_keeper").invoke({"action": "refresh", "connection": CONNECTION}, "live")
    assert (kept["refreshed"], kept["fingerprint"]) == (False, answers[0]["fingerprint"])
    assert stack.customer.logins == 1


def test_a_rejected_token_is_replaced_with_one_login(stack: Stack) -> None:
    environment = stack.environment()
    dead = environment.invoke({})
    fresh = environment.invoke({"rejected": dead["fingerprint"]})
    assert (fresh["source"], stack.customer.logins) == ("minted", 2)
    assert fresh["access_token"] != dead["access_token"]
    late = stack.environment().invoke({"rejected": dead["fingerprint"]})
    assert (late["source"], late["fingerprint"]) == ("cache", fresh["fingerprint"])
    assert stack.customer.logins == 2


def test_a_flush_makes_the_next_call_mint(stack: Stack) -> None:
    first = stack.environment().invoke({})
    stack.environment("token_keeper").invoke({"action": "flush", "connection": CONNECTION}, "live")
    second = stack.environment().invoke({})
    assert (second["source"], second["access_token"] == first["access_token"]) == ("minted", False)


def test_a_tainted_key_serves_and_mints_no_more_and_a_new_one_does(stack: Stack, other_key_pair: KeyPair) -> None:
    environment = stack.environment()
    environment.invoke({})
    key_id = environment.invoke({"action": "status"})["key_id"]
    taint = {"action": "taint", "connection": CONNECTION, "key_id": key_id}
    assert stack.environment("token_keeper").invoke(taint, "live")["token_dropped"] is True
    answer = stack.environment().invoke({})
    assert answer["errorType"] == "InvalidCredentials"
    assert f"The key {key_id} is tainted." in answer["errorMessage"]
    assert stack.customer.logins == 1
    stack.customer.control.set_certificate(stack.customer.app.consumer_key, other_key_pair.certificate)
    stack.store(stack.customer.secret(private_key=other_key_pair.pem))
    assert stack.environment().invoke({})["source"] == "minted"


def test_a_key_that_the_secret_bars_logs_in_with_neither_store_and_no_row(stack: Stack) -> None:
    key_id = stack.environment().invoke({"action": "status"})["credentials"]["key_id"]
    stack.store(stack.customer.secret(tainted_keys=["0123456789abcdef", key_id]))
    for backend in ("dynamodb", "parameter-store"):
        answer = stack.environment(SFMINT_CACHE_BACKEND=backend).invoke({})
        assert (answer["errorType"], f"The key {key_id} is tainted." in answer["errorMessage"]) == (
            "InvalidCredentials",
            True,
        )
    assert stack.customer.logins == 0
    stack.store(stack.customer.secret(tainted_keys="0123456789abcdef"))
    assert stack.environment(SFMINT_CACHE_BACKEND="parameter-store").invoke({})["source"] == "minted"
    assert stack.environment().invoke({})["source"] == "minted"  # the other store's copy is another's


def test_a_taint_knows_a_key_of_the_secret_and_of_no_mistyped_id(stack: Stack) -> None:
    key_id = stack.environment().invoke({"action": "status"})["credentials"]["key_id"]
    keeper = stack.environment("token_keeper")
    mistyped = f"{int(key_id, 16) ^ 1:016x}"
    known = {
        each: keeper.invoke({"action": "taint", "connection": CONNECTION, "key_id": each}, "live")["known"]
        for each in (mistyped, key_id)
    }
    assert known == {mistyped: False, key_id: True}


TRY = {"action": "try", "connection": CONNECTION}


@pytest.mark.parametrize("backend", ["dynamodb", "parameter-store"])
def test_what_is_staged_is_tried_and_neither_row_nor_callers_meet_it(
    stack: Stack, other_key_pair: KeyPair, backend: str
) -> None:
    served = stack.environment(SFMINT_CACHE_BACKEND=backend).invoke({})
    keeper = stack.environment("token_keeper", SFMINT_CACHE_BACKEND=backend)
    before = keeper.invoke({"action": "status"}, "live")
    stack.stage(stack.customer.secret(private_key=other_key_pair.pem), "AWSPENDING")
    assert keeper.invoke(TRY, "live")["errorType"] == "ConnectionNotFound"
    stack.stage(stack.customer.secret(private_key=other_key_pair.pem))
    assert keeper.invoke(TRY, "live")["errorType"] == "AssertionRejected"
    stack.stage(stack.customer.secret())
    tried = keeper.invoke(TRY, "live")
    assert (tried["tried"], tried["username"]) == (True, stack.customer.username)
    assert stack.customer.logins == 3
    assert keeper.invoke({"action": "status"}, "live") == before
    again = stack.environment(SFMINT_CACHE_BACKEND=backend).invoke({})
    assert (again["source"], again["fingerprint"]) == ("cache", served["fingerprint"])


def test_trying_spends_the_budget_of_logins_and_ends_with_it(stack: Stack) -> None:
    stack.stage(stack.customer.secret())
    keeper = stack.environment("token_keeper", SFMINT_LOGIN_BUDGET_PER_HOUR="1")
    assert keeper.invoke(TRY, "live")["tried"] is True
    assert keeper.invoke(TRY, "live")["errorType"] == "LoginRateExceeded"
    assert stack.customer.logins == 1
    (counted,) = stack.items.values()
    assert counted["logins"] == {"N": "1"}


@pytest.mark.parametrize("backend", ["dynamodb", "parameter-store"])
def test_a_key_that_the_secret_in_use_bars_is_not_tried(stack: Stack, backend: str) -> None:
    key_id = stack.environment().invoke({"action": "status"})["credentials"]["key_id"]
    stack.store(stack.customer.secret(tainted_keys=[key_id]))
    stack.stage(stack.customer.secret())
    answer = stack.environment("token_keeper", SFMINT_CACHE_BACKEND=backend).invoke(TRY, "live")
    assert answer["errorType"] == "InvalidCredentials"
    assert f"The key {key_id} is tainted." in answer["errorMessage"]
    assert stack.customer.logins == 0


def test_a_token_that_is_a_jwt_goes_the_whole_way(stack: Stack, make_customer: MakeCustomer) -> None:
    stack.store(make_customer(jwt_based_tokens=True, jwt_timeout_s=600).secret())
    minted = stack.environment().invoke({})
    assert minted["access_token"].count(".") == 2
    assert 500 < minted["expires_in"] <= 570
    assert stack.environment().invoke({})["access_token"] == minted["access_token"]


def test_connections_of_one_environment_keep_their_tokens_apart(stack: Stack) -> None:
    stack.store(stack.customer.secret(), OTHER)
    environment = stack.environment()
    one, two = environment.invoke({}), environment.invoke({}, OTHER)
    assert (one["connection"], two["connection"]) == (CONNECTION, OTHER)
    assert [environment.invoke({}, name)["fingerprint"] for name in (CONNECTION, OTHER)] == [
        one["fingerprint"],
        two["fingerprint"],
    ]
    assert one["fingerprint"] != two["fingerprint"]


def test_a_hit_in_memory_opens_no_socket(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = stack.environment()
    minted = environment.invoke({})
    stack.cloud.dynamodb.delete_table(TableName=TABLE)

    def closed(*_: object, **__: object) -> None:
        raise OSError("the test has closed all sockets")

    with monkeypatch.context() as closing:
        closing.setattr(socket, "socket", closed)
        closing.setattr(socket, "create_connection", closed)
        closing.setattr(socket, "getaddrinfo", closed)
        hit = environment.invoke({})
    stack.cloud.make_table()
    assert (hit["source"], hit["access_token"]) == ("memory", minted["access_token"])
    assert stack.lines[-1].keys() >= {"_aws", "TokenServedFromMemory"}
    assert not [line for line in stack.lines if line.get("message") == "served in spite of a failure"]


@dataclass(frozen=True)
class BrokenContext(Context):
    """A context that fails in words that nobody may read."""

    kind: type[BaseException] = RuntimeError
    words: str = ""

    def get_remaining_time_in_millis(self) -> int:
        raise self.kind(self.words)


class Panic(BaseException):
    """As an extension in Rust raises it: no `Exception`."""


@pytest.mark.parametrize(
    ("function", "qualifier", "event"),
    [
        ("token_broker", CONNECTION, {}),
        ("token_keeper", "live", {"action": "refresh", "connection": CONNECTION}),
    ],
)
@pytest.mark.parametrize("kind", [RuntimeError, Panic])
def test_a_fault_of_our_own_is_told_by_its_place_and_not_by_its_words(
    stack: Stack, function: str, qualifier: str, event: dict[str, str], kind: type[BaseException]
) -> None:
    environment = stack.environment(function)
    words = f"refused to send {stack.customer.key_pair.pem}"
    answer = environment.invoke_as(
        event, BrokenContext(environment.name, arn_of(environment.name, qualifier), kind=kind, words=words)
    )
    assert answer == {
        "errorType": "InternalError",
        "errorMessage": "sfmint met a fault of its own. Report the log line of this request that names its place.",
    }
    (told,) = [line for line in stack.lines if line.get("message") == "request refused"]
    assert told["cause"].startswith(f"{kind.__name__} at get_remaining_time_in_millis:")
    assert "refused to send" not in stack.output.getvalue()


def overheard(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return what a root logger at DEBUG gives away of a mint, a refusal and a renewal."""
    text = StringIO()
    handler = logging.StreamHandler(text)
    monkeypatch.setattr(logging.root, "handlers", [handler])
    monkeypatch.setattr(logging.root, "level", logging.DEBUG)
    environment = stack.environment()
    token = environment.invoke({})
    stack.environment().invoke({"rejected": token["fingerprint"]})
    stack.store(stack.customer.secret(audience="https://login.salesforce.com"))
    stack.environment("token_keeper").invoke({"action": "flush", "connection": CONNECTION}, "live")
    assert stack.environment().invoke({})["errorType"] == "AssertionRejected"
    assert text.getvalue(), "nothing was heard at all"
    return Secrets.split(tokens=stack.tokens, private_keys=stack.keys).found_in(text.getvalue().encode())


def test_a_root_logger_at_debug_hears_no_key_no_assertion_and_no_token(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert overheard(stack, monkeypatch) == set()


def test_the_canary_would_sing(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the pins lifted botocore gives the key away: the test above can fail."""
    stack.environment()
    for library in ("boto3", "botocore", "requests", "urllib3"):
        monkeypatch.setattr(logging.getLogger(library), "level", logging.DEBUG)
    logging.getLogger("botocore").manager._clear_cache()  # type: ignore[attr-defined]  # levels are cached
    assert "a private key" in overheard(stack, monkeypatch)
