"""docs/errors.md and the tables of docs/calling.md are what their generator makes of the code, and links lead somewhere."""

import re

import pytest

import errors_page
import sfmint_client.errors
from sfmint import errors
from sfmint.salesforce.login_failures.reason import Reason
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_cli.error_classes import BY_NAME, OF_THE_CLIENT
from sfmint_client.rest.refusals.table import MEANINGS

PAGE = errors_page.PAGE.read_text()
CALLING = errors_page.CALLING.read_text()
ROW = re.compile(r"^\| `(\w+)` \| (no|yes|after a pause) \| (\S.*) \| (\S.*) \|$", re.MULTILINE)


def section(code: str) -> str:
    return PAGE.partition(f"\n### {code}\n")[2].partition("\n#")[0]


def test_the_page_is_what_the_tables_say() -> None:
    assert errors_page.page() == PAGE, "run: make docs"


def test_the_tables_for_callers_are_what_the_classes_say() -> None:
    assert errors_page.calling(CALLING) == CALLING, "run: make docs"


@pytest.mark.parametrize("module", [errors, sfmint_client.errors], ids=lambda module: module.__name__)
def test_every_error_that_a_caller_may_meet_has_a_row(module: object) -> None:
    rows = {name: again for name, again, _, _ in ROW.findall(PAGE)}
    base = vars(module)["SfmintError"]
    assert {kind.__name__ for kind in base.__subclasses__()} <= set(rows)
    assert all((rows[kind.__name__] != "no") is kind.retryable for kind in base.__subclasses__())


def test_every_error_of_the_client_has_one_row_for_callers() -> None:
    rows = [name for name, *_ in ROW.findall(CALLING)]
    assert len(rows) == len(set(rows))
    assert OF_THE_CLIENT.keys() <= set(rows)


@pytest.mark.parametrize("page", [PAGE, CALLING], ids=["errors.md", "calling.md"])
def test_a_row_has_what_usually_helps_as_the_class_says_it(page: str) -> None:
    for name, _, _, helps in ROW.findall(page):
        assert f"{helps.replace('`', '')}." == BY_NAME[name].usual_remedy


def test_a_row_of_requests_names_the_statuses_that_mean_it() -> None:
    (when,) = [when for name, _, when, _ in ROW.findall(CALLING) if name == "SalesforceConflict"]
    assert when.endswith("(300, 409, 412)")
    (when,) = [when for name, _, when, _ in ROW.findall(CALLING) if name == "SalesforceBusy"]
    assert "`UNABLE_TO_LOCK_ROW`" in when


def test_every_refusal_of_a_request_has_its_row() -> None:
    table = PAGE.partition("\n## Why a request is refused\n")[2].partition("\n## ")[0].replace("`", "")
    for meaning in MEANINGS:
        rows = [row for row in table.splitlines() if meaning.error.__name__ in row and meaning.remedy in row]
        said = (*map(str, meaning.statuses), *meaning.codes, *meaning.words, meaning.cause)
        assert any(all(part in row for part in said) for row in rows)


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
    assert f"known from: {reason.source or 'sfmint itself'}" in said
    assert f"error: {reason.error.__name__}" in said
    assert re.search(r"- remembered: (\d+ (second|minute)|a change of the app|the rest of)", said)
