"""The JSON Schemas of key_rotation say what the code does: which events it takes, what it answers and raises."""

import inspect
import json
import re
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.rotation_stack import SECRET_ARN
from functions.stack import CONNECTION, ROOT, arn_of
from functions.test_key_rotation_events import ANSWERS, CASES, VERSION
from functions.test_schemas import JSON, NAME, Validator, closed, faults, own_connection, read, schema_of
from key_rotation import errors as own_errors
from key_rotation.errors import RotationError
from key_rotation.event import Action, Home, Step, parse_event
from key_rotation.standing import Phase
from read_template import ReadTemplate
from sfmint import errors
from sfmint.errors import SfmintError
from sfmint_values.alias_arn import asks_for_build

EVENT, ANSWER = (schema_of("key_rotation", kind) for kind in ("event", "answer"))
SCHEMA = Validator(EVENT)
MALFORMED = [path for path in CASES if path.name.startswith("bad-")]
WELL_FORMED = [path for path in CASES if path not in MALFORMED]
FIELDS = ("action", "connection", "Step", "SecretId", "ClientRequestToken", "RotationToken")
EDGES: list[object] = [
    *(None, True, 0, "", [], {}, ["start"], *get_args(Action.__value__), "tick", "Start", "start\n"),
    *get_args(Step.__value__),
    *("createsecret", "orders", "live", "Orders", "a" * 32, "a" * 33, "a\n"),
    *(
        SECRET_ARN,
        SECRET_ARN.removesuffix("-AbC123"),
        f"{SECRET_ARN}\n",
        SECRET_ARN.replace("AbC", "Äb_"),
        f"{SECRET_ARN}-1",
    ),
    *(SECRET_ARN.replace("my-org", each) for each in ("live", "live-1", "1st", "", "a/b", "a" * 33)),
    *(
        SECRET_ARN.replace(":secret:", ":other:"),
        SECRET_ARN.replace("aws", "aws-cn"),
        SECRET_ARN.replace("sfmint/", ""),
    ),
    *(
        "sfmint/acme/my-org",
        "sfmint/acme/live",
        "sfmint/acme/my-org\n",
        "sfmint/acme/",
        "sfmint/my-org",
        "my-org",
        "corporate/proxy",
    ),
    *(VERSION, "0" * 31, "0" * 32, "-" * 64, "0" * 65, "é" * 32, f"{'0' * 32}\n", "../" * 12),
]
ANYTHING = JSON | st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(EDGES) | JSON, max_size=4)
# The region, the account, the stack and the connection of a secret, by its ARN or by its name.
OWN_SECRET = re.compile(
    r"(?:arn:[^:]*:secretsmanager:([a-z0-9-]+):([0-9]{12}):secret:)?sfmint/([A-Za-z0-9-]+)/(.+?)(?(1)-.{6}|)"
)


def home_of(event: object) -> Home:
    """Return the stack that an event speaks of, if any could be meant: only the stack knows its name and its connections."""
    secret = event.get("SecretId") if isinstance(event, dict) else None
    found = OWN_SECRET.fullmatch(secret) if isinstance(secret, str) else None
    region, account, stack, name = (None,) * 4 if found is None else found.groups()
    connections = {each for each in (own_connection(event), name) if each and NAME.fullmatch(each)}
    return Home(stack=stack or "acme", region=region or "", account=account or "", connections=connections)


def takes(event: object) -> bool:
    if asks_for_build(event, arn_of("acme-key-rotation", "live"), "acme-key-rotation"):
        return True
    try:
        parse_event(event, home_of(event))
    except SfmintError:
        return False
    return True


@pytest.mark.parametrize("path", WELL_FORMED, ids=lambda path: path.stem)
def test_a_well_formed_event_fits_its_schema(path: Path) -> None:
    assert faults(EVENT, read(path)) == []


@pytest.mark.parametrize("path", MALFORMED, ids=lambda path: path.stem)
def test_a_malformed_event_does_not_fit_its_schema(path: Path) -> None:
    assert faults(EVENT, read(path))


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_an_answer_fits_the_part_of_its_schema_that_its_event_names(path: Path) -> None:
    event, answer = read(path.with_name(path.name.replace(".answer.", "."))), read(path)
    part = "error" if "errorType" in answer else "standing"
    if event == {"action": "status"}:
        part = "build"
    elif event == {"action": "tick"}:
        part = "tick"
    assert faults({"$ref": f"#/$defs/{part}", "$defs": closed(ANSWER)["$defs"]}, answer) == []


@pytest.mark.parametrize("path", WELL_FORMED, ids=lambda path: path.stem)
def test_the_schema_and_the_code_agree_on_every_change_of_one_field(path: Path) -> None:
    event = read(path)
    changed = [event | {field: value} for field, value in product(FIELDS, EDGES)]
    changed += [{field: value for field, value in event.items() if field != removed} for removed in event]
    judged = {json.dumps(each): (SCHEMA.is_valid(each), takes(each)) for each in changed}
    assert {each: verdicts for each, verdicts in judged.items() if verdicts[0] != verdicts[1]} == {}
    assert len(set(judged.values())) == 2  # some are taken, some refused


@given(event=ANYTHING)
def test_the_schema_and_the_code_agree_on_anything(event: object) -> None:
    assert SCHEMA.is_valid(event) == takes(event)


def test_a_connection_is_named_as_the_template_lets_it_be_named() -> None:
    template = ReadTemplate.unrolled(ROOT / "template.yaml", CONNECTION)
    pattern = EVENT["$defs"]["order"]["properties"]["connection"]["pattern"]
    assert template.parameters["Connections"]["AllowedPattern"] == pattern.replace("^", "^(?!admin-)", 1)


def test_the_names_are_those_of_the_code() -> None:
    parts = ANSWER["$defs"]
    assert parts["standing"]["properties"]["phase"]["enum"] == list(Phase)
    raised = [kind for module in (own_errors, errors) for _, kind in inspect.getmembers(module, inspect.isclass)]
    wanted = {kind.__name__ for kind in raised if issubclass(kind, RotationError | SfmintError)}
    assert set(parts["error"]["properties"]["errorType"]["enum"]) == wanted - {"RotationError", "SfmintError"}
