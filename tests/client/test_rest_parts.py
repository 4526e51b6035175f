"""A success of which a part failed is an error for who asks for that."""

from typing import Any

import pytest

from client.rest_peer import Peer, http
from sfmint_client.errors import SalesforcePartlyFailed
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.request import RestRequest

COMPOSITE = "/services/data/v67.0/composite"
ERROR = {"errorCode": "DUPLICATE_VALUE", "message": "duplicate value found"}
OF_RECORD = {"statusCode": "DUPLICATE_VALUE", "message": "duplicate value found", "fields": []}
GOOD, BAD = {"httpStatusCode": 201, "body": {"id": "1"}}, {"httpStatusCode": 400, "body": [ERROR]}
FAILED: dict[str, tuple[Any, str]] = {
    "composite": ({"compositeResponse": [GOOD, BAD]}, "of 2 parts 1 failed, the first with 400 DUPLICATE_VALUE"),
    "composite, all or none": (
        {"compositeResponse": [{"httpStatusCode": 400, "body": [{"errorCode": "PROCESSING_HALTED"}]}, BAD]},
        "of 2 parts 2 failed, the first with 400 DUPLICATE_VALUE",
    ),
    "collections in a composite": (
        {"compositeResponse": [GOOD, {"httpStatusCode": 200, "body": [{"success": False, "errors": [OF_RECORD]}]}]},
        "of 2 parts 1 failed, the first with 200 DUPLICATE_VALUE",
    ),
    "batch": (
        {"hasErrors": True, "results": [{"statusCode": 404, "result": [ERROR]}, {"statusCode": 204, "result": None}]},
        "of 2 parts 1 failed, the first with 404 DUPLICATE_VALUE",
    ),
    "graph": (
        {"graphs": [{"isSuccessful": False, "graphResponse": {"compositeResponse": [BAD, GOOD]}}]},
        "of 2 parts 1 failed",
    ),
    "collections": (
        [{"success": False, "errors": [OF_RECORD]}, {"success": True, "errors": []}],
        "of 2 parts 1 failed",
    ),
    "tree": ({"hasErrors": True, "results": [{"referenceId": "a", "errors": [OF_RECORD]}]}, "of 1 parts 1 failed"),
    "actions": ([{"isSuccess": False, "errors": [OF_RECORD]}], "of 1 parts 1 failed"),
    "one record": ({"success": False, "errors": [OF_RECORD]}, "of 1 parts 1 failed"),
    "a job with failed rows": (
        {"state": "JobComplete", "object": "Account", "numberRecordsFailed": 2, "numberRecordsProcessed": 5},
        'of 5 parts 2 failed, the first with 200: "Rows of the job failed',
    ),
    "a tree in a composite": (
        {
            "compositeResponse": [
                {"httpStatusCode": 201, "body": {"hasErrors": True, "results": [{"errors": [OF_RECORD]}]}}
            ]
        },
        "of 1 parts 1 failed, the first with 201 DUPLICATE_VALUE",
    ),
    "a batch in a composite": (
        {
            "compositeResponse": [
                GOOD,
                {"httpStatusCode": 200, "body": {"results": [{"statusCode": 404, "result": [ERROR]}]}},
            ]
        },
        "of 2 parts 1 failed, the first with 404 DUPLICATE_VALUE",
    ),
    "a composite in a batch": (
        {"results": [{"statusCode": 200, "result": {"compositeResponse": [GOOD, BAD]}}]},
        "of 2 parts 1 failed, the first with 400 DUPLICATE_VALUE",
    ),
    "a graph in a batch": (
        {"results": [{"statusCode": 200, "result": {"graphs": [{"graphResponse": {"compositeResponse": [BAD]}}]}}]},
        "of 1 parts 1 failed, the first with 400 DUPLICATE_VALUE",
    ),
    "one record in a composite": (
        {"compositeResponse": [{"httpStatusCode": 200, "body": {"success": False, "errors": [OF_RECORD]}}]},
        "of 1 parts 1 failed, the first with 200 DUPLICATE_VALUE",
    ),
    "collections, all of which count": (
        {"compositeResponse": [{"httpStatusCode": 200, "body": [{"success": False, "errors": [OF_RECORD]}] * 3}]},
        "of 3 parts 3 failed",
    ),
    "a graph that failed as a whole": (
        {"graphs": [{"isSuccessful": False, "graphResponse": {"compositeResponse": []}}]},
        "of 1 parts 1 failed",
    ),
    "errors, and none is named": (
        {"hasErrors": True, "results": [{"referenceId": "a", "id": "1"}]},
        "of 1 parts 1 failed",
    ),
    "a status as a text": ({"compositeResponse": [{"httpStatusCode": "400", "body": [ERROR]}]}, "of 1 parts 1 failed"),
    "a job with counts as texts": (
        {"state": "JobComplete", "object": "Account", "numberRecordsFailed": "2", "numberRecordsProcessed": "5"},
        "of 5 parts 2 failed",
    ),
    "a job of Bulk API 1.0": (
        {"state": "Closed", "object": "A", "numberBatchesFailed": 1},
        "Batches of the job failed",
    ),
    "batches of Bulk API 1.0": (
        {
            "batchInfo": [
                {"state": "Completed"},
                {"jobId": "750", "state": "Failed", "stateMessage": "InvalidBatch : x"},
            ]
        },
        'of 2 parts 1 failed, the first with 200: "InvalidBatch : x"',
    ),
    "a job that failed": ({"state": "Failed", "object": "Account", "errorMessage": "InvalidBatch"}, "InvalidBatch"),
}
WELL: list[Any] = [
    {"compositeResponse": [GOOD, GOOD]},
    {"hasErrors": False, "results": [{"statusCode": 200, "result": {"errors": "a field"}}]},
    [{"success": True, "errors": []}],
    {"state": "JobComplete", "object": "Account", "numberRecordsFailed": 0},
    {"compositeResponse": [{"httpStatusCode": 304, "body": None}]},
    {"compositeResponse": [{"httpStatusCode": 200, "body": {"records": [{"success": False}], "errors": "a field"}}]},
    {"graphs": [{"isSuccessful": True, "graphResponse": {"compositeResponse": [GOOD]}}]},
    {"done": True, "records": [{"object": "Account", "state": "Failed"}]},
    {"records": [{"Name": "Acme", "success": "no"}], "totalSize": 1},
    {"results": {"a": 1}},
    "text",
    7,
    [],
    [None, 1, "x"],
]


def sent(*, strict: bool) -> RestRequest:
    json = {"Content-Type": "application/json"}
    return RestRequest(method="POST", path=COMPOSITE, headers=json, body=b"{}", fail_on_partial=strict)


@pytest.mark.parametrize(("body", "words"), FAILED.values(), ids=FAILED)
def test_a_part_that_failed_is_an_error_where_that_is_wanted(
    rest: RestClient, peer: Peer, body: Any, words: str
) -> None:
    peer.answer_with(http(200, body))
    assert rest.send(sent(strict=False)).body == body
    with pytest.raises(SalesforcePartlyFailed, match="do not send those again") as met:
        rest.send(sent(strict=True))
    assert words in str(met.value)
    assert not met.value.retryable


@pytest.mark.parametrize("body", WELL)
def test_where_no_part_failed_the_answer_comes(rest: RestClient, peer: Peer, body: Any) -> None:
    peer.answer_with(http(200, body))
    assert rest.send(sent(strict=True)).body == body


def test_what_looks_like_a_secret_is_not_quoted(rest: RestClient, peer: Peer) -> None:
    said = {"errorCode": "ODD", "message": "the key AB1C2D3E4FAB1C2D3E4FAB1C2D3E4F99"}
    peer.answer_with(http(200, {"compositeResponse": [{"httpStatusCode": 400, "body": [said]}]}))
    with pytest.raises(SalesforcePartlyFailed, match=r'ODD: "the key \(redacted\)"'):
        rest.send(sent(strict=True))


def test_a_part_that_nobody_knows_is_no_fault_of_a_proxy(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(http(200, [{"success": False, "errors": [{"statusCode": "A_NEW_CODE", "message": "x"}]}]))
    with pytest.raises(SalesforcePartlyFailed, match="Correct the request"):
        rest.send(sent(strict=True))
