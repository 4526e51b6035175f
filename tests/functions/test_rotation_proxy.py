"""A proxy that asks who comes, between key_rotation and an org: it is told what its secret says, and nobody else is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.peers import AskingProxy, listening
from functions.rotation_stack import RotationStack
from functions.stack import CONNECTION, Environment

USER, PASSWORD = "sfmint", "päss:w@rd ☂"
NAME = "corporate/proxy"


@pytest.fixture
def asking_proxy() -> Iterator[tuple[AskingProxy, str]]:
    proxy = AskingProxy(USER, PASSWORD)
    with listening(proxy.serve) as port:
        yield proxy, f"http://127.0.0.1:{port}"


def behind(rotation_stack: RotationStack, url: str, password: str) -> Environment:
    secret = json.dumps({"username": USER, "password": password})
    arn = rotation_stack.stack.cloud.secrets.create_secret(Name=NAME, SecretString=secret)["ARN"]
    return rotation_stack.environment(SFMINT_HTTPS_PROXY=url, SFMINT_HTTPS_PROXY_SECRET_ARN=arn)


def start(rotation_stack: RotationStack, environment: Environment) -> Any:
    return rotation_stack.invoke({"action": "start", "connection": CONNECTION}, environment=environment)


def test_the_org_is_changed_through_the_proxy_and_aws_is_asked_without_it(
    rotation_stack: RotationStack, asking_proxy: tuple[AskingProxy, str]
) -> None:
    rotation_stack.has_admin()
    proxy, url = asking_proxy
    environment = behind(rotation_stack, url, PASSWORD)
    assert proxy.told == []  # a start asks nobody
    assert start(rotation_stack, environment)["phase"] == "testing"
    assert proxy.passed >= 1
    assert len(set(proxy.told)) == 1
    assert PASSWORD not in rotation_stack.stack.output.getvalue() + json.dumps(rotation_stack.stack.answers)


def test_a_wrong_password_stops_nothing_and_is_shown_to_nobody(
    rotation_stack: RotationStack, asking_proxy: tuple[AskingProxy, str]
) -> None:
    rotation_stack.has_admin()
    old, wrong = rotation_stack.secret(), "wröng:canary@"
    proxy, url = asking_proxy
    standing = start(rotation_stack, behind(rotation_stack, url, wrong))
    assert standing["phase"] == "setting"
    assert proxy.passed == 0
    assert rotation_stack.secret() == old
    assert "access_token" in rotation_stack.broker.invoke({})
    assert "canary" not in rotation_stack.stack.output.getvalue() + json.dumps(rotation_stack.stack.answers)
