"""An account whose stack has logs."""

import botocore.session
import pytest

from cli.conftest import Account
from cli.fake_keeper import EMPTY_ROW
from cli.why.log_writer import LogWriter


@pytest.fixture
def log(account: Account) -> LogWriter:
    writer = LogWriter(botocore.session.Session().create_client("logs"))
    writer.create()
    account.keeper.answers["status"] = {"build": "", "connections": {"my-org": EMPTY_ROW}}
    return writer
