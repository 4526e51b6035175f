"""Every code that Salesforce publishes has its meaning, and each kind is sent again or not as that says."""

import re
from collections import Counter

import pytest

from client.rest_peer import GET, OK, REPEATABLE, UPSERT, WRITES, MakeRest, Peer, http, name_of, refusal
from sfmint_client.errors import (
    SalesforceBadRequest,
    SalesforceBusy,
    SalesforceConflict,
    SalesforceRateLimited,
    SalesforceUnavailable,
    SfmintError,
)
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.refusals.meaning import Again
from sfmint_client.rest.refusals.refusal import Refusal
from sfmint_client.rest.refusals.table import MEANINGS
from sfmint_client.rest.request import RestRequest
from sfmint_values.secret import Secret

CODES = sorted({code for row in MEANINGS for code in row.codes})
LOCKED = refusal(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
CONCURRENT = refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
NOT_BEGUN = {
    "a lock": LOCKED,
    "too many at once": CONCURRENT,
    "too much Apex": refusal(503, "TOO_MANY_APEX_REQUESTS", "ConcurrentPerOrgLongTxn Limit exceeded."),
    "maintenance": refusal(500, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "x"),
}
ENDED = {
    "a long query": refusal(400, "QUERY_TIMEOUT", "Your query request was running for too long."),
    "a long request": refusal(403, "REQUEST_RUNNING_TOO_LONG", "x"),
    "a part that is away": refusal(400, "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE", "x"),
    "in words alone": refusal(400, "NEW_CODE", "The service is temporarily unavailable."),
    "a lock in a trigger": refusal(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "T: ... UNABLE_TO_LOCK_ROW, x: []"),
}
FINAL = {
    "Apex": refusal(500, "APEX_ERROR", "System.NullPointerException: Attempt to de-reference a null object"),
    "a trigger": refusal(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "T: execution of BeforeInsert"),
    "a flow": refusal(500, "FLOW_EXCEPTION", "x"),
    "data under a 5xx": refusal(500, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Out of stock, temporarily unavailable"),
}


def meaning(status: int, code: str, message: str = "") -> type[SfmintError]:
    return Refusal(status_code=status, code=code, message=message).meaning.error


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_code_means_the_same_under_any_status(code: str, status: int) -> None:
    row = Refusal(status_code=status, code=code, message="").meaning
    assert code in row.codes
    assert row.error is meaning(400, code)
    assert (row.again is Again.NEVER) == (not row.error.retryable or row.error is SalesforceRateLimited)


@pytest.mark.parametrize(
    "row", MEANINGS, ids=lambda row: " ".join(map(str, (*row.statuses, *row.codes[:1], *row.words)))
)
def test_a_kind_has_one_sentence_of_cause_and_a_remedy(row: object) -> None:
    cause, remedy = vars(type(row)) and (row.cause, row.remedy)  # type: ignore[attr-defined]
    assert re.fullmatch(r"[A-Z][^.]*\.|.*sfmint's\.", cause)
    assert remedy.endswith(".")


def test_a_code_stands_in_one_row_unless_words_tell_two_apart() -> None:
    assert {
        code
        for code, times in Counter(code for row in MEANINGS for code in row.codes if not row.words).items()
        if times > 1
    } == set()


@pytest.mark.parametrize("request_", [*REPEATABLE, *(request for request in WRITES if request.is_whole)], ids=name_of)
@pytest.mark.parametrize("fault", NOT_BEGUN.values(), ids=NOT_BEGUN)
def test_what_was_not_done_is_sent_again_a_write_too(
    rest: RestClient, peer: Peer, request_: RestRequest, fault: bytes
) -> None:
    peer.answer_with(fault, fault, OK)
    rest.send(request_)
    assert len(peer.received) == 3


@pytest.mark.parametrize("request_", REPEATABLE, ids=name_of)
@pytest.mark.parametrize("fault", [*NOT_BEGUN.values(), *ENDED.values()])
def test_what_passes_by_itself_is_one_error(rest: RestClient, peer: Peer, request_: RestRequest, fault: bytes) -> None:
    peer.answer_with(fault)
    with pytest.raises(SalesforceBusy) as met:
        rest.send(request_)
    assert met.value.retryable
    assert len(peer.received) == 4


@pytest.mark.parametrize("fault", ENDED.values(), ids=ENDED)
def test_a_write_that_was_ended_is_not_sent_again(rest: RestClient, peer: Peer, fault: bytes) -> None:
    peer.answer_with(fault)
    with pytest.raises(SalesforceUnavailable, match="It may have been carried out"):
        rest.send(WRITES[0])
    assert len(peer.received) == 1


@pytest.mark.parametrize("path", ["/services/apexrest/orders", "/services/data/v67.0/actions/custom/apex/Orders"])
@pytest.mark.parametrize("fault", NOT_BEGUN.values(), ids=NOT_BEGUN)
def test_of_code_of_the_org_nobody_knows_what_it_did_before(
    rest: RestClient, peer: Peer, path: str, fault: bytes
) -> None:
    peer.answer_with(fault)
    with pytest.raises(SalesforceUnavailable, match="It may have been carried out"):
        rest.send(RestRequest(method="POST", path=path, headers={"Content-Type": "application/json"}, body=b"{}"))
    assert len(peer.received) == 1


@pytest.mark.parametrize("request_", [GET, WRITES[0]], ids=name_of)
@pytest.mark.parametrize("fault", FINAL.values(), ids=FINAL)
def test_what_the_orgs_own_code_refuses_is_final(
    rest: RestClient, peer: Peer, request_: RestRequest, fault: bytes
) -> None:
    peer.answer_with(fault)
    with pytest.raises(SalesforceBadRequest) as met:
        rest.send(request_)
    assert not met.value.retryable
    assert len(peer.received) == 1


def test_the_author_of_the_class_is_to_be_shown_the_text(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(FINAL["Apex"])
    with pytest.raises(SalesforceBadRequest, match=r"de-reference a null object.*show its author this text"):
        rest.send(GET)


@pytest.mark.parametrize("words", ["TotalRequests Limit exceeded.", "ApiRequests Limit exceeded", "API limit", ""])
def test_a_quota_that_is_used_up_is_not_waited_for(rest: RestClient, peer: Peer, words: str) -> None:
    peer.answer_with(refusal(403, "REQUEST_LIMIT_EXCEEDED", words))
    with pytest.raises(SalesforceRateLimited, match="used up"):
        rest.send(GET)
    assert len(peer.received) == 1


@pytest.mark.parametrize("status", [300, 409, 412])
def test_who_has_to_look_again_is_not_told_to_wait(rest: RestClient, peer: Peer, status: int) -> None:
    peer.answer_with(http(status, [{"errorCode": "X", "message": "y"}]))
    with pytest.raises(SalesforceConflict) as met:
        rest.send(RestRequest(method="PATCH", path=UPSERT, headers={"Content-Type": "application/json"}, body=b"{}"))
    assert not met.value.retryable


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"exceptionCode": "InvalidBatch", "exceptionMessage": "x"}', "InvalidBatch"),
        (b"<error xmlns='x'><exceptionCode>InvalidJob</exceptionCode>\n <exceptionMessage>x</exceptionMessage></error>", "InvalidJob"),
        (b'{"hasErrors": true, "results": [{"referenceId": "a", "errors": [{"statusCode": "STRING_TOO_LONG", "message": "x"}]}]}', "STRING_TOO_LONG"),
        (b'[{"isSuccess": true, "errors": null}, {"errors": [{"statusCode": "INVALID_INPUT", "message": "x"}]}]', "INVALID_INPUT"),
        (b"<Errors><Error><errorCode>MALFORMED_QUERY</errorCode><message>x</message></Error></Errors>", "MALFORMED_QUERY"),
        (b"<e><faultcode>sf:INVALID_FIELD</faultcode><faultstring>x</faultstring></e>", "INVALID_FIELD"),
        (b'{"error": {"code": "FORBIDDEN", "message": "x"}}', "FORBIDDEN"),
        (b'{"errorCode": "DATACLOUDADDRESS_SERVER_ERROR", "message": "x"}', "DATACLOUDADDRESS_SERVER_ERROR"),
        (b"<html>exceptionCode</html>", ""),
        (b'{"results": {}}', ""),
        (b"[" * 1000 + b"]" * 1000, ""),
    ],
)  # fmt: skip
def test_the_code_is_found_in_every_form_of_refusal(body: bytes, code: str) -> None:
    refusal = Refusal.read(400, body, is_json=body[:1] != b"<", token=Secret("00D000000000001!secret"))
    assert (refusal.code, refusal.message) == (code, "x" if code else "")


def test_a_retry_after_is_obeyed_by_a_lock_too(make_rest: MakeRest, peer: Peer) -> None:
    peer.answer_with(refusal(503, "UNABLE_TO_LOCK_ROW", "x", Retry_After="86400"))
    with pytest.raises(SalesforceBusy, match="asks to wait 86400 s"):
        make_rest().send(GET)
    assert len(peer.received) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "invalid_grant", "error_description": "expired"}, "expired"),
        ({"timestamp": 1, "status": 404, "error": "Not Found", "message": "no such agent"}, "no such agent"),
        ({"error": "unsupported"}, "unsupported"),
    ],
)
def test_the_words_of_newer_resources_are_quoted(rest: RestClient, peer: Peer, body: object, words: str) -> None:
    peer.answer_with(http(400, body))
    with pytest.raises(SalesforceBadRequest, match=f'"{words}"'):
        rest.send(GET)


@pytest.mark.parametrize("words", ["UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"])
@pytest.mark.parametrize("code", ["CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "FIELD_CUSTOM_VALIDATION_EXCEPTION"])
def test_a_lock_is_known_however_late_a_message_comes_to_it(
    rest: RestClient, peer: Peer, code: str, words: str
) -> None:
    peer.answer_with(refusal(400, code, f"{'A handler of the org called the next one, ' * 20}{words}"))
    with pytest.raises(SalesforceBusy):
        rest.send(GET)
    assert len(peer.received) > 1


def test_a_request_that_a_proxy_gave_up_may_be_repeated_if_it_is_a_read(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(http(408), http(200, {}))
    assert rest.send(GET).status_code == 200


def test_a_batch_with_too_many_locks_may_be_done_in_part() -> None:
    assert Refusal(status_code=400, code="TooManyLockFailure", message="").meaning.again is not Again.ALWAYS
