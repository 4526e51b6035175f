"""One bad moment of AWS at any place of a login or a hit: the caller is answered, nobody logs in twice, and all in time."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import partial
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError
from moto import mock_aws

from moto_client import moto_client
from sfmint.adapters.aws.repeats import Repeats
from sfmint.adapters.secrets_manager import SecretsManagerCredentials
from sfmint.adapters.stores.dynamodb import DynamoDBStore
from sfmint.adapters.stores.kms_sealer import KmsSealer
from sfmint.adapters.stores.parameter_folder import LARGEST_COPY
from sfmint.adapters.stores.parameter_store import ParameterStore, cache_path
from sfmint.aws_access.budget import CALL_S, LOOK_S, Budget
from sfmint.errors import CacheUnavailable, RefreshInProgress
from sfmint.ports import Ports, Sealer, Store
from sfmint.request import FlushRequest, RefreshRequest, StatusRequest, TokenRequest
from sfmint.row.decisions import FINISH_S, POST_S, START_WITHIN_S
from sfmint.telemetry import NotMinted, RefreshFailed
from sfmint.use_cases.keeper import OPERATOR_S
from sfmint.use_cases.mint_time import READ_S
from sfmint_testing.fakes import FakeClock
from sfmint_testing.world import World, get_token

SECRET = {
    "consumer_key": "3MVG9EXAMPLE",
    "username": "integration@acme.example",
    "token_host": "https://acme.my.salesforce.com",
    "private_key": "a key",
}
SAID: Any = {"Error": {"Code": "InternalServerError"}, "ResponseMetadata": {"HTTPStatusCode": 500}}

type Moment = Callable[["Weather"], None]


@dataclass
class Weather:
    """What becomes of a request, by the fake clock: how long it takes, and what is in the way."""

    clock: FakeClock
    budget: Budget
    takes_s: float = 0.0
    sent: list[str] = field(default_factory=list)
    strikes: list[Callable[[str, bool], None]] = field(default_factory=list)

    def strike(self, operation: str, moment: str, *, nth: int = 1, times: float = 1) -> None:
        """Let a moment come over the nth request of an operation from now on, and over so many in all."""
        come, when = MOMENTS[moment]
        count = itertools.count(1)

        def strike(asked: str, after: bool) -> None:  # noqa: FBT001
            if (asked, after) == (operation, when) and nth <= next(count) < nth + times:
                come(self)

        self.strikes.append(strike)

    def wait(self, seconds: float) -> None:
        """Let an answer take so long, or as long as anybody waits for it."""
        left_s = self.budget.left_s()
        if left_s <= 0:
            raise ConnectTimeoutError(endpoint_url="https://aws")
        self.clock.time += min(seconds, left_s)
        if seconds > left_s:
            raise ReadTimeoutError(endpoint_url="https://aws")


class UnderWeather:
    """A client of moto's whose requests meet the weather, and whose answers have the test's date."""

    def __init__(self, client: Any, weather: Weather) -> None:
        self._client = client
        self._weather = weather

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return partial(self._ask, operation)

    def _ask(self, operation: str, **request: Any) -> Any:
        weather, date = self._weather, formatdate(self._weather.clock.now(), usegmt=True)
        weather.sent.append(operation)
        weather.wait(weather.takes_s)
        self._meet(operation, after=False)
        try:
            answer = getattr(self._client, operation)(**request)
        except ClientError as error:
            error.response["ResponseMetadata"]["HTTPHeaders"]["date"] = date
            raise
        self._meet(operation, after=True)
        answer["ResponseMetadata"]["HTTPHeaders"]["date"] = date
        return answer

    def _meet(self, operation: str, *, after: bool) -> None:
        for strike in self._weather.strikes:
            strike(operation, after)


def throttled(_weather: Weather) -> None:
    raise ClientError({"Error": {"Code": "ThrottlingException"}}, "Operation")


def broken(_weather: Weather) -> None:
    raise ClientError(SAID, "Operation")


def hung_up(_weather: Weather) -> None:
    raise ConnectionClosedError(endpoint_url="https://aws")


def unconnected(_weather: Weather) -> None:
    raise ConnectTimeoutError(endpoint_url="https://aws")


def slow(seconds: float, weather: Weather) -> None:
    weather.wait(seconds)


def dead(weather: Weather) -> None:
    weather.wait(60.0)


MOMENTS: dict[str, tuple[Moment, bool]] = {
    "a throttle": (throttled, False),
    "a 500": (broken, False),
    "a 500 for what was carried out": (broken, True),
    "a dead connection": (hung_up, False),
    "a lost answer": (hung_up, True),
    "no connection": (unconnected, False),
    "0.9 s": (partial(slow, 0.9), False),
    "2 s": (partial(slow, 2.0), False),
    "a connection that says nothing": (dead, False),
}


@dataclass(frozen=True)
class Moto:
    """Clients and a key that all tests here share; each has a table and a stack of its own."""

    clients: dict[str, Any]
    key: str
    numbers: Iterator[int] = field(default_factory=partial(itertools.count, 1))


class OnMoto(World):
    """A stack on moto, by one fake clock; Salesforce is a fake."""

    def __init__(self, moto: Moto, backend: str) -> None:
        super().__init__()
        self.poll_s = (0.05, 0.10) if backend == "dynamodb" else (1.0, 2.0)
        self.time_for_aws = Budget(self.clock)
        self.weather = Weather(self.clock, self.time_for_aws)
        self._clients: dict[str, Any] = {
            service: UnderWeather(client, self.weather) for service, client in moto.clients.items()
        }
        self._repeats = Repeats(self.time_for_aws, self.clock, self.chance)
        self._name = f"acme-{next(moto.numbers)}"
        moto.clients["secretsmanager"].create_secret(
            Name=f"sfmint/{self._name}/orders", SecretString=json.dumps(SECRET)
        )
        self.kept_in, self.sealed_by = self._on_dynamodb(moto) if backend == "dynamodb" else self._on_ssm(moto)

    def _on_dynamodb(self, moto: Moto) -> tuple[Store, Sealer]:
        moto.clients["dynamodb"].create_table(
            TableName=self._name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
        store = DynamoDBStore(self._clients["dynamodb"], self._name, self.clock, self._repeats)
        return store, KmsSealer(self._clients["kms"], moto.key, self._name, self._repeats)

    def _on_ssm(self, moto: Moto) -> tuple[Store, Sealer]:
        path = cache_path(self._name)
        store = ParameterStore(self._clients["ssm"], path, self.clock, self._repeats)
        return store, KmsSealer(self._clients["kms"], moto.key, path, self._repeats, LARGEST_COPY)

    def ports(self) -> Ports:
        secrets = SecretsManagerCredentials(self._clients["secretsmanager"], self._name, frozenset(), self._repeats)
        return replace(
            super().ports(),
            budget=self.time_for_aws,
            store=self.kept_in,
            sealer=self.sealed_by,
            credentials=secrets,
        )

    def leave_a_stray(self) -> None:
        """Leave a parameter that nobody heeds, which the next one who takes the lease deletes."""
        name = f"/sfmint/{self._name}/cache/t1/orders/9999999999"
        self._clients["ssm"].put_parameter(Name=name, Value="no item", Type="String")

    def timed(self, call: Callable[[], Any]) -> tuple[Any, float]:
        """Return what a call returns, and what it takes."""
        began = self.clock.time
        return call(), self.clock.time - began


@pytest.fixture(scope="module")
def moto(aws_session: botocore.session.Session) -> Iterator[Moto]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        clients = {
            service: moto_client(aws_session, service) for service in ("dynamodb", "kms", "secretsmanager", "ssm")
        }
        yield Moto(clients, clients["kms"].create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def dynamodb(moto: Moto) -> OnMoto:
    return OnMoto(moto, "dynamodb")


@pytest.fixture
def ssm(moto: Moto) -> OnMoto:
    return OnMoto(moto, "ssm")


REQUEST = TokenRequest(connection="orders", min_ttl=60, rejected=None, deadline_s=10)
LOGIN = [
    ("get_item", 1),
    ("get_secret_value", 1),
    ("update_item", 1),  # acquire
    ("update_item", 2),  # budget
    ("encrypt", 1),
    ("update_item", 3),  # publish
]


@pytest.mark.parametrize(("place", "nth"), LOGIN)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_login_survives_a_bad_moment_at_any_place(dynamodb: OnMoto, place: str, nth: int, moment: str) -> None:
    dynamodb.weather.strike(place, moment, nth=nth)
    answer, took_s = dynamodb.timed(lambda: get_token(dynamodb.broker()))
    assert answer["source"] == "minted"
    assert took_s < CALL_S + START_WITHIN_S + FINISH_S
    again, _ = dynamodb.timed(lambda: get_token(dynamodb.broker()))
    assert (again["source"], again["fingerprint"]) == ("cache", answer["fingerprint"])
    assert dynamodb.salesforce.logins == 1
    assert not dynamodb.telemetry.select(NotMinted)


@pytest.mark.parametrize("place", ["get_item", "decrypt"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_hit_survives_a_bad_moment(dynamodb: OnMoto, place: str, moment: str) -> None:
    get_token(dynamodb.broker())
    dynamodb.weather.strike(place, moment)
    answer, took_s = dynamodb.timed(lambda: get_token(dynamodb.broker()))
    assert answer["source"] == "cache"
    assert took_s <= CALL_S
    assert dynamodb.salesforce.logins == 1


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_rejection_survives_a_bad_moment(dynamodb: OnMoto, moment: str) -> None:
    first = get_token(dynamodb.broker())
    dynamodb.weather.strike("update_item", moment)
    answer = get_token(dynamodb.broker(), rejected=first["fingerprint"])
    assert answer["source"] == "minted"
    assert dynamodb.salesforce.logins == 2


@pytest.mark.parametrize(
    ("place", "nth"),
    [("get_parameters_by_path", each) for each in (1, 2, 3, 4)] + [("put_parameter", 1), ("put_parameter", 2)],
)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_login_on_parameter_store_survives_a_bad_moment_at_any_place(
    ssm: OnMoto, place: str, nth: int, moment: str
) -> None:
    ssm.weather.strike(place, moment, nth=nth)
    answer = get_token(ssm.broker())
    assert answer["source"] == "minted"
    assert get_token(ssm.broker())["fingerprint"] == answer["fingerprint"]
    assert ssm.salesforce.logins == 1


@pytest.mark.parametrize("takes_s", [0.9, 1.2])
def test_a_peer_that_is_always_slow_is_not_dead(dynamodb: OnMoto, takes_s: float) -> None:
    dynamodb.weather.takes_s = takes_s
    broker = dynamodb.broker()
    answer, took_s = dynamodb.timed(lambda: get_token(broker))
    assert answer["source"] == "minted"
    assert took_s < CALL_S + START_WITHIN_S + FINISH_S
    assert get_token(dynamodb.broker())["source"] == "cache"
    dynamodb.clock.time += 31
    assert get_token(broker)["source"] == "memory"
    assert (dynamodb.salesforce.logins, dynamodb.telemetry.select(RefreshFailed)) == (1, [])


@pytest.mark.parametrize(
    "moment", ["a throttle", "a 500", "a dead connection", "no connection", "a connection that says nothing"]
)
def test_a_budget_that_is_used_up_is_one_remembered_reason_and_costs_one_login(dynamodb: OnMoto, moment: str) -> None:
    dynamodb.weather.strike("encrypt", moment, times=float("inf"))
    with pytest.raises(CacheUnavailable):
        get_token(dynamodb.broker())
    with pytest.raises(CacheUnavailable):
        get_token(dynamodb.broker())
    reasons = [record.reason for record in dynamodb.telemetry.records if isinstance(record, NotMinted)]
    assert (reasons, dynamodb.salesforce.logins) == (["not_sealed"], 1)


@pytest.mark.parametrize(("place", "nth"), LOGIN)
@pytest.mark.parametrize("moment", MOMENTS)
def test_whatever_is_bad_for_however_long_a_request_ends_in_time(
    dynamodb: OnMoto, place: str, nth: int, moment: str
) -> None:
    dynamodb.weather.strike(place, moment, nth=nth, times=float("inf"))
    began = dynamodb.clock.time
    with suppress(CacheUnavailable, RefreshInProgress):
        get_token(dynamodb.broker(), deadline_s=1)
    assert dynamodb.clock.time - began <= 1 + CALL_S + READ_S + START_WITHIN_S + POST_S + FINISH_S
    assert dynamodb.salesforce.logins <= 1


@pytest.mark.parametrize("moment", ["a throttle", "a 500"])
@pytest.mark.parametrize("age_s", [31, 460])
def test_who_can_serve_from_memory_makes_no_pause_worth_a_word(dynamodb: OnMoto, moment: str, age_s: float) -> None:
    broker = dynamodb.broker()
    first = get_token(broker)
    dynamodb.clock.time += age_s
    dynamodb.weather.strike("get_item", moment, times=float("inf"))
    answer, took_s = dynamodb.timed(lambda: get_token(broker))
    assert (answer["source"], answer["fingerprint"]) == ("memory", first["fingerprint"])
    assert took_s <= 0.2  # one pause, in which no more than one is asked


@pytest.mark.parametrize("age_s", [31, 460])
def test_who_can_serve_from_memory_waits_two_seconds_for_a_store_that_hangs(dynamodb: OnMoto, age_s: float) -> None:
    broker = dynamodb.broker()
    get_token(broker)
    dynamodb.clock.time += age_s
    dynamodb.weather.strike("get_item", "a connection that says nothing", times=float("inf"))
    answer, took_s = dynamodb.timed(lambda: get_token(broker))
    assert answer["source"] == "memory"
    assert took_s <= LOOK_S


ASKS: dict[str, Callable[[OnMoto, float], object]] = {
    "get_token": lambda stack, left_s: stack.broker().get_token(REQUEST, remaining_s=left_s),
    "a rejection": lambda stack, left_s: stack.broker().get_token(
        replace(REQUEST, rejected="f" * 16), remaining_s=left_s
    ),
    "status": lambda stack, _: stack.broker().status(StatusRequest(connection="orders")),
    "refresh": lambda stack, left_s: stack.keeper().refresh(RefreshRequest(connection="orders"), remaining_s=left_s),
    "flush": lambda stack, _: stack.keeper().flush(FlushRequest(connection="orders")),
}


@pytest.mark.parametrize("backend", ["dynamodb", "ssm"])
@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("moment", ["a throttle", "a 500", "a connection that says nothing"])
@pytest.mark.parametrize("left_s", [1.0, 4.0, 60.0])
def test_nothing_outlives_the_time_of_its_function(
    request: pytest.FixtureRequest, backend: str, ask: str, moment: str, left_s: float
) -> None:
    stack: OnMoto = request.getfixturevalue(backend)
    for operation in ("get_item", "update_item", "get_parameters_by_path", "put_parameter"):
        stack.weather.strike(operation, moment, times=float("inf"))
    began = stack.clock.time
    with pytest.raises((CacheUnavailable, RefreshInProgress)):
        ASKS[ask](stack, left_s)
    takes_a_context = ask not in {"status", "flush"}
    assert stack.clock.time - began <= (left_s if takes_a_context else OPERATOR_S)


@pytest.mark.parametrize("backend", ["dynamodb", "ssm"])
def test_no_write_asks_more_often_than_its_store_declares(request: pytest.FixtureRequest, backend: str) -> None:
    stack: OnMoto = request.getfixturevalue(backend)
    store, asked = stack.kept_in, []
    read, write = store.read, store.write

    def counted(kind: str, call: Callable[..., Any], *arguments: Any) -> Any:
        before = len(stack.weather.sent)
        outcome = call(*arguments)
        asked.append((kind, len(stack.weather.sent) - before))
        return outcome

    store.read = partial(counted, "read", read)  # type: ignore[method-assign]
    store.write = partial(counted, "write", write)  # type: ignore[method-assign]
    first = get_token(stack.broker())
    for _ in range(3):
        stack.clock.time += 61
        first = get_token(stack.broker(), rejected=first["fingerprint"])
    stack.clock.time += 460
    stack.leave_a_stray()
    get_token(stack.broker())
    assert max(count for kind, count in asked if kind == "read") == store.LONGEST_READ
    assert max(count for kind, count in asked if kind == "write") == store.LONGEST_WRITE
