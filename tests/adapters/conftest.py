"""What the adapters meet: the embedded org, and AWS as moto plays it."""

from collections.abc import Iterator

import botocore.session
import pytest
from moto import mock_aws

from lambda_service import lambda_service
from org_fixture import customer, make_customer, org, org_announcement, org_control, org_log

__all__ = ["customer", "lambda_service", "make_customer", "org", "org_announcement", "org_control", "org_log"]


@pytest.fixture(scope="session")
def aws_session() -> botocore.session.Session:
    """Share one session: it parses each service's model once."""
    return botocore.session.Session()


@pytest.fixture
def aws(aws_credentials: None, aws_session: botocore.session.Session) -> Iterator[botocore.session.Session]:
    with mock_aws():
        yield aws_session
