"""docs/protocol.md is what its generator makes of the requests, and gives each clause a reason and a proof."""

import re
from pathlib import Path

import pytest

import protocol_page
from model.clauses import WHOLE, every_clause

PAGE = protocol_page.PAGE.read_text()
ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_requests_say() -> None:
    assert protocol_page.page() == PAGE, "run: make docs"


def test_every_clause_is_on_the_page_with_a_condition_a_reason_and_a_proof() -> None:
    rows = re.findall(r"^\| (?:↳ )*`(.+?)` \| (.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
    assert {clause.partition(": ")[2] for clause in every_clause()} == {clause for clause, *_ in rows} | {WHOLE}


@pytest.mark.parametrize("link", re.findall(r"\]\((adr/.+?)\)", PAGE))
def test_every_link_leads_to_a_file(link: str) -> None:
    assert (ROOT / "docs" / link).is_file()
