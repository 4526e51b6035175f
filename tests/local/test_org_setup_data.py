"""The data of administration: queries and records of users, permission sets, apps and the org."""

# ruff: noqa: S608 - SOQL, of the tests' own values

from typing import Any
from uuid import uuid4

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.conftest import certificate_of
from local.deploying import AppFiles, Deployer, problems
from local.org_administrator import BASE, Administrator, hire
from local.org_visitor import Visitor
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.identifiers import user_id
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.app_parts import app_parts
from sfmint_local.org.setup.components import Component
from sfmint_local.org.values import User

APPS = ["ExternalClientApplication", "ExtlClntAppOauthSettings", "ExtlClntAppOauthPlcyCnfg"]
ASSIGNMENTS = f"{BASE}/sobjects/PermissionSetAssignment"
TIES = f"{BASE}/sobjects/SetupEntityAccess"


@pytest.fixture
def app(org: OrgControl) -> str:
    name = f"orders_{uuid4().hex[:8]}"
    for part in app_parts(name).values():
        org.put_component(part)
    return name


@pytest.fixture
def user(org: OrgControl) -> User:
    return org.put_user(User(username=f"{uuid4().hex}@example.com", alias="sfm"))


def id_of(administrator: Administrator, kind: str, name: str) -> str:
    field = "Name" if kind == "PermissionSet" else "DeveloperName"
    (row,) = administrator.rows(f"SELECT Id FROM {kind} WHERE {field} = '{name}'")
    return str(row["Id"])


def error(answer: requests.Response) -> tuple[int, str, str]:
    (said,) = answer.json()
    return answer.status_code, said["errorCode"], said["message"]


def test_the_org_says_what_it_is(administrator: Administrator) -> None:
    administrator.control.change_settings(is_sandbox=True, organization_type="Developer Edition", trial_days=30)

    (row,) = administrator.rows(
        "SELECT Id, Name, IsSandbox, OrganizationType, InstanceName, TrialExpirationDate FROM Organization"
    )

    assert (row["IsSandbox"], row["OrganizationType"]) == (True, "Developer Edition")
    assert row["Id"].startswith("00D")
    assert row["TrialExpirationDate"].endswith(".000+0000")
    assert administrator.rows("SELECT Id FROM Organization WHERE TrialExpirationDate > 2020-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Username = '{0}'", True),
        ("Username = '{1}'", True),  # texts are compared without regard to case
        ("Username IN ('nobody@example.com', '{0}') AND IsActive = TRUE", True),
        ("Username = '{0}' AND IsActive = false", False),
        ("Username = '{0}' AND Username NOT IN ('{0}')", False),
        ("Username LIKE '{2}%' AND Profile.Name = 'Standard User'", True),
        ("Username = 'nobody@example.com' OR Id = '{3}'", True),
        ("Id = '{4}'", True),
        ("User.Username = '{0}'", True),
        ("Username = '{0}' AND Alias != null", True),
        ("Username = '{0}' AND Alias = NULL", False),
    ],
)
def test_a_user_is_found_by_conditions(administrator: Administrator, user: User, *, where: str, found: bool) -> None:
    name, row_id = user.username, user_id(user.username)
    text = where.format(name, name.upper(), name[:20], row_id, row_id[:15])

    rows = administrator.rows(f"SELECT Id, Alias, Profile.Name, Profile.UserLicense.Name FROM User WHERE {text}")

    licensed = {"Name": "Standard User", "UserLicense": {"Name": "Salesforce"}}
    assert rows == ([{"Id": row_id, "Alias": "sfm", "Profile": licensed}] if found else [])


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("SELECT Id FROM User WHERE IsActive = 'true'", "INVALID_FIELD", "should not be enclosed in quotes"),
        ("SELECT Id FROM User WHERE Username = 1", "INVALID_FIELD", "should be enclosed in quotes"),
        ("SELECT Id FROM User WHERE Id = '005'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: 005"),
        ("SELECT Id FROM User WHERE IsActive LIKE 'x'", "INVALID_FIELD", "IsActive"),
        ("SELECT Id FROM User WHERE Boss.Name = 'x'", "INVALID_FIELD", "Didn't understand relationship 'Boss'"),
        ("SELECT Id, Alias, ID FROM User", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Profile.Wrong FROM User", "INVALID_FIELD", "No such column 'Wrong' on entity 'Profile'"),
        ("SELECT Id FROM User WHERE A = 1 AND B = 2 OR C = 3", "MALFORMED_QUERY", "unexpected token: 'OR'"),
        ("SELECT Id FROM User WHERE Username = 'x", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM User WHERE Username IN ()", "MALFORMED_QUERY", "unexpected token: ')'"),
        ("SELECT Id FROM User WHERE TrialExpirationDate > 2020-13-01T00:00:00Z", "MALFORMED_QUERY", "2020-13"),
        ("SELECT Id FROM User ORDER BY Username NULLS", "MALFORMED_QUERY", "<EOF>"),
        ("SELECT Id FROM User WHERE Username = ", "MALFORMED_QUERY", "<EOF>"),
    ],
)
def test_a_query_of_the_wrong_kind_is_refused(administrator: Administrator, text: str, code: str, said: str) -> None:
    (refusal,) = administrator.query(text)

    assert refusal["errorCode"] == code
    assert said in refusal["message"]


@pytest.mark.parametrize(
    ("label", "literal", "found"),
    [
        ("it's", r"it\'s", True),
        ("a\\b", r"a\\b", True),
        ("a\nb", r"a\nb", True),
        ("é", r"\u00e9", True),
        ('"', r"\"", True),
        ("axb", r"a\x", None),
        ("aub", r"a\u00", None),
    ],
)
def test_a_text_is_read_with_its_escapes(
    administrator: Administrator, app: str, label: str, literal: str, *, found: bool | None
) -> None:
    part = Component(type="PermissionSet", full_name=f"{app}_escaped", elements={"label": label})
    row_id = administrator.control.put_component(part)

    answer = administrator.query(f"SELECT Id FROM PermissionSet WHERE Label = '{literal}' AND Id = '{row_id}'")

    if found is None:
        assert (answer[0]["errorCode"], "Illegal character sequence" in answer[0]["message"]) == (
            "MALFORMED_QUERY",
            True,
        )
    else:
        assert (answer["totalSize"] == 1) is found


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("a%", True),
        ("%C", True),
        ("a_b_c", True),
        (r"a\_b\%c", True),
        (r"a\%b%", False),
        ("a.b.c", False),
        ("a_b", False),
    ],
)
def test_like_knows_wildcards_and_escaped_ones(
    administrator: Administrator, app: str, pattern: str, *, found: bool
) -> None:
    part = Component(type="PermissionSet", full_name=f"{app}_like", elements={"label": "a_b%c"})
    row_id = administrator.control.put_component(part)

    text = f"SELECT Id FROM PermissionSet WHERE Label LIKE '{pattern}' AND Id = '{row_id}'"

    assert bool(administrator.rows(text)) is found


_WORDS = st.sampled_from(
    [
        "SELECT",
        "FROM",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "LIKE",
        "ORDER",
        "BY",
        "LIMIT",
        "OFFSET",
        "NULLS",
        "FIRST",
        "ASC",
        "NULL",
        "TRUE",
        "COUNT",
        "(",
        ")",
        ",",
        "=",
        "!=",
        "<",
        "'a'",
        "'\\",
        "'",
        "1",
        "-1.5",
        "2026-01-01T00:00:00Z",
        "2026-99-01T00:00:00Z",
        "Id",
        "User",
        "Username",
        "IsActive",
        "Profile.Name",
        "Account",
        "Organization",
        "*",
        ";",
        "\n",
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(_WORDS, max_size=12).map(" ".join) | st.text(max_size=60))
def test_every_query_is_answered_or_refused_in_salesforces_words(administrator: Administrator, text: str) -> None:
    answer = administrator.call(f"{BASE}/query", params={"q": text})

    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        assert answer.json()[0]["errorCode"] in {
            "MALFORMED_QUERY",
            "INVALID_FIELD",
            "INVALID_TYPE",
            "INVALID_QUERY_FILTER_OPERATOR",
        }


def test_rows_are_ordered_by_several_fields_and_nulls_come_first_or_last(
    administrator: Administrator, app: str
) -> None:
    text = "SELECT Description FROM PermissionSet ORDER BY Description {}, Name LIMIT 200"
    administrator.control.put_component(
        Component(type="PermissionSet", full_name=f"{app}_z", elements={"label": "z", "description": f"zz{app}"})
    )

    first = administrator.rows(text.format("ASC NULLS FIRST"))
    last = administrator.rows(text.format("DESC NULLS LAST"))

    assert (first[0]["Description"], last[-1]["Description"]) == (None, None)
    assert last[0]["Description"].startswith("zz")


def test_an_app_is_found_with_its_settings_and_policies(administrator: Administrator, app: str) -> None:
    (found,) = administrator.rows(
        "SELECT Id, DeveloperName, MasterLabel, Description, ContactEmail, DistributionState "
        f"FROM ExternalClientApplication WHERE DeveloperName = '{app}'"
    )
    (policies,) = administrator.rows(
        "SELECT PermittedUsersPolicyType, SessionTimeoutInMinutes FROM ExtlClntAppOauthPlcyCnfg "
        f"WHERE ExternalClientApplicationId = '{found['Id']}'"
    )
    (settings,) = administrator.rows(
        "SELECT OauthScopesAPI, OauthScopesFULL, ExternalClientApplication.DeveloperName FROM ExtlClntAppOauthSettings "
        f"WHERE ExternalClientApplication.DeveloperName = '{app}'"
    )

    assert found["Id"].startswith("0xI")
    assert (found["MasterLabel"], found["ContactEmail"]) == (f"{app} label", "ops@example.com")
    assert policies == {"PermittedUsersPolicyType": "AdminApprovedPreAuthorized", "SessionTimeoutInMinutes": 15}
    assert settings["OauthScopesAPI"] is True
    assert settings["OauthScopesFULL"] is False
    assert settings["ExternalClientApplication"] == {"DeveloperName": app}


@pytest.mark.parametrize("kind", APPS)
@pytest.mark.parametrize(
    ("held", "sees"),
    [
        ((rights.VIEW_SETUP,), False),
        ((rights.MODIFY_METADATA, rights.MANAGE_USERS), False),
        ((rights.APP_VIEWER,), True),
        ((rights.APP_ADMIN,), True),
        ((rights.APP_DEVELOPER,), True),
    ],
)
def test_apps_are_unknown_without_a_right_on_them(
    org: OrgControl, org_http: requests.Session, kind: str, held: tuple[str, ...], *, sees: bool
) -> None:
    answer = hire(org, org_http, *held).query(f"SELECT Id FROM {kind}")

    assert ("records" in answer) is sees
    assert sees or (answer[0]["errorCode"], answer[0]["message"].split(".")[0]) == (
        "INVALID_TYPE",
        f"sObject type '{kind}' is not supported",
    )


@pytest.mark.parametrize("kind", [*APPS, "PermissionSet", "PermissionSetAssignment", "SetupEntityAccess"])
def test_the_user_of_a_connection_sees_nothing_of_setup(visitor: Visitor, kind: str) -> None:
    answer = visitor.call(f"{BASE}/query", visitor.log_in(), params={"q": f"SELECT Id FROM {kind}"})

    assert error(answer)[:2] == (400, "INVALID_TYPE")


def test_a_permission_set_is_assigned_once_and_taken_back(administrator: Administrator, app: str, user: User) -> None:
    permission_set = id_of(administrator, "PermissionSet", f"{app}_access")
    body = {"AssigneeId": user_id(user.username), "PermissionSetId": permission_set}
    held = (
        "SELECT Id, Assignee.Username, PermissionSet.Name FROM PermissionSetAssignment "
        f"WHERE Assignee.Username = '{user.username}' AND PermissionSet.IsOwnedByProfile = false"
    )

    made = administrator.call(ASSIGNMENTS, "POST", json=body)
    again = administrator.call(ASSIGNMENTS, "POST", json=body)

    assert (made.status_code, made.json()["success"]) == (201, True)
    assert error(again)[:2] == (400, "DUPLICATE_VALUE")
    assert error(again)[2].startswith("Duplicate PermissionSetAssignment")
    (row,) = administrator.rows(held)
    assert (row["Assignee"], row["PermissionSet"]) == ({"Username": user.username}, {"Name": f"{app}_access"})
    assert administrator.call(f"{ASSIGNMENTS}/{row['Id']}").json()["PermissionSetId"] == permission_set

    assert administrator.call(f"{ASSIGNMENTS}/{row['Id']}", "DELETE").status_code == 204
    assert administrator.rows(held) == []
    assert error(administrator.call(f"{ASSIGNMENTS}/{row['Id']}", "DELETE"))[:2] == (404, "NOT_FOUND")


def test_every_user_has_the_permission_set_of_the_profile_and_keeps_it(
    administrator: Administrator, user: User
) -> None:
    (row,) = administrator.rows(
        f"SELECT Id, PermissionSet.Profile.Name FROM PermissionSetAssignment WHERE AssigneeId = '{user_id(user.username)}'"
    )

    assert row["PermissionSet"] == {"Profile": {"Name": user.profile}}
    refused = administrator.call(f"{ASSIGNMENTS}/{row['Id']}", "DELETE")
    assert error(refused)[:2] == (400, "INVALID_CROSS_REFERENCE_KEY")


def test_a_permission_set_is_tied_to_an_app(administrator: Administrator, app: str) -> None:
    permission_set = id_of(administrator, "PermissionSet", f"{app}_access")
    entity = id_of(administrator, "ExternalClientApplication", app)
    body = {"ParentId": permission_set, "SetupEntityId": entity}

    made = administrator.call(TIES, "POST", json=body)
    again = administrator.call(TIES, "POST", json=body)

    assert made.status_code == 201
    assert error(again)[:2] == (400, "DUPLICATE_VALUE")
    (row,) = administrator.rows(
        f"SELECT Id, Parent.Name, SetupEntityId FROM SetupEntityAccess WHERE ParentId = '{permission_set}' "
        "AND SetupEntityType = 'ExternalClientApplication'"
    )
    assert row == {"Id": made.json()["id"], "Parent": {"Name": f"{app}_access"}, "SetupEntityId": entity}
    assert administrator.call(f"{TIES}/{row['Id']}", "DELETE").status_code == 204


def test_a_permission_set_of_the_integration_licence_carries_no_app(administrator: Administrator, app: str) -> None:
    bound = Component(
        type="PermissionSet",
        full_name=f"{app}_bound",
        elements={"label": "bound", "license": "SalesforceAPIIntegrationPsl"},
    )
    parent = administrator.control.put_component(bound)
    body = {"ParentId": parent, "SetupEntityId": id_of(administrator, "ExternalClientApplication", app)}

    assert error(administrator.call(TIES, "POST", json=body))[:2] == (400, "FIELD_INTEGRITY_EXCEPTION")
    (row,) = administrator.rows(f"SELECT License.MasterLabel FROM PermissionSet WHERE Id = '{parent}'")
    assert row == {"License": {"MasterLabel": "Salesforce API Integration"}}


@pytest.mark.parametrize("licence", ["SalesforceAPIIntegrationPsl", "Salesforce API Integration"])
def test_no_deployment_ties_such_a_permission_set_either(
    administrator: Administrator, visitor: Visitor, licence: str
) -> None:
    files = AppFiles.drawn(certificate_of(visitor.key))

    result = Deployer(**vars(administrator)).deploy(
        files.permission_set(license=licence), *(part for part in files.all() if part.type != "PermissionSet")
    )

    assert result["status"] == "Failed"
    assert "its license doesn't allow external client apps" in problems(result)[f"{files.name}_oauthPlcy"]


@pytest.mark.parametrize(
    ("profile", "is_assigned"), [("Minimum Access - API Only Integrations", True), ("Standard User", False)]
)
def test_a_permission_set_of_a_user_licence_is_for_users_with_it(
    administrator: Administrator, app: str, profile: str, *, is_assigned: bool
) -> None:
    user = administrator.control.put_user(User(username=f"{uuid4().hex}@example.com", profile=profile))
    elements = {"label": "bound", "license": "Salesforce Integration"}
    bound = Component(type="PermissionSet", full_name=f"{app}_user_bound", elements=elements)
    row_id = administrator.control.put_component(bound)

    answer = administrator.call(
        ASSIGNMENTS, "POST", json={"AssigneeId": user_id(user.username), "PermissionSetId": row_id}
    )

    assert answer.status_code == 201 if is_assigned else error(answer)[:2] == (400, "FIELD_INTEGRITY_EXCEPTION")


def test_a_permission_set_brings_its_rights_to_those_who_have_it(
    org: OrgControl, org_http: requests.Session, administrator: Administrator, app: str
) -> None:
    somebody = hire(org, org_http, rights.VIEW_SETUP)
    elements: dict[str, str | tuple[str, ...]] = {
        "label": "viewers",
        "userPermissions.enabled": ("true", "false"),
        "userPermissions.name": (rights.APP_VIEWER, rights.MANAGE_USERS),
    }
    row_id = org.put_component(Component(type="PermissionSet", full_name=f"{app}_viewers", elements=elements))
    text = "SELECT COUNT() FROM ExternalClientApplication"

    before = somebody.query(text)
    body = {"AssigneeId": user_id(somebody.username), "PermissionSetId": row_id}
    administrator.call(ASSIGNMENTS, "POST", json=body)

    assert before[0]["errorCode"] == "INVALID_TYPE"
    assert somebody.query(text)["totalSize"] > 0
    assert error(somebody.call(f"{BASE}/sobjects/User/{user_id(somebody.username)}", "PATCH", json={}))[0] == 403


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "REQUIRED_FIELD_MISSING"),
        ({"AssigneeId": "005gK0000000001QAA"}, "REQUIRED_FIELD_MISSING"),
        ({"AssigneeId": "x", "PermissionSetId": "x"}, "MALFORMED_ID"),
        ({"AssigneeId": 5, "PermissionSetId": "x"}, "MALFORMED_ID"),
        ({"AssigneeId": "005gK0000000001QAA", "PermissionSetId": "x"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"Username": "x"}, "INVALID_FIELD"),
        ([], "JSON_PARSER_ERROR"),
    ],
)
def test_a_wrong_assignment_is_refused_with_its_code(administrator: Administrator, body: object, code: str) -> None:
    assert error(administrator.call(ASSIGNMENTS, "POST", json=body))[:2] == (400, code)


@pytest.mark.parametrize(
    ("held", "assigns", "ties"),
    [
        ((rights.APP_VIEWER,), False, False),
        ((rights.APP_VIEWER, rights.ASSIGN_PERMISSION_SETS), True, False),
        ((rights.APP_VIEWER, rights.MANAGE_USERS), True, False),
        ((rights.APP_VIEWER, rights.MANAGE_PERMISSION_SETS), False, True),
    ],
)
def test_changes_need_their_rights(
    org: OrgControl,
    org_http: requests.Session,
    app: str,
    user: User,
    held: tuple[str, ...],
    *,
    assigns: bool,
    ties: bool,
) -> None:
    somebody = hire(org, org_http, *held)
    permission_set = id_of(somebody, "PermissionSet", f"{app}_access")
    entity = id_of(somebody, "ExternalClientApplication", app)
    refused = (403, "INSUFFICIENT_ACCESS_OR_READONLY")

    assigned = somebody.call(
        ASSIGNMENTS, "POST", json={"AssigneeId": user_id(user.username), "PermissionSetId": permission_set}
    )
    tied = somebody.call(TIES, "POST", json={"ParentId": permission_set, "SetupEntityId": entity})

    assert assigned.status_code == 201 if assigns else error(assigned)[:2] == refused
    assert tied.status_code == 201 if ties else error(tied)[:2] == refused


def test_nobody_grants_a_right_that_there_is_not(org: OrgControl, user: User) -> None:
    with pytest.raises(Exception, match="There is no right 'EditEverything'"):
        org.grant(user.username, ["EditEverything"])


@pytest.mark.parametrize("kind", [*APPS, "User", "Organization", "PermissionSet"])
def test_what_an_app_is_made_of_is_not_created_as_records(administrator: Administrator, kind: str) -> None:
    refused = administrator.call(f"{BASE}/sobjects/{kind}", "POST", json={"DeveloperName": "orders"})

    assert error(refused) == (400, "INVALID_TYPE_FOR_OPERATION", f"entity type cannot be inserted: {kind}")


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_app_is_neither_changed_nor_deleted_as_a_record(administrator: Administrator, app: str, method: str) -> None:
    address = f"{BASE}/sobjects/ExternalClientApplication/{id_of(administrator, 'ExternalClientApplication', app)}"

    assert error(administrator.call(address, method, json={}))[:2] == (400, "INVALID_TYPE_FOR_OPERATION")
    assert administrator.call(address).json()["DeveloperName"] == app


def test_a_user_is_deactivated_and_activated_by_who_manages_users(
    org: OrgControl, org_http: requests.Session, administrator: Administrator, user: User
) -> None:
    address = f"{BASE}/sobjects/User/{user_id(user.username)}"
    active = f"SELECT IsActive FROM User WHERE Username = '{user.username}'"

    for is_active in (False, True):
        assert administrator.call(address, "PATCH", json={"IsActive": is_active}).status_code == 204
        assert administrator.rows(active) == [{"IsActive": is_active}]
    assert error(administrator.call(address, "PATCH", json={"Email": "x@example.com"}))[1] == "INVALID_FIELD"
    somebody = hire(org, org_http, rights.VIEW_SETUP)
    assert error(somebody.call(address, "PATCH", json={"IsActive": False}))[0] == 403


def test_an_administrators_session_is_no_login_that_counts(org: OrgControl, org_http: requests.Session) -> None:
    before = org.counters().logins_granted
    administrator = hire(org, org_http)

    assert org.counters().logins_granted == before
    org.end_sessions(username=administrator.username)
    assert error(administrator.call(f"{BASE}/limits"))[:2] == (401, "INVALID_SESSION_ID")


def test_a_session_of_the_newest_version_is_served_by_an_org_that_has_it(administrator: Administrator) -> None:
    def asked() -> Any:
        return administrator.call("/services/data/v68.0/query", params={"q": "SELECT COUNT() FROM Profile"})

    assert asked().status_code == 404
    administrator.control.change_settings(newest_version=68)
    assert asked().status_code == 200


def test_the_columns_of_a_query_are_told(administrator: Administrator) -> None:
    text = "SELECT id, Profile.UserLicense.name FROM user"

    told = administrator.call(f"{BASE}/query", params={"q": text, "columns": "true"}).json()

    assert told["entityName"] == "User"
    simple, joined = told["columnMetadata"]
    assert (simple["columnName"], simple["joinColumns"]) == ("Id", [])
    (licence,) = joined["joinColumns"]
    assert [joined["columnName"], licence["columnName"], licence["joinColumns"][0]["columnName"]] == [
        "Profile",
        "UserLicense",
        "Name",
    ]


def test_an_org_without_source_tracking_says_so(administrator: Administrator) -> None:
    refused = administrator.call(f"{BASE}/tooling/sobjects/SourceMember/describe")

    assert error(refused) == (404, "NOT_FOUND", "The requested resource does not exist")
