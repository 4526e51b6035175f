"""docs/approval.md: thirty answers, each a yes or a no with its reason, short, with a place that shows it; what it counts is so."""

import re

import pytest

from sfmint_local import places

PAGE = (places.ROOT / "docs/approval.md").read_text()
ANSWERS = re.findall(r"^\*\*(\d+)\. (.+?\?)\*\* (.+?)(?=\n\n|\Z)", PAGE, re.MULTILINE | re.DOTALL)
PINNED = re.findall(r"^([\w-]+)==", (places.ROOT / "layers/dependencies/requirements.txt").read_text(), re.MULTILINE)


def test_there_are_thirty_questions_in_order() -> None:
    assert [int(number) for number, _, _ in ANSWERS] == list(range(1, 31))


@pytest.mark.parametrize(("number", "question", "answer"), ANSWERS)
def test_an_answer_begins_with_yes_or_with_no_and_its_reason(number: str, question: str, answer: str) -> None:
    assert re.match(r"Yes[:,.] |No, because ", answer), (number, question)


@pytest.mark.parametrize(("number", "question", "answer"), ANSWERS)
def test_an_answer_is_short_and_says_where_it_is_shown(number: str, question: str, answer: str) -> None:
    said = re.sub(r"\[[^\]]*\]\([^)]*\)(, )?", "", answer)
    assert "](" in answer, (number, question)
    assert len(re.findall(r"[.!?](?:\s|$)", said)) <= 3


def test_the_licences_are_those_of_what_runs_in_lambda() -> None:
    (answer,) = [answer for number, _, answer in ANSWERS if number == "27"]
    assert re.findall(r"([a-z][\w-]+)\s\((?!https?|\.)", answer) == sorted(PINNED)
    assert len(PINNED) == 14
