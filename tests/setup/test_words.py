"""What an org says, in words for an administrator."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint_client.rest.refusals.refusal import Refusal
from sfmint_setup.app_files import AppPlan, components_of
from sfmint_setup.errors import (
    DeployFailed,
    LimitReached,
    OrgRefused,
    OrgUnreachable,
    RightMissing,
    SessionExpired,
    SetupError,
    UnusableAnswer,
)
from sfmint_setup.package import files_of, listed
from sfmint_setup.problems import KNOWN, problem_of, problems_of
from sfmint_setup.records import Deployment
from sfmint_setup.refusals import error_of
from sfmint_setup.rights import ASSIGN, DEPLOY, TO_ASSIGN, USE_API

TOKEN = "00D5g000004aBcd!AQ0AQFx7OKeNc4n9Ry.a1Bc3De5fG7hI9jK2lM4nO6pQ8rS0tU"

SAID: dict[str, tuple[str, str]] = {
    "Not available for deploy for this organization": ("RightMissing", "External Client Apps"),
    "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions": (
        "RightMissing",
        DEPLOY,
    ),
    "duplicate value found: ExternalClientApplicationId duplicates value on orders": ("DuplicateComponent", "in place"),
    "duplicate value found: DeveloperName duplicates value on record with id": ("NameTaken", "app show"),
    "There's a problem with your scope(s): api": ("ScopesRefused", "scopes"),
    "no ExternalClientApplication named x found": ("AppMissing", "together"),
    "The external client app x doesn't have a valid OAuth settings configuration.": (
        "OauthSettingsMissing",
        "together",
    ),
    "Invalid plugin settings": ("SessionTimeoutRefused", "token_lifetime"),
    "The certificate is too large": ("CertificateRefused", "4 KB"),
    "A consumer key cannot be supplied": ("ConsumerKeyRefused", "consumer key"),
    "Error parsing file: Element {NS}x invalid at this location in type T": ("ElementUnknown", "release"),
    "Quelque chose ne va pas": ("DeployFailed", "Deployment Status"),
}


@pytest.mark.parametrize("said", SAID)
def test_a_problem_that_is_known_has_a_remedy_and_every_one_is_quoted(said: str) -> None:
    code, remedy = SAID[said]
    found = problem_of("ExternalClientApplication orders", said)
    assert found.code == code
    assert remedy in f"{found.cause} {found.remedy}"
    assert "orders" in found.cause


def test_every_known_problem_is_one_sentence_of_cause_and_one_of_remedy() -> None:
    for known in KNOWN:
        assert known.cause.endswith(".")
        assert known.remedy.endswith(".")
        assert known.code.isidentifier()


@given(text=st.text(max_size=300))
def test_a_problem_of_any_words_is_told_on_one_line_and_cut(text: str) -> None:
    found = problem_of(text, f"{text} {TOKEN} -----BEGIN CERTIFICATE-----\nMIIB{text}")
    assert TOKEN not in f"{found}"
    assert "MIIB" not in found.cause
    assert "\n" not in found.cause
    assert len(found.said) <= 200


@given(app=st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,20}(_[A-Za-z0-9]{1,20}){0,3}", fullmatch=True))
def test_a_component_that_was_sent_is_named_and_one_that_was_not_may_be_a_secret(app: str) -> None:
    plan = AppPlan(name=app, label=app, contact_email="a@b.example", certificate="PEM", token_lifetime_s=900)
    components = components_of(plan)
    failures = [{"componentType": each.type, "fullName": each.full_name, "problem": "no"} for each in components]
    failures += [{"componentType": each.type, "problem": "no"} for each in components]
    failures += [{"componentType": "Other", "fullName": TOKEN, "problem": "no"}]
    found = problems_of({"details": {"componentFailures": failures}}, listed(files_of(components)))
    named = [f"{each.type} {each.full_name}" for each in components] + [each.type for each in components]
    assert [problem.component for problem in found[:-1]] == named
    assert TOKEN not in f"{found[-1]}"


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"errorStatusCode": "UNKNOWN_EXCEPTION", "errorMessage": "An error"}, "An error"),
        ({"details": None, "errorMessage": "No package.xml found"}, "No package.xml found"),
        ({"details": {"componentFailures": {"problem": "one alone", "fullName": "x"}}}, "one alone"),
        ({"details": {"componentFailures": [{"problem": "the first"}, {"problem": "the second"}]}}, "1 more"),
        ({}, "does not say why"),
        ({"details": {"componentFailures": [1, None]}}, "does not say why"),
        ({"details": {"componentFailures": "x"}, "errorMessage": 1}, "does not say why"),
    ],
)
def test_a_failed_deployment_says_why_in_whatever_way_the_org_did(result: dict[str, Any], words: str) -> None:
    deployment = Deployment(id="0Af", status="Failed", problems=problems_of(result))
    with pytest.raises(DeployFailed, match=words):
        deployment.require_success()


def refused(status: int, code: str, message: str = "words") -> SetupError:
    return error_of(Refusal.said(status, code, message, ()), TO_ASSIGN)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (refused(401, "INVALID_SESSION_ID", "Session expired or invalid"), SessionExpired, "has ended"),
        (refused(403, "", "Bad_OAuth_Token"), SessionExpired, "has ended"),
        (
            refused(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
            OrgRefused,
            "does not let it use",
        ),
        (refused(403, "INSUFFICIENT_ACCESS"), RightMissing, ASSIGN),
        (refused(400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"), RightMissing, ASSIGN),
        (refused(400, "INVALID_TYPE"), RightMissing, ASSIGN),
        (refused(403, "API_DISABLED_FOR_ORG"), RightMissing, USE_API),
        (
            refused(403, "INSUFFICIENT_ACCESS", "requires a user with the ModifyMetadata permissions"),
            RightMissing,
            DEPLOY,
        ),
        (refused(403, "REQUEST_LIMIT_EXCEEDED"), LimitReached, "limit"),
        (refused(302, "", ""), UnusableAnswer, "none of Salesforce's API: HTTP 302"),
        (refused(307, "", "moved"), UnusableAnswer, "HTTP 307"),
        (refused(403, "", ""), UnusableAnswer, "no proxy"),
        (refused(404, "", ""), UnusableAnswer, "My Domain"),
        (refused(503, "SERVER_UNAVAILABLE"), OrgUnreachable, "for the moment"),
        (refused(500, ""), OrgUnreachable, "for the moment"),
        (refused(400, "MALFORMED_QUERY", "unexpected token"), OrgRefused, "unexpected token"),
        (
            refused(400, "FIELD_INTEGRITY_EXCEPTION", "the user license doesn't allow the permission"),
            OrgRefused,
            "licence",
        ),
    ],
)
def test_a_refusal_is_told_in_words(error: SetupError, kind: type[SetupError], words: str) -> None:
    assert type(error) is kind
    assert words in f"{error.cause} {error.remedy}"
    assert error.cause.endswith(".")
    assert error.remedy.endswith(".")
