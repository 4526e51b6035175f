"""Clients of AWS as moto plays it: botocore's own, in whose place the functions have a leaner one."""

from typing import Any

from botocore.config import Config
from botocore.session import Session

from sfmint.adapters.aws.client import TIMEOUT_S


def moto_client(session: Session, service: str) -> Any:
    """Return a client that tries once, as the functions' own."""
    config = Config(connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries={"total_max_attempts": 1})
    return session.create_client(service, config=config)
