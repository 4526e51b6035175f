"""AWS as moto plays it: its syntax and semantics are AWS's, its conditional writes are not atomic; races are elsewhere."""

from collections.abc import Iterator

import botocore.session
import pytest
from moto import mock_aws

from sfmint_local.environments import BareStack


@pytest.fixture(scope="session")
def aws_session() -> botocore.session.Session:
    """Share one session: it parses each service's model once."""
    return botocore.session.Session()


@pytest.fixture
def aws(aws_credentials: None, aws_session: botocore.session.Session) -> Iterator[botocore.session.Session]:
    with mock_aws():
        yield aws_session


@pytest.fixture(scope="session")
def bare_stack() -> Iterator[BareStack]:
    """The embedded AWS and the embedded org."""
    with BareStack("contracts") as stack:
        yield stack
