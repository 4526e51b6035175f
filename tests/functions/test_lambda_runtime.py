"""Under Lambda's own runtime: an error of ours keeps its name and words, and leaves no frames in the log."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from functions.stack import CONNECTION, ROOT, arn_of

REQUEST_ID = "8f5a0c1e-0000-4000-8000-0123456789ab"
PROGRAM = """
import json, sys, time
from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller

class Posted:
    marshaller = LambdaMarshaller()

    def post_invocation_error(self, invoke_id, error, *_):
        print("POSTED" + error)

    def post_invocation_result(self, invoke_id, result, *_):
        print("ANSWERED" + result)

name, arn, event, request_id = sys.argv[1:]
import os
os.environ["AWS_LAMBDA_FUNCTION_NAME"] = name
handler = bootstrap._get_handler("app.handler")
deadline_ms = (time.time() + 60) * 1000
sink = bootstrap.StandardLogSink()
bootstrap.handle_event_request(
    Posted(), handler, request_id, event, "application/json", "", "", arn, deadline_ms, None, sink
)
"""
pytestmark = pytest.mark.skipif(find_spec("awslambdaric") is None, reason="Lambda's runtime is made for Linux")


def run(path: Path, name: str, qualifier: str, event: object, tmp_path: Path) -> tuple[dict[str, Any], str]:
    """Return what the runtime posts of an invocation that fails, and all that the function has written."""
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(path),
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "SFMINT_STACK": "acme",
        "SFMINT_CONNECTIONS": CONNECTION,
        "SFMINT_TABLE": "tokens",
        "SFMINT_KEY_ARN": "arn:aws:kms:us-east-1:123456789012:key/example",
        "SFMINT_MEMORY_TRUST_SECONDS": "30",
        "SFMINT_LOGIN_BUDGET_PER_HOUR": "240",
        "SFMINT_BROKER_ARN": arn_of("acme-token-broker"),
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": "sfmint",
    }
    arguments = [name, arn_of(name, qualifier), json.dumps(event), REQUEST_ID]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=variables,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    (posted,) = [line.removeprefix("POSTED") for line in done.stdout.splitlines() if line.startswith("POSTED")]
    written = "\n".join(line for line in done.stdout.splitlines() if not line.startswith("POSTED"))
    return json.loads(posted), written + done.stderr


@pytest.mark.parametrize(
    ("function", "qualifier", "event", "error"),
    [
        ("token_broker", "live", {}, "ConnectionForbidden"),
        ("token_broker", CONNECTION, {"action": "mint"}, "InvalidRequest"),
        ("token_keeper", "live", {"action": "flush", "connection": "unknown"}, "ConnectionNotFound"),
        ("salesforce_request", "live", {}, "ConnectionForbidden"),
        ("salesforce_request", CONNECTION, {"method": "GET"}, "InvalidRequest"),
    ],
)
def test_a_refusal_is_reported_by_name_and_words_without_frames(
    tmp_path: Path, function: str, qualifier: str, event: dict[str, str], error: str
) -> None:
    name = f"acme-{function.replace('_', '-')}"
    posted, written = run(ROOT / "functions" / function, name, qualifier, event, tmp_path)
    assert (posted["errorType"], posted["stackTrace"], posted["requestId"]) == (error, [], REQUEST_ID)
    assert posted["errorMessage"].count(". ") >= 1
    assert f"[ERROR] {error}: {posted['errorMessage']}" in written
    assert 'File "' not in written
    told = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert told
    assert {line["function_request_id"] for line in told} == {REQUEST_ID}


def test_a_fault_of_our_own_is_reported_alike_and_its_place_is_told(tmp_path: Path) -> None:
    source = (ROOT / "functions/token_keeper/app.py").read_text()
    broken = source.replace("request = parse_keeper_event(", "request = (lambda *_: {}['Canary'])(")
    assert broken != source
    (tmp_path / "app.py").write_text(broken)
    posted, written = run(tmp_path, "acme-token-keeper", "live", {}, tmp_path)
    assert (posted["errorType"], posted["stackTrace"]) == ("InternalError", [])
    assert 'File "' not in written
    assert "Canary" not in json.dumps(posted) + written
    assert '"cause":"KeyError at <lambda>:' in written


def test_any_other_exception_would_leave_its_frames(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context):\n    raise ValueError('as it is')\n")
    posted, written = run(tmp_path, "acme-other", "live", {}, tmp_path)
    assert posted["errorType"] == "ValueError"
    assert 'app.py", line 2, in handler' in written
    assert posted["stackTrace"]
