"""An account whose stack has logs, and knows of no token."""

import pytest

from cli.conftest import Account, AwsClient
from cli.fake_keeper import EMPTY_ROW
from cli.why.log_writer import LogWriter


@pytest.fixture
def log(account: Account, aws_clients: AwsClient) -> LogWriter:
    account.keeper.answers["status"] = {"build": "", "connections": {"my-org": EMPTY_ROW}}
    writer = LogWriter(aws_clients("logs"))
    writer.create()
    return writer
