"""The JSON Schemas of salesforce_request say what the code does: which events it takes, what it answers and raises."""

import json
import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from client.test_rest_path import PATHS
from functions.stack import ROOT
from functions.test_schemas import EVENTS, JSON, Validator, closed, faults, read, schema_of
from sfmint_client import errors
from sfmint_client.errors import SfmintError
from sfmint_client.rest.allow_list import METHODS
from sfmint_client.rest.answer import HEADERS
from sfmint_client.rest.request import DEFAULT_MAX_BYTES, LARGEST_MAX_BYTES

ANSWERS = sorted(EVENTS.glob("salesforce_request/*.answer.json"))
CASES = sorted(set(EVENTS.glob("salesforce_request/*.json")) - set(ANSWERS))
MALFORMED = [path for path in CASES if path.name.startswith("bad-")]
WELL_FORMED = [path for path in CASES if path not in MALFORMED]
GOOD = [path for path in WELL_FORMED if not path.name.startswith("error-")]
EVENT, ANSWER = (schema_of("salesforce_request", kind) for kind in ("event", "answer"))
SCHEMA = Validator(EVENT)

FIELDS = tuple(EVENT["properties"])
EDGES: list[object] = [
    *(
        None,
        True,
        False,
        -1,
        0,
        1,
        60.5,
        LARGEST_MAX_BYTES,
        LARGEST_MAX_BYTES + 1,
        "",
        "x",
        "eA==",
        "eA",
        [],
        {},
        ["x"],
    ),
    *METHODS,
    *(
        "get",
        "TRACE",
        "/",
        "//",
        "/a",
        "/a/",
        "a",
        "/a//b",
        "/.",
        "/..",
        "/...",
        "/a/../b",
        "/a/..;x/b",
        "/a?b",
        "/a#b",
    ),
    *("/a b", "/a\n", "/a%2Fb", "/a%2fb", "/a%41", "/%", "/ä", "/a\\b", "/@b", "@b", "https://a/b"),
    *({"q": "x"}, {"q": 1}, {"q": True}, {"q": None}, {"q": []}, {"_httpMETHOD": "x"}, {"_HttpMethods": "x"}),
    *({"Host": "x"}, {"X-A": "x"}, {"X-A": ""}, {"X-A": " x"}, {"X-A": "x\n"}, {"X-A": "é"}, {"X_A": "x"}, {"": "x"}),
    *({"content-TYPE": "text/csv"}, {"Content-Types": "x"}, {"X-A": 1}, {"proxy-x": "x"}, {"Accept-Encoding": "x"}),
]


@pytest.fixture(scope="module")
def takes() -> Callable[[object], bool]:
    folder = str(ROOT / "functions/salesforce_request")
    sys.path.insert(0, folder)
    try:
        parse = import_module("salesforce_request.event").parse_event
    finally:
        sys.path.remove(folder)

    def taken(event: object) -> bool:
        try:
            parse(event)
        except SfmintError:
            return False
        return True

    return taken


@pytest.mark.parametrize("path", WELL_FORMED, ids=lambda path: path.stem)
def test_a_well_formed_event_fits_its_schema(path: Path) -> None:
    assert faults(EVENT, read(path)) == []


@pytest.mark.parametrize("path", MALFORMED, ids=lambda path: path.stem)
def test_a_malformed_event_does_not_fit_its_schema(path: Path) -> None:
    assert faults(EVENT, read(path))


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_an_answer_fits_its_schema_and_has_no_field_beyond_it(path: Path) -> None:
    answer = read(path)
    part = "error" if "errorType" in answer else "answer"
    assert faults({"$ref": f"#/$defs/{part}", "$defs": closed(ANSWER)["$defs"]}, answer) == []


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_the_schema_and_the_code_agree_on_every_change_of_one_field(
    path: Path, takes: Callable[[object], bool]
) -> None:
    event = read(path)
    changed = [event | {field: value} for field in FIELDS for value in EDGES]
    changed += [{field: value for field, value in event.items() if field != removed} for removed in event]
    judged = {json.dumps(each): (SCHEMA.is_valid(each), takes(each)) for each in changed}
    assert {each: verdicts for each, verdicts in judged.items() if verdicts[0] != verdicts[1]} == {}
    assert len(set(judged.values())) == 2  # some are taken, some refused


@given(event=st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=3), st.sampled_from(EDGES) | JSON, max_size=4))
def test_what_the_code_takes_fits_the_schema(takes: Callable[[object], bool], event: dict[str, Any]) -> None:
    event = {"method": "GET", "path": "/services/data/"} | event
    if takes(event):
        assert SCHEMA.is_valid(event)


@settings(max_examples=300)
@given(path=PATHS)
def test_the_schema_and_the_code_agree_on_paths_but_for_what_must_be_decoded(
    takes: Callable[[object], bool], path: str
) -> None:
    event = {"method": "GET", "path": path}
    assert SCHEMA.is_valid(event) or not takes(event)
    assert "%" in path or SCHEMA.is_valid(event) == takes(event)


def test_the_numbers_and_names_are_those_of_the_code() -> None:
    assert tuple(EVENT["properties"]["method"]["enum"]) == METHODS
    assert EVENT["properties"]["max_bytes"]["default"] == DEFAULT_MAX_BYTES
    assert EVENT["properties"]["max_bytes"]["maximum"] == LARGEST_MAX_BYTES
    raised = {kind.__name__ for kind in errors.SfmintError.__subclasses__()} - {"DiscoveryForbidden"}
    assert set(ANSWER["$defs"]["error"]["properties"]["errorType"]["enum"]) == raised


def test_the_headers_are_those_of_the_code() -> None:
    named = re.search(r"in lower case: (.+)\.", ANSWER["$defs"]["answer"]["properties"]["headers"]["description"])
    assert named is not None
    assert tuple(named[1].split(", ")) == HEADERS
