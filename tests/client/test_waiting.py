"""What is asked again within the caller's time, and how long that is."""

from itertools import pairwise
from typing import Any

import pytest
from botocore.session import Session

from client.answers import an_answer
from client.conftest import MakeClient
from lambda_service import THROTTLED, LambdaService, alias_arn
from sfmint_client import TokenClient
from sfmint_client.errors import BrokerUnavailable, RefreshInProgress, RejectionLimited
from sfmint_testing.fakes import FakeChance, FakeClock

SOON = {"errorType": "RejectionLimited", "errorMessage": "Another token was rejected. Call again in 41 s, or later."}
IN_PROGRESS = {"errorType": "RefreshInProgress", "errorMessage": "Another caller is logging in. Call again."}


@pytest.mark.parametrize("answer", [IN_PROGRESS, THROTTLED])
def test_a_refresh_in_progress_and_throttling_are_asked_again(
    client: TokenClient, lambda_service: LambdaService, answer: Any
) -> None:
    lambda_service.answer_with(answer, answer, an_answer())

    assert client.get_token().connection == "my-org"
    assert len(lambda_service.events) == 3


@pytest.mark.parametrize(("answer", "error"), [(IN_PROGRESS, RefreshInProgress), (THROTTLED, BrokerUnavailable)])
def test_when_the_callers_time_is_up_the_last_error_is_raised(
    client: TokenClient, lambda_service: LambdaService, clock: FakeClock, answer: Any, error: type[Exception]
) -> None:
    lambda_service.broker = lambda function, event: answer

    with pytest.raises(error):
        client.get_token()

    assert clock.monotonic() <= 10


def test_the_broker_learns_how_much_of_the_callers_time_is_left(
    client: TokenClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    def busy(function: str, event: Any) -> dict[str, Any]:
        clock.time += 3
        return IN_PROGRESS

    lambda_service.broker = busy

    with pytest.raises(RefreshInProgress):
        client.get_token()

    left = [event["deadline_ms"] for event in lambda_service.events]
    assert left[0] == 10_000
    assert left == sorted(left, reverse=True)
    assert all(later <= earlier - 3000 for earlier, later in pairwise(left))
    assert left[-1] >= 0


def test_without_time_to_wait_the_broker_is_asked_once(make_client: MakeClient, lambda_service: LambdaService) -> None:
    lambda_service.answer_with(IN_PROGRESS)

    with pytest.raises(RefreshInProgress):
        make_client(deadline_s=0).get_token()

    assert [event["deadline_ms"] for event in lambda_service.events] == [0]


def test_a_longer_time_than_the_broker_takes_is_cut(make_client: MakeClient, lambda_service: LambdaService) -> None:
    lambda_service.answer_with(an_answer())

    make_client(deadline_s=3600).get_token()

    assert lambda_service.events[0]["deadline_ms"] == 900_000


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_pauses_grow_and_are_drawn_apart(
    make_client: MakeClient, lambda_service: LambdaService, clock: FakeClock, share: float
) -> None:
    pauses: list[float] = []
    asked_at: list[float] = []

    def busy(function: str, event: Any) -> Any:
        pauses.extend([clock.monotonic() - asked_at[-1]] if asked_at else [])
        asked_at.append(clock.monotonic())
        return THROTTLED

    lambda_service.broker = busy
    with pytest.raises(BrokerUnavailable):
        make_client(chance=FakeChance(share)).get_token()

    part = 0.5 + share / 2
    assert pauses[:6] == pytest.approx([part * longest for longest in (0.2, 0.4, 0.8, 1.6, 2.0, 2.0)], abs=1e-5)


def test_a_token_that_was_dead_when_it_came_is_asked_for_again(
    client: TokenClient, lambda_service: LambdaService
) -> None:
    lambda_service.answer_with(an_answer(expires_in=0), an_answer("00D!second"))

    assert client.get_token().access_token == "00D!second"


def test_a_broker_that_has_dead_tokens_only_is_not_asked_for_ever(
    client: TokenClient, lambda_service: LambdaService
) -> None:
    lambda_service.broker = lambda function, event: an_answer(expires_in=0)

    with pytest.raises(RefreshInProgress, match="had expired when it arrived"):
        client.get_token()


class RecordingSession(Session):
    """Remembers how its clients were configured."""

    def __init__(self) -> None:
        super().__init__()
        self.configs: dict[str, Any] = {}

    def create_client(self, service_name: str, *args: Any, **options: Any) -> Any:
        self.configs[service_name] = options["config"]
        return super().create_client(service_name, *args, **options)


def test_every_call_of_aws_has_its_timeouts_and_one_attempt(lambda_service: LambdaService) -> None:
    lambda_service.parameters["/sfmint/acme/connections/my-org/broker"] = alias_arn()
    lambda_service.answer_with(an_answer())
    session = RecordingSession()

    TokenClient("my-org", stack="acme", session=session, deadline_s=10).get_token()

    assert {config.connect_timeout for config in session.configs.values()} == {2}
    assert {config.retries["total_max_attempts"] for config in session.configs.values()} == {1}
    assert session.configs["ssm"].read_timeout == 5
    # What the caller grants, and then two logins of at most 14 seconds.
    assert session.configs["lambda"].read_timeout >= 10 + 2 * 14


def test_a_login_under_way_is_waited_for_beyond_the_deadline(
    make_client: MakeClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    def log_in(function: str, event: Any) -> dict[str, Any]:
        clock.time += 25
        return an_answer()

    lambda_service.broker = log_in

    assert make_client(deadline_s=1).get_token().connection == "my-org"


DEAD = "0123456789abcdef"


def test_who_reports_a_dead_token_soon_after_another_waits_until_it_counts(
    client: TokenClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    lambda_service.answer_with(SOON, an_answer())

    assert client.get_token(rejected=DEAD).connection == "my-org"
    assert 41 <= clock.monotonic() <= 43
    assert [event["rejected"] for event in lambda_service.events] == [DEAD, DEAD]


def test_while_one_waits_for_his_rejection_to_count_others_are_served(
    make_client: MakeClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    client = make_client()
    served: list[str] = []
    clock.on_sleep = lambda: served.append(client.get_token().connection)
    lambda_service.answer_with(SOON, an_answer(), an_answer())

    client.get_token(rejected=DEAD)

    assert served == ["my-org"]


@pytest.mark.parametrize(
    ("rejection_wait_s", "message"),
    [
        (60.0, "Fresh tokens keep being rejected. Rejections are accepted again in 9 minutes."),
        (60.0, "Another was rejected. Call again in 61 s."),
        (0.0, "Another was rejected. Call again in 41 s."),
    ],
)
def test_who_cannot_wait_so_long_is_told_so_at_once(
    make_client: MakeClient, lambda_service: LambdaService, clock: FakeClock, rejection_wait_s: float, message: str
) -> None:
    lambda_service.answer_with({"errorType": "RejectionLimited", "errorMessage": message})

    with pytest.raises(RejectionLimited, match=message.partition(".")[0]):
        make_client(rejection_wait_s=rejection_wait_s).get_token(rejected=DEAD)

    assert clock.monotonic() == 0


def test_the_wait_for_rejections_is_bounded_though_the_broker_asks_for_more(
    client: TokenClient, lambda_service: LambdaService, clock: FakeClock
) -> None:
    lambda_service.broker = lambda function, event: SOON

    with pytest.raises(RejectionLimited):
        client.get_token(rejected=DEAD)

    assert len(lambda_service.events) == 2
    assert clock.monotonic() <= 61
