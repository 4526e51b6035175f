"""A client in front of a Lambda service of this process, and the embedded org."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore import loaders
from botocore.session import Session
from hypothesis import settings

from client.rest_peer import make_rest, peer, rest, rest_authority, tokens
from lambda_service import LambdaService, alias_arn, lambda_service
from org_fixture import customer, make_customer, org, org_announcement, org_control, org_log
from sfmint_client import TokenClient
from sfmint_testing.fakes import FakeChance, FakeClock

__all__ = [
    "customer",
    "lambda_service",
    "make_customer",
    "make_rest",
    "org",
    "org_announcement",
    "org_control",
    "org_log",
    "peer",
    "rest",
    "rest_authority",
    "tokens",
]

type MakeClient = Callable[..., TokenClient]

settings.register_profile("client", max_examples=60, deadline=None)
settings.load_profile("client")


@pytest.fixture
def aws_session(aws_models: loaders.Loader, lambda_service: LambdaService) -> Session:
    session = Session()
    session.register_component("data_loader", aws_models)
    return session


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make_client(aws_session: Session, clock: FakeClock) -> MakeClient:
    """Make clients of `my-org` whose time passes only where they sleep."""

    def make(connection: str = "my-org", **options: Any) -> TokenClient:
        place: dict[str, Any] = {} if "stack" in options else {"alias_arn": alias_arn()}
        shared: dict[str, Any] = {"session": aws_session, "clock": clock, "chance": FakeChance()}
        return TokenClient(connection, **(place | shared | options))

    return make


@pytest.fixture
def client(make_client: MakeClient) -> TokenClient:
    return make_client()
