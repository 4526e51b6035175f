"""Clients of AWS as moto plays it: botocore's own, in whose place the functions have a leaner one."""

import os
from functools import cache
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
        self._variables = tuple((name, os.environ[name]) for name in sorted(os.environ) if name.startswith("AWS_"))

    def dynamodb(self) -> Any:
        return _kept_client("dynamodb", self._variables)

    def kms(self) -> Any:
        return _kept_client("kms", self._variables)

    def secrets_manager(self) -> Any:
        return _kept_client("secretsmanager", self._variables)

    def ssm(self) -> Any:
        return _kept_client("ssm", self._variables)


@cache
def _kept_client(service: str, _variables: tuple[tuple[str, str], ...]) -> Any:
    """Return the client that was made under these variables: to make one takes longer than most tests."""
    return moto_client(Session(), service)
