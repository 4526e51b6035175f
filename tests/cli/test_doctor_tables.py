"""Each row of the tables of errors, met by the doctor: the advice is the row's, and what depends on it is not checked."""

import json
from typing import Any

import pytest

from cli.patient import Patient, with_salesforce
from sfmint.salesforce.login_failures.answered import ANSWERED
from sfmint.salesforce.login_failures.reason import Reason
from sfmint.salesforce.login_failures.table import REASONS
from sfmint.salesforce.vocabulary import OF_THE_STACK
from sfmint_cli.doctor.words import FROM_HERE, first_step
from sfmint_client.rest.refusals.meaning import Meaning
from sfmint_client.rest.refusals.table import MEANINGS, meaning_of

__all__ = ["with_salesforce"]

BARE: dict[str, dict[str, Any]] = {
    "refused": {"kind": "oauth_error", "error": "strange_error", "description": "no idea"},
    "refused_without_a_word": {"kind": "status", "code": 404, "body": "not here"},
    "too_many_requests": {"kind": "status", "code": 429},
    "salesforce_fault": {"kind": "status", "code": 503},
    "malformed_answer": {"kind": "html", "code": 200},
}
STATUSES = (300, 401, 403, 404, 408, 409, 410, 412, 413, 414, 420, 428, 429, 431, 399, 499, 500, 503)


@pytest.mark.parametrize("reason", [reason for reason in ANSWERED if reason.answers], ids=lambda reason: reason.code)
def test_each_answer_to_a_login_has_the_advice_of_its_row(with_salesforce: Patient, reason: Reason) -> None:
    for error, part in reason.answers:
        with_salesforce.customer.control.clear_faults()
        with_salesforce.meets("oauth_error", error=error, description=part or "no reason given")
        check = with_salesforce.looked_at("login")["login"]
        assert (error, check["outcome"]) == (error, "fault")
        assert check["cause"].startswith(reason.told(FROM_HERE).cause.removesuffix("."))
        assert check["remedy"] == first_step(reason, FROM_HERE)


@pytest.mark.parametrize("code", BARE)
def test_each_answer_without_a_code_of_its_own_too(with_salesforce: Patient, code: str) -> None:
    with_salesforce.meets(**BARE[code])
    examined = with_salesforce.examined()
    assert examined["login"]["cause"].startswith(REASONS[code].told(FROM_HERE).cause.removesuffix("."))
    assert examined["login"]["remedy"] == first_step(REASONS[code], FROM_HERE)
    for name in ("scopes", "rest", "api_limit", "lifetime"):
        assert examined[name]["outcome"] == "not checked"
        assert "builds on a check that is not ok" in examined[name]["cause"]


def test_each_failure_that_the_stack_remembers_is_told_with_its_remedy(with_salesforce: Patient) -> None:
    for reason in REASONS.values():
        with_salesforce.account.keeper.answers["status"] = remembering(reason)
        check = with_salesforce.looked_at("row")["row"]
        assert (reason.code, check["outcome"]) == (reason.code, "fault")
        assert reason.told().cause in check["cause"]
        assert "2026-11-28T19:00:00Z" in check["cause"]
        assert check["remedy"] == first_step(reason, OF_THE_STACK) or check["remedy"].endswith("sfmint flush my-org")


def remembering(reason: Reason) -> dict[str, Any]:
    error = reason.to_error()
    failure = {
        "error": type(error).__name__,
        "reason": reason.code,
        "message": f"{error.cause} {error.remedy}",
        "count": 2,
        "until": "2026-11-28T19:00:00Z",
    }
    return {"build": "", "connections": {"my-org": {"fingerprint": None, "failure": failure}}}


def example(meaning: Meaning) -> tuple[int, str, str]:
    """Return a status, a code and a message that mean this row and no earlier one."""
    statuses = [status * 100 + 99 if status < 10 else status for status in meaning.statuses] or [400, *STATUSES]
    tries = (
        (status, code, f"It is {word}.")
        for status in statuses
        for code in meaning.codes or ("",)
        for word in meaning.words or ("so",)
    )
    return next(each for each in tries if meaning_of(*each) is meaning and each[0] >= 300)


def test_each_refusal_of_the_rest_api_has_the_advice_of_its_row(with_salesforce: Patient) -> None:
    for meaning in MEANINGS[:-1]:
        status, code, message = example(meaning)
        body = json.dumps([{"errorCode": code, "message": message}])
        with_salesforce.customer.control.clear_faults()
        with_salesforce.meets("status", where="rest", code=status, body=body, content_type="application/json")
        examined = with_salesforce.looked_at("rest")
        check = examined["versions"]
        assert (code, examined["login"]["outcome"], check["outcome"]) == (code, "ok", "fault")
        assert check["cause"].startswith(meaning.cause)
        assert check["remedy"] == meaning.remedy
        assert examined["rest"]["outcome"] == "not checked"


def test_a_token_that_is_not_good_for_rest_is_told_of_the_request_that_needs_one(with_salesforce: Patient) -> None:
    with_salesforce.customer.control.change_settings(api_limit=0)
    examined = with_salesforce.examined()
    assert examined["versions"]["outcome"] == "ok"
    assert examined["rest"]["remedy"] == meaning_of(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit").remedy
