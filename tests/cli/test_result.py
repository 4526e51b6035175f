"""How an error of a function is told: its cause and its remedy, whatever it quotes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmint_cli.result import Failed

REMEDY = "Check the path. It may be another one."


@pytest.mark.parametrize(
    "cause",
    [
        "The table does not answer",
        'Salesforce answered 404 NOT_FOUND: "There is none. Look there. Or not."',
        'Salesforce answered 400: "it says "no. never". ever"',
        'It says "a"',
    ],
)
def test_a_quoted_sentence_is_no_end_of_the_cause(cause: str) -> None:
    failed = Failed.told("X", f"{cause}. {REMEDY}")
    assert (failed.cause, failed.remedy) == (f"{cause}.", REMEDY)


@given(st.text())
def test_whatever_is_quoted_stays_with_the_cause(words: str) -> None:
    failed = Failed.told("X", f'Salesforce answered 400: "{words}". {REMEDY}')
    assert (failed.cause, failed.remedy) == (f'Salesforce answered 400: "{words}".', REMEDY)


@given(st.text())
def test_any_message_has_a_cause_and_a_remedy(message: str) -> None:
    failed = Failed.told("X", message)
    assert failed.cause.endswith(".")
    assert failed.remedy
