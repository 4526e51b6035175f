"""Whatever happens in whatever order: no expired and no rejected token comes back."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from client.answers import MintingBroker
from lambda_service import THROTTLED, LambdaService, alias_arn, running_lambda_service
from sfmint_client import AccessToken, TokenClient
from sfmint_client.errors import SfmintError
from sfmint_testing.fakes import FakeChance, FakeClock

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0, 900)),
        st.tuples(st.just("ask"), st.sampled_from([0, 1, 60, 400, 3600, 43_200])),
        st.tuples(st.just("report"), st.integers(1, 4)),
        st.tuples(st.just("fail"), st.sampled_from(["SalesforceUnavailable", "RejectionLimited", "throttled"])),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def region() -> Iterator[tuple[LambdaService, Session]]:
    with running_lambda_service() as service, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_LAMBDA", service.url)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        yield service, Session()


@given(life_s=st.integers(2, 900), steps=STEPS)
def test_no_expired_and_no_rejected_token_comes_back(
    region: tuple[LambdaService, Session], life_s: int, steps: list[tuple[str, Any]]
) -> None:
    service, session = region
    clock = FakeClock()
    broker = service.broker = MintingBroker(clock, life_s=life_s)
    client = TokenClient("my-org", alias_arn=alias_arn(), session=session, clock=clock, chance=FakeChance())
    seen: list[AccessToken] = []
    for step, value in steps:
        asked = len(service.events)
        try:
            match step:
                case "wait":
                    clock.time += value
                case "ask":
                    seen.append(client.get_token(min_ttl=value))
                    left = broker.dies_at - clock.now()
                    assert left >= min(value, life_s // 2)
                    assert left > 0
                    assert seen[-1].fingerprint == broker.current
                    assert seen[-1].fingerprint not in broker.rejected
                case "report" if seen:
                    late = seen[-min(value, len(seen))]
                    seen.append(client.get_token(rejected=late.fingerprint))
                    assert seen[-1].fingerprint not in {late.fingerprint, *broker.rejected}
                    assert broker.dies_at > clock.now()
                case "fail":
                    fault = {"errorType": value, "errorMessage": "No."}
                    service.answer_with(THROTTLED if value == "throttled" else fault)
                case _:
                    pass
        except SfmintError:
            assert len(service.events) > asked
