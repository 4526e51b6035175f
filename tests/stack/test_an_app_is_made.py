"""One command leads from an org without an app, and a stack without credentials, to a token that is served."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import CommandLine, options
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.org.setup import rights
from sfmint_local.org.values import User
from sfmint_testing.fakes import FakeClock

ADMIN, USERNAME = "the-admin@example.com", "made-by-one-command@example.com"


@pytest.fixture
def sfmint(stack: EmbeddedStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    environment = {**stack.environment(), "AWS_CONFIG_FILE": "/dev/null", "XDG_STATE_HOME": str(tmp_path)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stack.org.put_user(User(username=ADMIN, profile="System Administrator"))
    stack.org.grant(ADMIN, rights.ADMINISTRATOR)
    stack.org.put_user(User(username=USERNAME))
    monkeypatch.setenv("SFMINT_ADMIN_ACCESS_TOKEN", stack.org.open_session(ADMIN))
    monkeypatch.setenv("SFMINT_ADMIN_INSTANCE_URL", stack.org.url)
    return CommandLine(clock=FakeClock())


@pytest.mark.parametrize("kind", [{}, {"takes_session_timeout": False, "makes_default_policies": False}])
def test_one_command_leads_to_a_served_token(
    sfmint: CommandLine, stack: EmbeddedStack, unset_connection: str, kind: dict[str, Any]
) -> None:
    before = stack.org.settings()
    stack.org.change_settings(is_sandbox=True, **kind)
    how = {
        "username": USERNAME,
        "allow_host": stack.org.url.removeprefix("https://"),
        "ca_bundle": stack.org.ca,
        "yes": True,
    }
    try:
        ended = sfmint("app", "create", unset_connection, *options(how), "--json")
    finally:
        stack.org.change_settings(is_sandbox=before.is_sandbox, takes_session_timeout=True, makes_default_policies=True)
    assert ended.code == 0, ended.stdout + ended.stderr
    served = stack.functions.broker(unset_connection)
    assert served["fingerprint"] == ended.document["served"]["fingerprint"]
    secret = stack.aws.secrets.get_secret_value(SecretId=stack.secret_name(unset_connection))["SecretString"]
    sfmint.keys.add(json.loads(secret)["private_key"])
    assert sfmint.leaks() == set()
