"""One local stack for all tests that need one: a single deploy, and a connection of its own for each test."""

import time
from collections.abc import Iterator
from typing import Protocol

import pytest

from sfmint_local import places
from sfmint_local.embedded_stack import EmbeddedStack, LocalConnection
from sfmint_local.leak_scan import LeakScan

# More than there are tests: each takes the next. No two differ by a dash only.
_SPARE = tuple(f"test-{number}" for number in range(1, 51))

PARAMETERS = {
    # The schedules do not come in between: their first tick is an hour away, so the keeper finds any token due.
    "RefreshRate": "rate(1 hour)",
    "AdminConnections": "admin-org",
    "AlarmTopicArn": "arn:aws:sns:us-east-1:000000000000:alarms",
}


class Connect(Protocol):
    """Sets up a connection that no other test has touched."""

    def __call__(self, *, token_lifetime: int = 900) -> LocalConnection: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(places.ROOT / "tests" / "stack"):
            item.add_marker(pytest.mark.stack)


@pytest.fixture(scope="session")
def stack() -> Iterator[EmbeddedStack]:
    """The local stack. After the last test everything it has said is searched for tokens and keys."""
    began = time.time()
    with EmbeddedStack(title="tests", spare=_SPARE, parameters=PARAMETERS) as stack:
        for step in stack.steps():
            if step.name == "sam deploy":  # it refuses a topic that is not there
                stack.aws.topics.create_topic(Name=PARAMETERS["AlarmTopicArn"].rpartition(":")[2])
            step.run()
        yield stack
        scan = LeakScan(stack.secrets())
        scan.read_kept(stack.aws)
        scan.read_answers(stack.functions)
        scan.read_files(places.LOCAL, since=began, except_in=(stack.key_folder, places.VENVS))
        assert not scan.leaks


@pytest.fixture(scope="session")
def spare_names() -> Iterator[str]:
    return iter(_SPARE)


@pytest.fixture
def unset_connection(stack: EmbeddedStack, spare_names: Iterator[str]) -> str:
    """The name of a connection that is deployed, but has no secret yet."""
    name = next(spare_names, None)
    assert name, "All spare connections are taken: add some to _SPARE."
    return name


@pytest.fixture
def connect(stack: EmbeddedStack, unset_connection: str) -> Connect:
    """Sets up the test's own connection, once."""

    def set_up(*, token_lifetime: int = 900) -> LocalConnection:
        connection = LocalConnection(unset_connection, token_lifetime)
        stack.connect(connection)
        return connection

    return set_up


@pytest.fixture
def connection(connect: Connect) -> str:
    """The name of a connection that is set up and that nobody has asked for a token."""
    return connect().name
