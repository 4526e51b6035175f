"""A rotation's questions to the keeper: what is a refusal, and what says nothing about a key."""

import json
from typing import Any

import pytest
from botocore.config import Config
from botocore.session import Session

from key_rotation.adapters.keeper import LambdaKeeper
from key_rotation.logins import LoggedIn, LoginRefused, LoginUnanswered, LoginUnusable, NoLogin
from lambda_service import DENIED, NO_SUCH_ALIAS, THROTTLED, TIMED_OUT, FunctionError, LambdaService, alias_arn
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_values.error_names import AGAIN

NAME, KEY = "orders", "0123456789abcdef"
ARN = alias_arn("live", function="token-keeper")


@pytest.fixture
def keeper(lambda_service: LambdaService, shared_aws_models: None) -> LambdaKeeper:
    config = Config(connect_timeout=2, read_timeout=2, retries={"total_max_attempts": 1})
    return LambdaKeeper(Session().create_client("lambda", config=config), ARN)


def failed(name: str, message: str = "The cause. The remedy.") -> FunctionError:
    return FunctionError({"errorType": name, "errorMessage": message})


def test_what_is_asked_goes_to_the_alias_and_names_the_version(
    keeper: LambdaKeeper, lambda_service: LambdaService
) -> None:
    lambda_service.answer_with({"key_id": KEY, "tried": True}, {"refreshed": True}, {"connections": {}})
    assert keeper.try_login(NAME, "AWSPENDING") == LoggedIn(KEY)
    assert keeper.refresh(NAME, ahead_s=900) is None
    assert keeper.minted_by(NAME) is None
    assert lambda_service.events == [
        {"action": "try", "connection": NAME, "stage": "AWSPENDING"},
        {"action": "refresh", "connection": NAME, "ahead_s": 900},
        {"action": "status", "connection": NAME},
    ]
    assert {each.function.replace("%3A", ":") for each in lambda_service.invocations} == {ARN}


@pytest.mark.parametrize("name", [*AGAIN, "SomethingNew"])
def test_a_refusal_of_the_credentials_alone_is_a_refusal(
    keeper: LambdaKeeper, lambda_service: LambdaService, name: str
) -> None:
    lambda_service.answer_with(failed(name))
    kinds: dict[str, type[LoginRefused | LoginUnusable]] = {
        "AssertionRejected": LoginRefused,
        "InvalidCredentials": LoginUnusable,
    }
    kind = kinds.get(name, LoginUnanswered)
    assert keeper.try_login(NAME, "AWSPENDING") == kind("The cause. The remedy.")


@pytest.mark.parametrize("code", sorted(REASONS))
def test_the_words_for_the_current_key_are_not_told_of_the_new_one(
    keeper: LambdaKeeper, lambda_service: LambdaService, code: str
) -> None:
    lambda_service.answer_with(failed("AssertionRejected", str(REASONS[code].to_error("a detail"))))
    tried = keeper.try_login(NAME, "AWSPENDING")
    assert isinstance(tried, LoginRefused)
    words = tried.words("the new key", "my_app")
    assert "the new key" in words
    assert "private_key in the secret" not in words
    assert (code == "wrong_key") is ("not in the app my_app" in words)


@pytest.mark.parametrize(
    "answer",
    [
        DENIED,
        NO_SUCH_ALIAS,
        THROTTLED,
        TIMED_OUT,
        FunctionError([]),
        FunctionError({"errorType": 7, "errorMessage": ["x"]}),
        b"<html>",
        b"[]",
        b"[" * 5000,
        {},
        {"key_id": None},
        {"key_id": "not a key id"},
        {"key_id": 7},
    ],
    ids=[
        *("denied", "no alias", "throttled", "timed out", "no object", "odd types", "a page", "a list", "too deep"),
        *("empty", "no key", "no key id", "a number"),
    ],
)
def test_what_tells_nothing_of_the_key_is_no_answer(
    keeper: LambdaKeeper, lambda_service: LambdaService, answer: Any
) -> None:
    lambda_service.answer_with(answer)
    tried = keeper.try_login(NAME, "AWSPENDING")
    assert isinstance(tried, LoginUnanswered)
    assert tried.said
    assert len(lambda_service.invocations) == 1  # a login counts: it is asked for once
    lambda_service.answer_with(answer)
    assert keeper.minted_by(NAME) is None
    lambda_service.answer_with(answer)
    assert keeper.certificate_ends() == {}


def test_a_refresh_that_failed_while_the_old_token_is_good_says_why(
    keeper: LambdaKeeper, lambda_service: LambdaService
) -> None:
    failure = {"error": "SalesforceUnavailable", "message": "Salesforce sleeps. Call again."}
    lambda_service.answer_with({"refreshed": False, "failure": failure}, failed("CacheUnavailable"), DENIED)
    assert keeper.refresh(NAME, ahead_s=900) == LoginUnanswered("Salesforce sleeps. Call again.")
    assert keeper.refresh(NAME, ahead_s=900) == LoginUnanswered("The cause. The remedy.")
    assert "token_keeper" in str(keeper.refresh(NAME, ahead_s=900))


@pytest.mark.parametrize("is_served", [True, False])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("AssertionRejected", LoginRefused),
        ("InvalidCredentials", LoginUnusable),
        ("LoginRateExceeded", LoginUnanswered),
        ("Runtime.ImportModuleError", LoginUnanswered),
        ("", LoginUnanswered),
    ],
)
def test_a_refresh_tells_a_refusal_from_an_outage(
    keeper: LambdaKeeper, lambda_service: LambdaService, name: str, kind: type[NoLogin], *, is_served: bool
) -> None:
    failure = {"error": name, "message": "Why. What to do."}
    lambda_service.answer_with(
        {"failure": failure} if is_served else FunctionError({"errorType": name, "errorMessage": "x"})
    )
    assert isinstance(keeper.refresh(NAME, ahead_s=900), kind)


@pytest.mark.parametrize("answer", [DENIED, failed("AssertionRejected"), {}, {"org_id": 7}, {"org_id": "005x"}])
def test_an_org_that_nobody_knows_is_none(keeper: LambdaKeeper, lambda_service: LambdaService, answer: Any) -> None:
    lambda_service.answer_with(answer)
    assert keeper.org_of(NAME) is None


def test_the_org_is_that_of_the_token_which_is_there(keeper: LambdaKeeper, lambda_service: LambdaService) -> None:
    lambda_service.answer_with({"org_id": "00D5g0000000001EAA", "refreshed": False})
    assert keeper.org_of(NAME) == "00D5g0000000001EAA"
    assert lambda_service.events == [{"action": "refresh", "connection": NAME, "ahead_s": 0}]


def test_rows_tell_which_key_minted_and_when_its_certificate_ends(
    keeper: LambdaKeeper, lambda_service: LambdaService
) -> None:
    rows = {
        NAME: {"key_id": KEY, "certificate_until": "2027-11-28T00:00:00Z"},
        "none": {"key_id": None, "certificate_until": None},
        "broken": {"error": "CacheUnavailable", "message": "No."},
        "odd": [],
        "odder": {"certificate_until": "soon"},
    }
    lambda_service.answer_with({"connections": rows}, {"connections": rows})
    assert keeper.minted_by(NAME) == KEY
    assert keeper.certificate_ends() == {NAME: 1_827_360_000.0}


def test_a_token_that_an_answer_holds_is_not_handed_on(keeper: LambdaKeeper, lambda_service: LambdaService) -> None:
    token = "00D5g000004ABCD!" + "AQEAQN3x7yT9k" * 6
    said = json.dumps({"error_description": f"expired {token}"})
    lambda_service.answer_with(failed("AssertionRejected", said), {"failure": {"error": "X", "message": said}})
    tried = keeper.try_login(NAME, "AWSPENDING")
    assert "AQEAQN3x7yT9k" not in repr(tried) + str(keeper.refresh(NAME, ahead_s=0))
