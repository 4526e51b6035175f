"""No answer holds the token that was sent: one that does is refused by name, and changed in nothing."""

import json
from base64 import b64encode

import pytest

from client.rest_peer import EXPIRED, GET, WRITES, MakeRest, Peer, Tokens, http
from sfmint_client.errors import AnswerHoldsToken
from sfmint_client.rest.client import RestClient
from sfmint_client.rest.request import RestRequest

TOKEN = "00Dgp0000001abc!AQ" + "pX3v.Lm9Qz_7RtYw" * 5
QUERY = "/services/data/v67.0/query"


@pytest.fixture(autouse=True)
def _a_token_as_salesforce_makes_them(tokens: Tokens) -> None:
    tokens.texts = (TOKEN, "00Dgp0000001abc!AQ" + "hB6k.Nc2Ws_4JxDe" * 5, "none")


@pytest.mark.parametrize(
    "answer",
    [
        http(200, {"sessionId": TOKEN}),
        http(200, {TOKEN: 1}),
        http(200, {"a": [{"url": f"/secur/frontdoor.jsp?sid={TOKEN.replace('!', '%21')}"}]}),
        http(200, b'{"sid": "%b"}' % "".join(f"\\u{ord(char):04x}" for char in TOKEN).encode()),
        http(201, {"id": TOKEN[20:44]}),
        http(200, f"token {TOKEN.encode().hex()}".encode(), Content_Type="text/plain"),
        http(200, TOKEN.encode("utf-16"), Content_Type="text/plain; charset=utf-16"),
        http(200, b"\x89PNG\xff" + TOKEN.encode(), Content_Type="image/png"),
        http(200, {"file": b64encode(b"{" + json.dumps({"t": TOKEN}).encode()).decode()}),
        *(
            http(204, **{name: value})
            for name in ("ETag", "Location", "Warning", "Last_Modified", "Sforce_Locator")
            for value in (f"x {TOKEN} x", b64encode(TOKEN.encode()).decode())
        ),
    ],
)
@pytest.mark.parametrize("request_", [GET, WRITES[0]])
def test_an_answer_that_repeats_the_token_is_refused(
    rest: RestClient, peer: Peer, answer: bytes, request_: RestRequest
) -> None:
    peer.answer_with(answer)
    with pytest.raises(AnswerHoldsToken, match="has carried the request out") as met:
        rest.send(request_)
    assert TOKEN[16:] not in repr(met.value)
    assert ("Do not send it again" in str(met.value)) is (request_ is not GET)
    assert not met.value.retryable
    assert len(peer.received) == 1


def test_a_page_that_repeats_the_token_is_refused(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(
        http(200, {"records": [{"Name": "Acme"}], "nextRecordsUrl": f"{QUERY}/01g-2"}),
        http(200, {"records": [{"Name": TOKEN}], "done": True}),
    )
    with pytest.raises(AnswerHoldsToken):
        rest.send(RestRequest(method="GET", path=QUERY, all_pages=True))


@pytest.mark.parametrize("number", [0, 1])
def test_after_a_dead_token_neither_is_repeated(rest: RestClient, peer: Peer, tokens: Tokens, number: int) -> None:
    peer.answer_with(EXPIRED, http(200, {"sid": tokens.texts[number]}))
    with pytest.raises(AnswerHoldsToken):
        rest.send(GET)


def test_what_is_not_handed_on_may_hold_it(rest: RestClient, peer: Peer) -> None:
    peer.answer_with(http(200, {"org": TOKEN[:15]}, Set_Cookie=f"sid={TOKEN}"))
    assert rest.send(GET).body == {"org": TOKEN[:15]}


def test_a_long_answer_without_it_is_handed_on_as_it_is(make_rest: MakeRest, peer: Peer) -> None:
    records = [{"Id": f"001gp{number:013d}", "Name": f"Acme {number} \\ %41 \u00e9"} for number in range(20_000)]
    peer.answer_with(http(200, records))
    assert make_rest().send(RestRequest(method="GET", path=QUERY, max_bytes=5_000_000)).body == records
