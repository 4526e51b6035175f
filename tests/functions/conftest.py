"""A stack for each test, which must not have leaked anything when it is over."""

import gc
from collections.abc import Iterator

import pytest
from botocore import loaders, session
from moto import mock_aws

from functions.rest_stack import rest_stack
from functions.rotation_stack import rotation_stack
from functions.stack import Cloud, Stack
from lambda_service import lambda_service
from moto_client import MotoAws
from org_fixture import Customer, customer, make_customer, org, org_announcement, org_control, org_log
from sfmint import bootstrap

__all__ = [
    "customer",
    "lambda_service",
    "make_customer",
    "org",
    "org_announcement",
    "org_control",
    "org_log",
    "rest_stack",
    "rotation_stack",
]


@pytest.fixture(scope="module")
def cloud(aws_models: loaders.Loader) -> Iterator[Cloud]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("disable", "freeze"):  # or what a test forgets to close would never be found
            patch.setattr(gc, name, lambda: None)
        patch.setattr(session, "create_loader", lambda _: aws_models)
        patch.setattr(bootstrap, "Aws", MotoAws)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        yield Cloud()


@pytest.fixture
def stack(cloud: Cloud, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    stack = Stack(cloud=cloud, customer=customer, monkeypatch=monkeypatch)
    stack.store(customer.secret())
    yield stack
    leaks, untold = stack.leaks(), stack.untold_metrics()
    cloud.clear()
    assert leaks == set()
    assert untold == set()
