"""prober as the scheduler meets it: the real handler, the real broker, the org, and an IAM that refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.prober_stack import BROKER, ProberStack
from functions.rest_stack import RestStack
from functions.stack import CONNECTION, ROOT
from functions.test_schemas import closed, faults, schema_of
from lambda_service import DENIED, NO_SUCH_ALIAS, TIMED_OUT
from sfmint_client.errors import NotConfigured

EVENTS = ROOT / "events/prober"
CASES = sorted(path for path in EVENTS.glob("*.json") if not path.name.endswith(".answer.json"))
EVENT, ANSWER = (schema_of("prober", kind) for kind in ("event", "answer"))


@pytest.fixture
def prober(rest_stack: RestStack) -> ProberStack:
    return ProberStack(rest_stack)


def refuse_limits(prober: ProberStack, code: int, error_code: str) -> None:
    body = json.dumps([{"message": "No.", "errorCode": error_code}])
    prober.rest.fault("status", times=None, code=code, body=body, content_type="application/json;charset=UTF-8")


def test_a_probe_gets_a_token_of_the_broker_and_uses_it_once(prober: ProberStack) -> None:
    environment = prober.environment()
    for _ in range(2):
        assert environment.invoke({"action": "probe"}, "live")["failed"] is False
    assert [call.function for call in prober.rest.service.invocations] == [BROKER, BROKER]  # anew in each probe
    assert prober.rest.sent == ["GET /services/data/v60.0/limits 200"] * 2
    assert prober.rest.stack.customer.logins == 1  # as every caller it is served the shared token


def test_a_probe_counts_both_metrics_once_and_in_total_only(prober: ProberStack) -> None:
    prober.probe()
    [line] = prober.counted
    assert (line["ProbeFailed"], line["ProbeNotRefused"], line["connection"]) == (0, 0, CONNECTION)
    [metrics] = line["_aws"]["CloudWatchMetrics"]
    assert metrics["Dimensions"] == [["stack", "service"]]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (DENIED, "InvokeForbidden"),
        (NO_SUCH_ALIAS, "AliasNotFound"),
        (TIMED_OUT, "BrokerUnavailable"),
        ({"errorType": "AssertionRejected", "errorMessage": "No. Ask."}, "AssertionRejected"),
    ],
)
def test_where_no_token_can_be_got_the_probe_fails_and_says_why(prober: ProberStack, answer: Any, error: str) -> None:
    prober.rest.service.answer_with(answer)
    found = prober.probe()
    assert (found["failed"], found["error"]) == (True, error)
    [line], [said] = prober.counted, prober.said("probe failed")
    assert (line["ProbeFailed"], line["ProbeNotRefused"]) == (1, 0)  # the questions are asked all the same
    assert (said["error"], said["why"]) == (error, found["why"])
    assert "\n" not in said["why"]


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (403, "INSUFFICIENT_ACCESS", "permission View Setup and Configuration"),
        (403, "API_DISABLED_FOR_ORG", "permission API Enabled"),
        (503, "SERVER_UNAVAILABLE", "Salesforce"),
    ],
)
def test_where_salesforce_does_not_take_the_token_the_probe_fails_and_says_why(
    prober: ProberStack, status: int, code: str, said: str
) -> None:
    refuse_limits(prober, status, code)
    found = prober.probe()
    assert found["failed"]
    assert said in found["why"]


def test_without_the_right_to_find_the_alias_the_probe_says_which_policy_is_missing(prober: ProberStack) -> None:
    prober.rest.service.ssm_refusal = DENIED
    found = prober.probe()
    assert found["error"] == "DiscoveryForbidden"
    assert "acme-get-token-my-org-us-east-1" in found["why"]


def test_a_session_that_has_ended_is_healed_as_for_every_caller(prober: ProberStack) -> None:
    prober.probe()
    prober.rest.stack.customer.control.end_sessions(username=prober.rest.stack.customer.username)
    assert prober.probe()["failed"] is False


@pytest.mark.parametrize(
    ("service", "code", "wish"),
    [
        ("kms", "DryRunOperationException", "use the key that seals the tokens"),
        ("dynamodb", "ResourceNotFoundException", "read a row of the table tokens"),
        ("ssm", "ParameterNotFound", "read the parameter /sfmint/acme/cache/prober"),
    ],
)
def test_an_answer_that_only_those_get_who_may_is_a_hole(
    prober: ProberStack, service: str, code: str, wish: str
) -> None:
    prober.codes[service] = code
    found = prober.probe()
    assert found["allowed"] == [{"wish": wish, "code": code}]
    [line], [said] = prober.counted, prober.said("not refused")
    assert line["ProbeNotRefused"] == 1
    assert (said["level"], said["wish"], said["code"]) == ("ERROR", wish, code)


def test_a_hole_alone_is_no_failure_for_callers_are_served(prober: ProberStack) -> None:
    prober.codes["kms"] = "DryRunOperationException"
    assert prober.probe()["failed"] is False
    assert prober.counted[0]["ProbeFailed"] == 0


def test_a_hole_is_told_where_other_questions_have_no_answer(prober: ProberStack) -> None:
    prober.codes.update(kms="DryRunOperationException", dynamodb="ThrottlingException")
    assert prober.probe()["failed"] is True
    assert (prober.counted[0]["ProbeFailed"], prober.counted[0]["ProbeNotRefused"]) == (1, 1)


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ExpiredTokenException", "RequestTimeout", "ValidationException", "no code!"]
)
def test_what_says_nothing_about_rights_is_no_hole_and_no_success(prober: ProberStack, code: str) -> None:
    prober.codes["dynamodb"] = code
    found = prober.probe()
    assert (found["allowed"], [told["wish"] for told in found["unanswered"]]) == (
        [],
        ["read a row of the table tokens"],
    )
    [line] = prober.counted
    assert (line["ProbeFailed"], "ProbeNotRefused" in line) == (1, False)  # no alarm begins or ends without an answer


def test_a_stack_without_a_table_is_not_asked_for_rows(prober: ProberStack) -> None:
    found = prober.environment(SFMINT_TABLE="").invoke({"action": "probe"}, "live")
    assert found["refused"] == 17


@pytest.mark.parametrize("variable", ["SFMINT_PROBE_CONNECTION", "SFMINT_KEY_ARN", "SFMINT_BROKER_ARN"])
def test_a_prober_without_a_setting_does_not_start_and_names_it(prober: ProberStack, variable: str) -> None:
    with pytest.raises(NotConfigured, match=f"{variable} is not set"):
        prober.environment(**{variable: ""})


def test_a_fault_of_our_own_is_told_by_its_place_and_counts_as_failed(
    prober: ProberStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = prober.environment()

    def broken() -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr(environment.app.FUNCTION, "probe", broken)
    assert environment.invoke({"action": "probe"}, "live")["errorType"] == "InternalError"
    [line] = prober.counted
    assert (line["ProbeFailed"], "ProbeNotRefused" in line) == (1, False)
    assert "canary" not in prober.rest.stack.output.getvalue()


# ---------------------------------------------------------------------------------------------- events, schemas

BEFORE: dict[str, Callable[[ProberStack], object]] = {
    "probe-refused-by-iam": lambda prober: prober.rest.service.answer_with(DENIED),
    "probe-refused-by-salesforce": lambda prober: refuse_limits(prober, 403, "INSUFFICIENT_ACCESS"),
    "probe-with-a-hole": lambda prober: prober.codes.update(secretsmanager="ResourceNotFoundException"),
    "probe-without-an-answer": lambda prober: prober.codes.update(kms=THROTTLED_CODE),
}
THROTTLED_CODE = "ThrottlingException"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_event_has_the_answer_that_stands_beside_it(prober: ProberStack, path: Path) -> None:
    if path.stem in BEFORE:
        BEFORE[path.stem](prober)
    alias = "observe" if path.stem == "error-another-alias" else "live"
    answer = prober.environment().invoke(json.loads(path.read_text()), alias)
    assert answer == json.loads(path.with_suffix(".answer.json").read_text())
    if path.stem.startswith("bad-"):
        assert (prober.rest.service.invocations, prober.rest.sent) == ([], [])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_events_and_answers_fit_their_schemas(path: Path) -> None:
    assert bool(faults(EVENT, json.loads(path.read_text()))) == path.stem.startswith("bad-")
    answer = json.loads(path.with_suffix(".answer.json").read_text())
    part = "error" if "errorType" in answer else "status" if "build" in answer else "probe"
    assert faults({"$ref": f"#/$defs/{part}", "$defs": closed(ANSWER)["$defs"]}, answer) == []


def test_every_event_has_an_answer_and_every_preparation_an_event() -> None:
    answers = {path.with_name(path.name.replace(".answer.", ".")) for path in EVENTS.glob("*.answer.json")}
    assert answers == set(CASES)
    assert BEFORE.keys() <= {path.stem for path in CASES}
