"""What a person asks of the deployed stack: how it is, why a call failed, and to use a token without seeing it."""

import json
import subprocess
import sys
import time
from typing import Any

from sfmint.salesforce.access_token import iso8601
from sfmint_local import places
from sfmint_local.child import bare_environment
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_values.secret import fingerprint_of

SFMINT = [sys.executable, "-c", "from sfmint_cli.main import main; main()"]
LOGS_WITHIN_S = 20.0


def typed(stack: EmbeddedStack, *words: str) -> subprocess.CompletedProcess[str]:
    """Type a command in the terminal of the local stack."""
    environment = bare_environment(**stack.environment())
    return subprocess.run(
        [*SFMINT, *words], env=environment, cwd=places.ROOT, capture_output=True, text=True, check=False, timeout=120
    )


def told(stack: EmbeddedStack, *words: str, code: int = 0) -> dict[str, Any]:
    """Return the document of a command."""
    done = typed(stack, *words, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def why(stack: EmbeddedStack, *words: str) -> dict[str, Any]:
    """Ask why, until the logs have arrived."""
    ends_at = time.monotonic() + LOGS_WITHIN_S
    while True:
        done = typed(stack, "why", *words, "--json")
        found: dict[str, Any] = json.loads(done.stdout)
        if found.get("why") or time.monotonic() > ends_at:
            return found


def test_a_login_that_was_refused_and_a_token_that_was_rejected_are_explained(
    stack: EmbeddedStack, connection: str
) -> None:
    stack.store_secret(connection, {**stack.credentials(connection), "consumer_key": "3MVG9.unknown"})
    assert typed(stack, "token", connection).returncode == 1
    refused_at = time.time()
    state = told(stack, "status", connection, code=1)["connections"][connection]
    assert (state["state"], state["failure"]["name"]) == ("failing", "AssertionRejected")
    [call] = why(stack, connection, "--at", iso8601(refused_at), "--utc")["why"]
    assert call["name"] == state["failure"]["reason"]
    assert call["remedy"]
    [by_id] = why(stack, connection, "--request-id", call["request_id"])["why"]
    assert by_id["name"] == call["name"]

    stack.store_secret(connection, stack.credentials(connection))
    first = stack.functions.broker(connection)
    assert told(stack, "status", connection)["connections"][connection]["state"] == "fresh"
    second = stack.functions.broker(connection, rejected=first["fingerprint"])
    found = why(stack, connection, "--fingerprint", first["fingerprint"])
    assert [each["name"] for each in found["why"]] == ["rejected", "replaced"]
    assert found["token"]["replaced"].endswith(second["fingerprint"])


def test_a_token_is_used_without_being_seen(stack: EmbeddedStack, connection: str) -> None:
    show = "import os; print(os.environ['SF_ACCESS_TOKEN'] == os.environ['SALESFORCE_ACCESS_TOKEN'])"
    done = typed(stack, "exec", connection, "--", sys.executable, "-c", f"{show}; raise SystemExit(7)")
    assert (done.returncode, done.stdout) == (7, "True\n")
    token = stack.functions.broker(connection)
    host = token["instance_url"].removeprefix("https://")
    answer = typed(stack, "request", connection, "GET", "/services/data/v67.0/limits", "--allow-host", host)
    assert "DailyApiRequests" in json.loads(answer.stdout), answer.stderr
    said = done.stderr + answer.stdout + answer.stderr
    assert token["access_token"] not in said
    assert fingerprint_of(token["access_token"]) == token["fingerprint"]
    claims = told(stack, "assertion", connection)["claims"]
    assert claims["sub"] == f"{connection}@sfmint.example"
