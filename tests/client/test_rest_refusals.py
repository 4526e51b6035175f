"""What Salesforce refuses, in words that help."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from client.rest_peer import GET, Peer, Tokens, http, refusal
from sfmint_client.errors import (
    SalesforceBadRequest,
    SalesforceConflict,
    SalesforceForbidden,
    SalesforceNotFound,
    SalesforceRateLimited,
    SalesforceUnavailable,
    SfmintError,
)
from sfmint_client.rest.client import RestClient

if TYPE_CHECKING:
    from sfmint_client.rest.exchange import Sighting


@pytest.mark.parametrize(
    ("answer", "error", "cause", "remedy"),
    [
        (refusal(400, "MALFORMED_QUERY", "unexpected token"), SalesforceBadRequest, 'MALFORMED_QUERY: "unexpected', "Correct"),
        (refusal(400, "INVALID_QUERY_LOCATOR", "x"), SalesforceBadRequest, "400", "Run the query again"),
        (refusal(405, "METHOD_NOT_ALLOWED", "x"), SalesforceBadRequest, "405", "Correct the request"),
        (http(414), SalesforceBadRequest, "414.", "16384 bytes of URL and headers"),
        (http(431), SalesforceBadRequest, "431.", "POST to /composite"),
        (http(400, [{"exceptionCode": "InvalidSessionId", "exceptionMessage": "x"}]), SalesforceForbidden, "Inv", "frozen"),
        (refusal(401, "INVALID_AUTH_HEADER", "x"), SalesforceForbidden, "401", "scopes"),
        (http(401), SalesforceForbidden, "401.", "ask by GET"),
        (refusal(403, "INSUFFICIENT_ACCESS", "x"), SalesforceForbidden, "403", "permission"),
        (refusal(403, "INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "x"), SalesforceForbidden, "403", "API Only User"),
        (refusal(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"), SalesforceForbidden, "401", "web alone"),
        (refusal(403, "API_DISABLED_FOR_ORG", "x"), SalesforceForbidden, "403", "API Enabled"),
        (http(403, b"Bad_OAuth_Token", Content_Type="text/html"), SalesforceForbidden, "Bad_OAuth_Token", "flush"),
        (refusal(403, "REQUEST_LIMIT_EXCEEDED", "x"), SalesforceRateLimited, "403", "API usage"),
        (refusal(404, "NOT_FOUND", "The requested resource does not exist"), SalesforceNotFound, "404 NOT_FOUND", "path"),
        (refusal(410, "UNSUPPORTED_API_VERSION", "retired"), SalesforceNotFound, "410", "newer version"),
        (refusal(409, "CONFLICT", "x"), SalesforceConflict, "409", "Read the record again"),
        (refusal(412, "PRECONDITION_FAILED", "x"), SalesforceConflict, "412", "read it again"),
        (http(300, ["/services/data/a", "/services/data/b"]), SalesforceConflict, "300", "external id unique"),
        (refusal(429, "TOO_MANY", "x", Retry_After="60"), SalesforceRateLimited, "429", "asks to wait 60 s"),
        (refusal(500, "UNKNOWN_EXCEPTION", "x"), SalesforceUnavailable, "500", "Call again later"),
        (http(503, b"<html>maintenance</html>", Content_Type="text/html"), SalesforceUnavailable, "503.", "status.sales"),
        (http(507), SalesforceUnavailable, "507", "Call again later"),
    ],
)  # fmt: skip
def test_a_refusal_becomes_an_error_with_cause_and_remedy(
    rest: RestClient, peer: Peer, answer: bytes, error: type[SfmintError], cause: str, remedy: str
) -> None:
    peer.answer_with(answer)
    with pytest.raises(error) as met:
        rest.send(GET)
    said, _, advice = str(met.value).partition(". " if '"' not in str(met.value) else '". ')
    assert said.startswith("Salesforce answered ")
    assert cause in f"{said}."
    assert remedy in advice


def test_what_salesforce_says_is_quoted_short_on_one_line_and_without_tokens(
    rest: RestClient, peer: Peer, tokens: Tokens
) -> None:
    pasted = "eyJhbGciOiJ" + "SUzI1NiJ9.eyJpc3MiOiJ4In0.sig-nature"
    message = f"a\r\nb\x1b[0m {tokens.texts[0]} 00D000000000009!other.token_x {pasted} " + "é" * 300
    peer.answer_with(refusal(400, "MALFORMED_QUERY", message))

    with pytest.raises(SalesforceBadRequest) as met:
        rest.send(GET)

    assert 'MALFORMED_QUERY: "a b [0m (redacted) (redacted) (redacted) éé' in str(met.value)
    assert "é ..." in str(met.value)
    assert len(str(met.value)) < 350


def test_a_token_of_no_known_shape_is_hidden_too(rest: RestClient, peer: Peer, tokens: Tokens) -> None:
    tokens.texts = ("opaque-and-unlike-any-other",)
    peer.answer_with(refusal(400, "MALFORMED", f"the token {tokens.texts[0]} is odd"))
    with pytest.raises(SalesforceBadRequest, match=r"the token \(redacted\) is odd"):
        rest.send(GET)


@pytest.mark.parametrize("field", ["errorCode", "message"])
def test_the_token_that_was_sent_is_hidden_in_any_spelling_code_and_message_alike(
    rest: RestClient, peer: Peer, tokens: Tokens, field: str
) -> None:
    tokens.texts = ("00D000000000001!AQ" + "AbCdEfGhIjKl" * 6,)
    digits = "A" + tokens.texts[0].encode().hex().upper()[:78]
    seen: list[Sighting] = []
    peer.answer_with(http(400, [{"errorCode": "ODD", "message": "x"} | {field: digits}]))
    with pytest.raises(SalesforceBadRequest) as met:
        rest.send(GET, observe=seen.append)
    assert "(redacted)" in str(met.value)
    assert digits[10:20] not in f"{met.value}{seen}"


@pytest.mark.parametrize("field", ["errorCode", "message"])
def test_an_error_code_that_looks_like_any_token_is_hidden_as_a_message_is(
    rest: RestClient, peer: Peer, field: str
) -> None:
    peer.answer_with(http(400, [{"errorCode": "ODD", "message": "x"} | {field: "AB1C2D3E4F" * 7}]))
    with pytest.raises(SalesforceBadRequest, match=r"\(redacted\)") as met:
        rest.send(GET)
    assert "1C2D" not in str(met.value)


@pytest.mark.parametrize(
    "spell",
    [
        lambda token: " and ".join(token[start : start + 7] for start in range(0, len(token), 7)),
        lambda token: "".join(chr(ord(char) + 0xFEE0) for char in token),
        lambda token: "".join(f"\\x{byte:02x}" for byte in token.encode()),
        lambda token: ", ".join(str(byte) for byte in token.encode()),
    ],
)
def test_a_token_taken_apart_is_hidden(
    rest: RestClient, peer: Peer, tokens: Tokens, spell: Callable[[str], str]
) -> None:
    tokens.texts = ("00D000000000001!Only" + "wordswithoutdigitsorsigns" * 3,)
    peer.answer_with(refusal(400, "ODD", f"odd: {spell(tokens.texts[0])}"))
    with pytest.raises(SalesforceBadRequest, match=r'ODD: "odd: \(redacted\)"'):
        rest.send(GET)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"[1]",
        b"{",
        b'{"message": 1, "errorCode": ["x"]}',
        b'[{"errorCode": "x y"}]',
        b"[" * 100_000,
    ],
)
def test_a_refusal_that_says_nothing_usable_is_told_by_its_status(rest: RestClient, peer: Peer, body: bytes) -> None:
    peer.answer_with(http(404, body))
    with pytest.raises(SalesforceNotFound, match=r"^Salesforce answered 404(: \"1\")?\. "):
        rest.send(GET)


def test_a_refusal_without_end_is_read_no_further_than_needed(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(http(404, b"x" * 200_000, Content_Length="1000000000"))
    with pytest.raises(SalesforceNotFound):
        rest.send(GET)
