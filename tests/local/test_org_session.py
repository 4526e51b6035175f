"""What a token is good for, and how long."""

import time

import jwt
import pytest

from local.conftest import MakeVisitor
from local.org_visitor import Visitor
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.identifiers import fingerprint
from sfmint_local.org.values import User

DEAD = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_a_token_opens_the_api_and_the_usage_is_told(visitor: Visitor) -> None:
    answer = visitor.call("/services/data/v67.0/limits", visitor.log_in())

    used = answer.headers["Sforce-Limit-Info"].removeprefix("api-usage=").removesuffix("/15000")
    assert answer.json()["DailyApiRequests"] == {"Max": 15000, "Remaining": 15000 - int(used)}


@pytest.mark.parametrize("token", ["", "00Dmade!up"])
def test_an_unknown_token_is_a_dead_session(visitor: Visitor, token: str) -> None:
    answer = visitor.call("/services/data/v67.0/limits", token)

    assert (answer.status_code, answer.json()) == (401, DEAD)
    assert visitor.call("/services/data/v67.0/nothing", token).status_code == 401


def test_a_search_for_leaks_is_told_every_token_that_was_given(visitor: Visitor) -> None:
    ended = visitor.log_in()
    visitor.control.end_sessions(username=visitor.user.username)
    given = {ended, visitor.log_in(), visitor.control.open_session(visitor.user.username)}

    assert given <= visitor.control.tokens()


def test_the_list_of_versions_needs_no_token(visitor: Visitor) -> None:
    answer = visitor.http.get(f"{visitor.control.url}/services/data/", timeout=10)

    assert answer.json()[-1]["version"] == "67.0"


def test_a_good_token_is_dead_on_another_host(visitor: Visitor) -> None:
    token = visitor.log_in()
    address = visitor.control.url.replace("localhost", "127.0.0.1")
    headers = {"Authorization": f"Bearer {token}"}

    answer = visitor.http.get(f"{address}/services/data/v67.0/limits", headers=headers, timeout=10)

    assert (answer.status_code, answer.json()) == (401, DEAD)
    assert visitor.probe(token) == 200


def test_an_idle_session_ends_after_the_apps_timeout(make_visitor: MakeVisitor) -> None:
    visitor = make_visitor(session_timeout_s=900)
    token = visitor.log_in()

    visitor.control.change_settings(clock_offset_s=895)
    alive = visitor.call("/services/data/", token)
    visitor.control.change_settings(clock_offset_s=901)

    assert alive.ok
    assert visitor.probe(token) == 401


def test_activity_prolongs_a_session_only_in_the_second_half_of_its_window(make_visitor: MakeVisitor) -> None:
    early, late = make_visitor(session_timeout_s=900), make_visitor(session_timeout_s=900)
    early_token, late_token = early.log_in(), late.log_in()

    early.control.change_settings(clock_offset_s=400)
    assert early.probe(early_token) == 200
    early.control.change_settings(clock_offset_s=500)
    assert late.probe(late_token) == 200
    early.control.change_settings(clock_offset_s=1000)

    assert early.probe(early_token) == 401
    assert late.probe(late_token) == 200


def test_a_jwt_based_token_ends_at_its_expiry_whatever_it_does(make_visitor: MakeVisitor) -> None:
    visitor = make_visitor(jwt_based_tokens=True, jwt_timeout_s=60)
    token = visitor.log_in()

    visitor.control.change_settings(clock_offset_s=50)
    assert visitor.probe(token) == 200
    visitor.control.change_settings(clock_offset_s=70)
    assert visitor.probe(token) == 401


@pytest.mark.parametrize("jwt_based", [False, True])
def test_a_revoked_token_is_dead_for_every_holder(make_visitor: MakeVisitor, jwt_based: bool) -> None:  # noqa: FBT001
    visitor = make_visitor(jwt_based_tokens=jwt_based)
    token = visitor.log_in()

    assert visitor.call("/services/oauth2/revoke", "", "POST", data={"token": token}).status_code == 200
    assert visitor.probe(token) == 401
    again = visitor.call("/services/oauth2/revoke", "", "POST", data={"token": token})
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")


def test_userinfo_tells_whose_token_it_is_and_refuses_with_a_text(visitor: Visitor) -> None:
    token = visitor.log_in()
    info = visitor.call("/services/oauth2/userinfo", token).json()
    refused = visitor.call("/services/oauth2/userinfo", "dead")

    assert info["preferred_username"] == visitor.user.username
    assert visitor.exchange().json()["id"].endswith(f"/{info['organization_id']}/{info['user_id']}")
    assert (refused.status_code, refused.text) == (403, "Bad_OAuth_Token")


def test_all_sessions_of_a_user_or_one_alone_can_be_ended(visitor: Visitor) -> None:
    first, second, third = visitor.log_in(), visitor.log_in(), visitor.log_in()

    assert visitor.control.end_session(fingerprint=fingerprint(first))
    assert [visitor.probe(token) for token in (first, second, third)] == [401, 200, 200]
    assert visitor.control.end_sessions(username=visitor.user.username) == 2
    assert [visitor.probe(token) for token in (second, third)] == [401, 401]
    assert not visitor.control.end_session(fingerprint=fingerprint(first))


def test_deactivating_a_user_ends_the_sessions(visitor: Visitor) -> None:
    token = visitor.log_in()
    visitor.control.put_user(User(username=visitor.user.username, status="inactive"))

    assert visitor.probe(token) == 401


def test_the_same_session_is_handed_out_again_while_it_lives_where_the_org_is_set_so(visitor: Visitor) -> None:
    visitor.control.change_settings(reuse_sessions=True)
    first = visitor.exchange().json()
    again = visitor.exchange().json()
    visitor.control.end_sessions(username=visitor.user.username)
    after = visitor.exchange().json()

    assert again["access_token"] == first["access_token"]
    assert again["issued_at"] == first["issued_at"]
    assert after["access_token"] != first["access_token"]
    assert visitor.control.counters().by_user[visitor.user.username].granted == 3


def test_a_session_can_be_old_when_it_is_handed_out(visitor: Visitor) -> None:
    visitor.control.change_settings(session_age_s=600)
    body = visitor.exchange().json()
    age_s = time.time() - int(body["issued_at"]) / 1000

    assert 590 < age_s < 700
    visitor.control.change_settings(clock_offset_s=310)
    assert visitor.probe(body["access_token"]) == 401


def test_an_app_without_the_api_scope_gets_the_401_that_no_new_token_heals(make_visitor: MakeVisitor) -> None:
    visitor = make_visitor(scopes=("id", "refresh_token"))
    answer = visitor.call("/services/data/v67.0/limits", visitor.log_in())

    assert answer.status_code == 401
    assert answer.json() == [
        {"message": "This session is not valid for use with the REST API", "errorCode": "INVALID_SESSION_ID"}
    ]


def test_the_api_limit_is_its_own_refusal(visitor: Visitor) -> None:
    token = visitor.log_in()
    visitor.control.change_settings(api_limit=0)
    answer = visitor.call("/services/data/v67.0/limits", token)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    ("version", "status"), [("v31.0", 200), ("latest", 200), ("v30.0", 410), ("v99.0", 404), ("67.0", 404)]
)
def test_versions_are_served_retired_or_unknown(visitor: Visitor, version: str, status: int) -> None:
    assert visitor.call(f"/services/data/{version}/limits", visitor.log_in()).status_code == status


def test_live_and_dead_calls_are_counted_apart(org: OrgControl, visitor: Visitor) -> None:
    token = visitor.log_in()
    before = org.counters()
    visitor.probe(token)
    visitor.probe("dead")
    after = org.counters()

    assert (after.api_requests - before.api_requests, after.api_refused - before.api_refused) == (1, 1)


def test_a_jwt_based_token_names_its_user_by_id(make_visitor: MakeVisitor) -> None:
    visitor = make_visitor(jwt_based_tokens=True)
    body = visitor.exchange().json()

    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert claims["sub"] == "uid:" + body["id"].rpartition("/")[2]
