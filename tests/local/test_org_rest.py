"""Queries and records of Account."""

from typing import Any, cast
from uuid import uuid4

import pytest
from simple_salesforce.api import Salesforce, SFType
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceMalformedRequest

from local.org_visitor import Visitor
from sfmint_local.org.identifiers import salesforce_id

BASE = "/services/data/v67.0"


@pytest.fixture
def token(visitor: Visitor) -> str:
    return visitor.log_in()


def query(visitor: Visitor, token: str, text: str) -> Any:
    return visitor.call(f"{BASE}/query", token, params={"q": text}).json()


def test_simple_salesforce_runs_a_query(visitor: Visitor, token: str) -> None:
    salesforce = Salesforce(instance_url=visitor.control.url, session_id=token, session=visitor.http)

    few = salesforce.query("SELECT Id, Name FROM Account ORDER BY Name LIMIT 3")
    everything = salesforce.query_all("SELECT Name FROM Account WHERE Industry = 'Energy'")
    account = cast("SFType", salesforce.Account).get(few["records"][0]["Id"])

    assert few["totalSize"] == 3
    assert few["records"][0]["Name"] == "Amber Foods" == account["Name"]
    assert everything["totalSize"] == len(everything["records"]) == 12


def test_simple_salesforce_understands_the_refusals(visitor: Visitor, token: str) -> None:
    salesforce = Salesforce(instance_url=visitor.control.url, session_id=token, session=visitor.http)
    with pytest.raises(SalesforceMalformedRequest, match="MALFORMED_QUERY"):
        salesforce.query("SELECT FROM WHERE")
    visitor.control.end_sessions(username=visitor.user.username)
    with pytest.raises(SalesforceExpiredSession):
        salesforce.query("SELECT Id FROM Account")


def test_a_query_comes_in_pages(visitor: Visitor, token: str) -> None:
    visitor.control.change_settings(query_page_rows=20)
    page = query(visitor, token, "SELECT Name FROM Account LIMIT 50")
    sizes, names = [len(page["records"])], [row["Name"] for row in page["records"]]
    while not page["done"]:
        page = visitor.call(page["nextRecordsUrl"], token).json()
        sizes.append(len(page["records"]))
        names += [row["Name"] for row in page["records"]]

    assert sizes == [20, 20, 10]
    assert len(set(names)) == 50


def test_an_unknown_page_is_refused(visitor: Visitor, token: str) -> None:
    answer = visitor.call(f"{BASE}/query/0-0", token)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "MALFORMED_QUERY"),
        ("SELECT", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account LIMIT ten", "MALFORMED_QUERY"),
        ("SELECT Id, FROM Account", "MALFORMED_QUERY"),
        ("SELECT Wrong FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Wrong = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead", "INVALID_TYPE"),
    ],
)
def test_a_wrong_query_is_refused_with_its_code(visitor: Visitor, token: str, text: str, code: str) -> None:
    answer = visitor.call(f"{BASE}/query", token, params={"q": text})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_only_the_fields_asked_for_come_back_in_salesforces_spelling(visitor: Visitor, token: str) -> None:
    row = query(visitor, token, "select NAME, billingcity from account order by numberofemployees desc limit 1")[
        "records"
    ][0]

    assert set(row) == {"attributes", "Name", "BillingCity"}
    assert row["attributes"]["type"] == "Account"


def test_a_count_has_no_records(visitor: Visitor, token: str) -> None:
    page = query(visitor, token, "SELECT COUNT() FROM Account WHERE NumberOfEmployees = 47")

    assert page == {"totalSize": 1, "done": True, "records": []}


def test_a_record_is_created_read_changed_and_deleted(visitor: Visitor, token: str) -> None:
    record = visitor.call(f"{BASE}/sobjects/Account", token, "POST", json={"Name": "New"})
    address = f"{BASE}/sobjects/Account/{record.json()['id']}"

    assert record.status_code == 201
    assert visitor.call(address, token, "PATCH", json={"BillingCity": "Riga"}).status_code == 204
    assert visitor.call(address, token).json()["BillingCity"] == "Riga"
    assert visitor.call(address, token, "DELETE").status_code == 204
    assert visitor.call(address, token).json()[0]["errorCode"] == "NOT_FOUND"


def test_an_upsert_creates_once_and_then_changes(visitor: Visitor, token: str) -> None:
    address = f"{BASE}/sobjects/Account/External_Id__c/{uuid4().hex}"
    first = visitor.call(address, token, "PATCH", json={"Name": "Once"})
    second = visitor.call(address, token, "PATCH", json={"Name": "Twice"})

    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert first.json()["id"] == second.json()["id"]
    assert visitor.call(address, token).json()["Name"] == "Twice"


@pytest.mark.parametrize("address", ["query?q=SELECT+Id+FROM+Account", "sobjects/Account/External_Id__c/A-0001"])
def test_head_reads_and_answers_no_body(visitor: Visitor, token: str, address: str) -> None:
    answer = visitor.call(f"{BASE}/{address}", token, "HEAD")

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "REQUIRED_FIELD_MISSING"),
        ({"Name": "x", "Wrong": 1}, "INVALID_FIELD"),
        ({"Name": "x", "Id": "1"}, "INVALID_FIELD"),
        ({"Name": "x", "NumberOfEmployees": "many"}, "JSON_PARSER_ERROR"),
        ({"Name": "x", "External_Id__c": "A-0000"}, "DUPLICATE_VALUE"),
        ([], "JSON_PARSER_ERROR"),
    ],
)
def test_a_wrong_record_is_refused_with_its_code(visitor: Visitor, token: str, body: object, code: str) -> None:
    answer = visitor.call(f"{BASE}/sobjects/Account", token, "POST", json=body)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


@pytest.mark.parametrize(
    "address",
    [
        f"{BASE}/sobjects/Lead",
        f"{BASE}/sobjects/Contact/003000000000001AAA",
        f"{BASE}/sobjects/Account/describe/layouts",
        f"{BASE}/composite",
        f"{BASE}/tooling/executeAnonymous",
        f"{BASE}/queryAll",
        "/services/apexrest/orders",
        "/services/oauth2/introspect",
        "/services/Soap/u/67.0",
        "/",
    ],
)
def test_an_address_that_only_salesforce_has_is_not_said_to_be_missing(
    visitor: Visitor, token: str, address: str
) -> None:
    unknown = visitor.call(address, token)

    (error,) = unknown.json()
    assert (unknown.status_code, error["errorCode"]) == (404, "NOT_FOUND")
    assert "The embedded org does not know this address" in error["message"]
    assert "docs/local-stack.md" in error["message"]


@pytest.mark.parametrize("address", [f"{BASE}/sobjects/Account/001000000000009AAA", "/services/data/v99.0/limits"])
def test_a_record_or_version_that_is_missing_is_said_to_be_missing(visitor: Visitor, token: str, address: str) -> None:
    (error,) = visitor.call(address, token).json()

    assert error == {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT Id FROM Contact", "This user of the embedded org sees Account, Organization, Profile, User"),
        ("SELECT Industry FROM Account GROUP BY Industry", "the embedded org does not know"),
    ],
)
def test_a_query_that_only_salesforce_understands_is_told_what_the_org_has(
    visitor: Visitor, token: str, text: str, said: str
) -> None:
    (error,) = visitor.call(f"{BASE}/query", token, params={"q": text}).json()

    assert said in error["message"]


def test_an_id_ends_with_salesforces_checksum() -> None:
    # The only capital is the fifth character of the first block: bit 4, which is Q.
    assert salesforce_id("001", 1) == "001gK0000000001QAA"
