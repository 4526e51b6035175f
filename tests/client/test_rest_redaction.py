"""What is shown of a stranger's words, and what never is."""

import pytest

from sfmint_client.rest.redaction import redacted

TOKEN = "00D5g000004abcd" + "!AQ0AQFx4TOKENcanary.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.mark.parametrize(
    "secret", [TOKEN, TOKEN.replace("!", "%21"), TOKEN.replace("!", "&#33;"), f"{TOKEN[:20]} {TOKEN[20:]}", TOKEN[16:]]
)
def test_a_token_in_any_spelling_is_redacted(secret: str) -> None:
    shown = redacted(f"bad sid={secret}")
    assert "(redacted)" in shown
    assert "TOKENcanary" not in shown
    assert "abcdefghij" not in shown


@pytest.mark.parametrize(
    "words",
    [
        "No such column 'BillingCity' on entity 'OpportunityLineItem'.",
        "/services/data/v67.0/sobjects/Account/External_Id__c/A-0001",
        "/services/data/v67.0/sobjects/Case/500gK0000000002QAA",
        "/services/data/v67.0/tooling/executeAnonymous",
        "Bad_OAuth_Token",
        "REQUIRED_FIELD_MISSING",
    ],
)
def test_words_names_and_record_ids_are_shown(words: str) -> None:
    assert redacted(words) == words
