"""What salesforce_request tells of a request: one line and one metric, without what it holds."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from functions.rest_stack import BASE, EVERYTHING, RestStack
from functions.stack import CONNECTION, ROOT, Context, arn_of
from metric_lines import Pieces

ACCOUNT = f"{BASE}/sobjects/Account"
QUERY: dict[str, Any] = {
    "method": "GET",
    "path": f"{BASE}/query",
    "query": {"q": "SELECT Name FROM Account WHERE External_Id__c = 'A-0001'"},
}


def test_a_request_is_one_line_and_one_metric_without_what_it_holds(
    rest_stack: RestStack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rest_stack.allow(f"{EVERYTHING}\nHEADER X-Hidden")
    environment = rest_stack.environment()
    headers = {"Content-Type": "application/json", "X-Hidden": "hidden"}
    body = {"Name": "hidden"}
    environment.invoke(
        {"method": "PATCH", "path": f"{ACCOUNT}/External_Id__c/C-1", "query": {"hidden": "hidden"}, "headers": headers}
        | {"body": body}
    )
    (line,) = rest_stack.said
    (metric,) = rest_stack.counted
    told = {
        "connection": CONNECTION,
        "method": "PATCH",
        "path": f"{ACCOUNT}/External_Id__c/C-1",
        "status": 201,
        "fingerprint": rest_stack.stack.answers[0]["fingerprint"],
        "duration_ms": line["duration_ms"],
        "function_request_id": Context.aws_request_id,
    }
    assert {name: line.get(name) for name in told} == told
    assert (line["level"], line["message"]) == ("INFO", "request answered")
    assert {name: metric.get(name) for name in told} == told
    assert metric["RestRequestAnswered"] == 1
    assert "hidden" not in rest_stack.stack.output.getvalue() + caplog.text
    assert not any(token in caplog.text for token in rest_stack.stack.tokens)


def test_each_line_goes_out_in_one_piece(rest_stack: RestStack, monkeypatch: pytest.MonkeyPatch) -> None:
    output = Pieces()
    monkeypatch.setattr(rest_stack.stack, "output", output)
    rest_stack.environment().invoke(QUERY)
    assert len(output.pieces) >= 2
    assert all(piece.endswith("\n") for piece in output.pieces)


def test_a_refusal_of_salesforces_is_told_by_its_code_alone(rest_stack: RestStack) -> None:
    environment = rest_stack.environment()
    answer = environment.invoke(QUERY | {"query": {"q": "SELECT Hidden FROM Account"}})
    assert "No such column 'Hidden'" in answer["errorMessage"]
    (line,) = rest_stack.said
    assert (line["message"], line["error"], line["error_code"]) == (
        "request failed",
        "SalesforceBadRequest",
        "INVALID_FIELD",
    )
    assert (line["status"], line["level"]) == (400, "WARNING")
    (metric,) = rest_stack.counted
    assert metric["RestRequestFailed"] == 1
    assert "Hidden" not in rest_stack.stack.output.getvalue()


@pytest.mark.parametrize("sign", ["!", "%21", "%2521"])
def test_a_token_that_someone_put_into_a_path_is_not_told(rest_stack: RestStack, sign: str) -> None:
    rest_stack.environment().invoke({"method": "GET", "path": f"{BASE}/00D000000000009{sign}AQ0pasted.token"})
    (line,) = rest_stack.said
    assert line["path"] == f"{BASE}/(redacted)"


@pytest.mark.parametrize("length", [2, 7])
def test_the_connections_own_token_is_not_told_however_it_is_taken_apart(rest_stack: RestStack, length: int) -> None:
    environment = rest_stack.environment()
    environment.invoke(QUERY)
    token = "".join(filter(str.isalnum, rest_stack.stack.answers[0]["access_token"]))
    parts = [token[start : start + length] for start in range(0, len(token), length)]
    environment.invoke({"method": "GET", "path": f"{BASE}/{'/and/'.join(parts)}"})
    line = rest_stack.said[-1]
    assert line["path"].startswith(f"{BASE}/(redacted)")
    assert not [part for part in parts[3:-1] if f"/{part}/" in line["path"]]


def test_an_answer_is_given_though_its_path_cannot_be_redacted(rest_stack: RestStack) -> None:
    environment = rest_stack.environment()
    environment.app.FUNCTION.log._handed_out = None
    assert environment.invoke(QUERY)["status_code"] == 200
    last = rest_stack.stack.lines[-1]
    assert (last["message"], last["function_request_id"]) == ("telemetry failed", Context.aws_request_id)


def test_a_fault_of_our_own_is_told_by_its_place_alone(rest_stack: RestStack) -> None:
    environment = rest_stack.environment()
    environment.app.FUNCTION.allow_lists = "00D000000000009!pasted"
    answer = environment.invoke(QUERY)
    assert answer == {
        "errorType": "InternalError",
        "errorMessage": "sfmint met a fault of its own. Report the log line of this request that names its place.",
    }
    (line,) = rest_stack.said
    assert line["error"] == "InternalError"
    assert line["cause"].startswith("AttributeError at handler:")
    assert "pasted" not in rest_stack.stack.output.getvalue()


class Panic(BaseException):
    """As an extension in Rust raises it: no `Exception`."""


class Panics:
    def read(self, *_: object) -> None:
        raise Panic("00D000000000009!pasted")


def test_a_panic_of_an_extension_is_a_fault_of_our_own(rest_stack: RestStack) -> None:
    environment = rest_stack.environment()
    environment.app.FUNCTION.allow_lists = Panics()
    assert environment.invoke(QUERY)["errorType"] == "InternalError"
    (line,) = rest_stack.said
    assert line["cause"].startswith("Panic at read:")
    assert "pasted" not in rest_stack.stack.output.getvalue()


def test_a_metric_that_broke_is_not_counted_with_the_next(rest_stack: RestStack) -> None:
    environment = rest_stack.environment()
    log = environment.app.FUNCTION.log
    metrics, log._metrics = log._metrics, None
    environment.invoke(QUERY)
    log._metrics = metrics
    environment.invoke(QUERY)
    assert [metric["RestRequestAnswered"] for metric in rest_stack.counted] == [1]


def test_the_function_starts_without_the_core_and_lets_no_library_tell_what_it_sends(tmp_path: Path) -> None:
    libraries = ("boto3", "botocore", "requests", "urllib3")
    probe = (
        "import json, logging, sys; logging.basicConfig(level='DEBUG'); import app;"
        f"levels = {{name: logging.getLogger(name).getEffectiveLevel() for name in {libraries}}};"
        "print(json.dumps([levels, sorted({'sfmint', 'jwt', 'cryptography', 'boto3', 'pydantic'} & sys.modules.keys())]))"
    )
    variables = {
        "PYTHONPATH": str(ROOT / "functions/salesforce_request"),
        "AWS_DEFAULT_REGION": "us-east-1",
        "SFMINT_STACK": "acme",
        "SFMINT_CONNECTIONS": CONNECTION,
        "SFMINT_BROKER_ARN": arn_of("acme-token-broker"),
        "POWERTOOLS_SERVICE_NAME": "salesforce_request",
        "POWERTOOLS_METRICS_NAMESPACE": "sfmint",
    }
    done = subprocess.run(
        [sys.executable, "-c", probe], env=variables, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [dict.fromkeys(libraries, logging.INFO), []]


def test_an_answer_is_given_though_it_cannot_be_told(rest_stack: RestStack) -> None:
    environment = rest_stack.environment()
    environment.app.FUNCTION.log._metrics = None
    assert environment.invoke(QUERY)["status_code"] == 200
    last = rest_stack.stack.lines[-1]
    assert (last["message"], last["function_request_id"]) == ("telemetry failed", Context.aws_request_id)


def test_an_error_of_a_newer_broker_is_told_by_its_name_and_counted_under_a_name_that_is_known(
    rest_stack: RestStack,
) -> None:
    environment = rest_stack.environment()
    rest_stack.allow()
    rest_stack.service.broker = lambda *_: {"errorType": "NewerThanThis", "errorMessage": "Something new. Look it up."}
    environment.invoke(QUERY)
    (line,) = rest_stack.said
    (metric,) = rest_stack.counted
    assert line["error"] == metric["error"] == "NewerThanThis"
    assert (metric["RestRequestFailed"], metric["FailedSfmintError"]) == (1, 1)
