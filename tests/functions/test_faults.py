"""Every way in which the token endpoint may misbehave, through the invoke interface: its error, and what it costs."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.stack import CONNECTION, Stack
from sfmint.adapters import token_endpoint
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_local.org import faults
from sfmint_local.org.values import Fault

SHORT_S = 0.4  # stands for the seven seconds of POST_S


def jwt_token(**claims: object) -> str:
    header, payload = ({"alg": "RS256", "typ": "JWT"}, claims)
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, payload)]
    return ".".join([*parts, "c2lnbmF0dXJl"])


@dataclass(frozen=True)
class Misbehaviour:
    """What the org does, which of our reasons that is, and how many logins it costs."""

    kind: str
    code: str
    detail: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    logins: int = 0
    in_time: bool = True


ELSEWHERE = "its instance_url is not a host of Salesforce at port 443; a host of your own belongs in the parameter"
MISBEHAVIOURS = {
    "a truncated body": Misbehaviour("truncate", "no_answer", "it broke off", logins=1),
    "a redirect to another host": Misbehaviour(
        "redirect", "malformed_answer", "it is HTTP 302", {"location": "https://localhost:1/services/oauth2/token"}
    ),
    "a permanent redirect": Misbehaviour(
        "redirect", "malformed_answer", "it is HTTP 308", {"location": "https://evil.example/", "code": 308}
    ),
    "400 unknown_error": Misbehaviour("oauth_error", "salesforce_fault"),
    "400 server_error": Misbehaviour("oauth_error", "salesforce_fault", params={"error": "server_error"}),
    "401 without a body": Misbehaviour("status", "refused_without_a_word", "it is HTTP 401", {"code": 401}),
    "408": Misbehaviour("status", "salesforce_fault", params={"code": 408}),
    "429": Misbehaviour("status", "too_many_requests", params={"code": 429, "retry_after": 30}),
    "500": Misbehaviour("status", "salesforce_fault", params={"code": 500}),
    "503": Misbehaviour("status", "salesforce_fault", params={"code": 503, "retry_after": 30}),
    "a wrong content type": Misbehaviour("content_type", "malformed_answer", "it is not labelled as JSON", logins=1),
    "5 MB": Misbehaviour("large", "malformed_answer", "it is longer than 64 KiB", {"mb": 5}, logins=1),
    "blanks without end": Misbehaviour("endless", "malformed_answer", "it is longer than 64 KiB"),
    "a bomb": Misbehaviour("gzip_bomb", "malformed_answer", "it is compressed", {"mb": 4}),
    "a page": Misbehaviour("html", "malformed_answer", "it is not labelled as JSON"),
    "a page with 403": Misbehaviour("html", "malformed_answer", "it is HTTP 403", {"code": 403}),
    "a page with 503": Misbehaviour("html", "salesforce_fault", params={"code": 503}),
    "a reset": Misbehaviour("reset", "no_answer"),
    "a lost answer": Misbehaviour("lost_answer", "no_answer", logins=1),
    "silence": Misbehaviour("hang", "no_answer", params={"seconds": 20}, in_time=False),
    "drop by drop": Misbehaviour("drip", "no_answer", params={"interval_ms": 20}, logins=1, in_time=False),
    "no token": Misbehaviour("missing_field", "malformed_answer", "it holds no usable access_token", logins=1),
    "no instance": Misbehaviour(
        "missing_field", "malformed_answer", "it holds no usable instance_url", {"name": "instance_url"}, logins=1
    ),
    "a token that is no text": Misbehaviour(
        "changed_field",
        "malformed_answer",
        "it holds no usable access_token",
        {"name": "access_token", "value": ["00Dxx"]},
        logins=1,
    ),
    "a token with a line break": Misbehaviour(
        "changed_field",
        "malformed_answer",
        "it holds no usable access_token",
        {"name": "access_token", "value": "00Dxx\r\nX-Injected: 1"},
        logins=1,
    ),
    "an instance of somebody else's": Misbehaviour(
        "changed_field",
        "malformed_answer",
        f"{ELSEWHERE} TokenHosts",
        {"name": "instance_url", "value": "https://evil.example"},
        logins=1,
    ),
    "another type of token": Misbehaviour(
        "changed_field",
        "malformed_answer",
        "its token_type is not Bearer",
        {"name": "token_type", "value": "mac"},
        logins=1,
    ),
    "the token twice": Misbehaviour(
        "duplicate_keys", "malformed_answer", "it is a JSON object in which a name stands twice", logins=1
    ),
    "the assertion in a field": Misbehaviour(
        "repeated_assertion", "malformed_answer", "it repeats a secret in another field", logins=1
    ),
    "a 204 with a body": Misbehaviour("no_content", "malformed_answer", "it is HTTP 204", logins=1),
    "a chunk of size -1": Misbehaviour("chunk_size", "malformed_answer", "it is not HTTP", logins=1),
    "a chunk of size -5": Misbehaviour("chunk_size", "malformed_answer", "it is not HTTP", {"value": "-5"}, logins=1),
    "a chunk of size +a": Misbehaviour("chunk_size", "malformed_answer", "it is not HTTP", {"value": "+a"}, logins=1),
    "extensions": Misbehaviour("chunk_extensions", "malformed_answer", "it is not HTTP", logins=1),
    "trailers without end": Misbehaviour("endless_trailers", "malformed_answer", "it is not HTTP", logins=1),
    "interim answers without end": Misbehaviour("endless_continue", "malformed_answer", "it is not HTTP"),
    "a token that is over": Misbehaviour(
        "changed_field",
        "dead_on_arrival",
        params={"name": "access_token", "value": jwt_token(exp=1_700_000_000)},
        logins=1,
    ),
}


@pytest.mark.parametrize("misbehaviour", MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
def test_a_fault_has_its_error_costs_one_request_and_is_over_when_it_is_over(
    stack: Stack, misbehaviour: Misbehaviour
) -> None:
    control = stack.customer.control
    control.add_fault(Fault(where="token", kind=misbehaviour.kind, params=misbehaviour.params))
    before = control.counters().token_requests
    with stack.monkeypatch.context() as short:
        if not misbehaviour.in_time:
            short.setattr(token_endpoint, "POST_S", SHORT_S)
        answer = stack.environment().invoke({})
    expected = REASONS[misbehaviour.code].to_error(misbehaviour.detail)
    assert answer == {"errorType": type(expected).__name__, "errorMessage": str(expected)}
    assert control.counters().token_requests - before == 1, "a login is never sent twice"
    assert stack.customer.logins == misbehaviour.logins
    (refused,) = [line for line in stack.lines if line.get("message") == "mint failed"]
    assert refused["reason"] == misbehaviour.code
    assert "Traceback" not in stack.output.getvalue()
    stack.environment("token_keeper").invoke({"action": "flush", "connection": CONNECTION}, "live")
    assert stack.environment().invoke({})["source"] == "minted"


def test_every_kind_of_fault_is_tried() -> None:
    # A token whose session ends unseen is the callers' to report: nothing in the answer shows it.
    harmless = {"dead_on_arrival", "early_hints", "surplus", "two_answers"}
    of_deployments = {"deploy_fails", "deploy_half", "deploy_hangs"}
    assert {misbehaviour.kind for misbehaviour in MISBEHAVIOURS.values()} == set(
        faults.kinds()
    ) - harmless - of_deployments


def test_a_token_that_was_dead_when_it_came_is_replaced_once_it_is_reported(stack: Stack) -> None:
    stack.customer.control.add_fault(Fault(where="token", kind="dead_on_arrival"))
    environment = stack.environment()
    dead = environment.invoke({})
    fresh = environment.invoke({"rejected": dead["fingerprint"]})
    assert (dead["source"], fresh["source"], stack.customer.logins) == ("minted", "minted", 2)


@pytest.mark.parametrize("name", ["a truncated body", "429", "5 MB", "a reset", "401 without a body"])
def test_a_good_token_outlives_a_fault(stack: Stack, name: str) -> None:
    good = stack.environment().invoke({})
    stack.settle()
    misbehaviour = MISBEHAVIOURS[name]
    stack.customer.control.add_fault(Fault(where="token", kind=misbehaviour.kind, params=misbehaviour.params))
    keeper = stack.environment("token_keeper", SFMINT_REFRESH_RATE="rate(10 minutes)")
    kept = keeper.invoke({"action": "refresh", "connection": CONNECTION}, "live")
    expected = REASONS[misbehaviour.code].to_error(misbehaviour.detail)
    assert kept["failure"] == {"error": type(expected).__name__, "message": str(expected)}
    assert (kept["refreshed"], kept["fingerprint"]) == (False, good["fingerprint"])
    assert stack.environment().invoke({})["access_token"] == good["access_token"]
