"""Clients of AWS as moto plays it: botocore's own, in whose place the functions have a leaner one."""

from typing import Any

from botocore.config import Config
from botocore.session import Session

from sfmint.aws_access.budget import CALL_S


def moto_client(session: Session, service: str) -> Any:
    """Return a client that tries once, as the functions' own."""
    config = Config(connect_timeout=CALL_S, read_timeout=CALL_S, retries={"total_max_attempts": 1})
    return session.create_client(service, config=config)


class MotoAws:
    """AWS as a function under test reaches it; whatever it is made of, it is moto's."""

    def __init__(self, *_: object) -> None:
        self._session = Session()

    def dynamodb(self) -> Any:
        return moto_client(self._session, "dynamodb")

    def kms(self) -> Any:
        return moto_client(self._session, "kms")

    def secrets_manager(self) -> Any:
        return moto_client(self._session, "secretsmanager")

    def ssm(self) -> Any:
        return moto_client(self._session, "ssm")
