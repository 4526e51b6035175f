"""docs/errors.md is what its generator makes of the tables, and its links lead somewhere."""

import re

import pytest

import errors_page
import sfmint_client.errors
from sfmint import errors
from sfmint.salesforce.login_failures.reason import Reason
from sfmint.salesforce.login_failures.table import REASONS

PAGE = errors_page.PAGE.read_text()


def section(code: str) -> str:
    return PAGE.partition(f"\n### {code}\n")[2].partition("\n#")[0]


def test_the_page_is_what_the_tables_say() -> None:
    assert errors_page.page() == PAGE, "run: make docs"


@pytest.mark.parametrize("module", [errors, sfmint_client.errors], ids=lambda module: module.__name__)
def test_every_error_that_a_caller_may_meet_has_a_row(module: object) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (no|yes|after a pause) \| \S", PAGE, re.MULTILINE))
    base = vars(module)["SfmintError"]
    assert {kind.__name__ for kind in base.__subclasses__()} <= set(rows)
    assert all((rows[kind.__name__] != "no") is kind.retryable for kind in base.__subclasses__())


def test_every_link_leads_to_a_heading_of_that_name() -> None:
    links = re.findall(r"\[(\w+)\]\(#(\w+)\)", PAGE)
    assert [anchor for _, anchor in links] == list(REASONS)
    assert all(f"\n### {anchor}\n" in PAGE and text == anchor for text, anchor in links)


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_a_section_has_cause_steps_answers_and_pause(reason: Reason) -> None:
    said, told = section(reason.code).replace("`", ""), reason.told()
    assert told.cause in said
    assert all(step[1:] in said for step in told.steps)
    assert all(error in said and part in said for error, part in reason.answers)
    assert reason.also in said
    assert f"error: {reason.error.__name__}" in said
    assert "remembered for" in said
