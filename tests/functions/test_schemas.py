"""The JSON Schemas of events/ say what the code does: which events it takes, what it answers, what it raises."""

import copy
import inspect
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from functions.stack import CONNECTION, ROOT, TABLE, Stack
from read_template import ReadTemplate
from sfmint import errors
from sfmint.errors import SfmintError
from sfmint.request import parse_broker_event, parse_keeper_event
from sfmint_local.org.values import Fault

type Schema = dict[str, Any]

EVENTS = ROOT / "events"
SCHEMAS = sorted(EVENTS.glob("*.schema.json"))
FUNCTIONS = ("token_broker", "token_keeper")
ANSWERS = sorted(path for function in FUNCTIONS for path in EVENTS.glob(f"{function}/*.answer.json"))
CASES = sorted({path for function in FUNCTIONS for path in EVENTS.glob(f"{function}/*.json")} - set(ANSWERS))
# Refused, though well formed: what another state, or another alias, would have answered.
WELL_FORMED = [path for path in CASES if not path.name.startswith("bad-")]
MALFORMED = [path for path in CASES if path.name.startswith("bad-")]
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def is_an_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).utcoffset() == timedelta(0)


def ecma_pattern(_: object, pattern: str, instance: object, __: Schema) -> Iterator[ValidationError]:
    """Search as JSON Schema says: no line break is left over before the end, as in Python."""
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


Validator: Any = extend(Draft202012Validator, {"pattern": ecma_pattern})  # type: ignore[no-untyped-call]


def schema_of(function: str, kind: str) -> Schema:
    schema: Schema = json.loads((EVENTS / f"{function}.{kind}.schema.json").read_text())
    return schema


def closed(schema: Schema) -> Schema:
    """Return a schema that takes no field that it does not name, though answers may grow."""
    schema = copy.deepcopy(schema)
    extended = schema["$defs"].pop("token", None)

    def close(part: object) -> None:
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            close(inner)
        if isinstance(part, dict) and ("$ref" in part or part.get("type") == "object"):
            part["unevaluatedProperties"] = False

    close(schema)
    return schema if extended is None else schema | {"$defs": schema["$defs"] | {"token": extended}}


def faults(schema: Schema, value: object) -> list[str]:
    """Return what a schema has against a value."""
    validator = Validator(schema, format_checker=FORMATS)
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(value)]


def of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def read(path: Path) -> Any:
    return json.loads(path.read_text())


# --- the schemas and the files


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_schema_is_a_schema_in_which_each_reference_is_kept_and_each_definition_used(path: Path) -> None:
    schema, text = read(path), path.read_text()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert set(re.findall(r'"#/\$defs/(\w+)"', text)) == schema["$defs"].keys()


def test_every_function_has_a_schema_of_its_events_and_one_of_its_answers() -> None:
    functions = {path.name for path in EVENTS.iterdir() if path.is_dir()}
    wanted = {f"{function}.{kind}.schema.json" for function in functions for kind in ("event", "answer")}
    assert {path.name for path in SCHEMAS} == wanted


@pytest.mark.parametrize("path", WELL_FORMED, ids=of)
def test_a_well_formed_event_fits_its_schema(path: Path) -> None:
    assert faults(schema_of(path.parent.name, "event"), read(path)) == []


@pytest.mark.parametrize("path", MALFORMED, ids=of)
def test_a_malformed_event_does_not_fit_its_schema(path: Path) -> None:
    assert faults(schema_of(path.parent.name, "event"), read(path))


@pytest.mark.parametrize("path", ANSWERS, ids=of)
def test_an_answer_fits_its_schema_and_has_no_field_beyond_it(path: Path) -> None:
    assert faults(closed(schema_of(path.parent.name, "answer")), read(path)) == []


@pytest.mark.parametrize("path", ANSWERS, ids=of)
def test_an_answer_fits_the_part_of_its_schema_that_its_action_names(path: Path) -> None:
    schema, answer = schema_of(path.parent.name, "answer"), read(path)
    event = read(path.with_name(path.name.replace(".answer.", ".")))
    action = event.get("action", "get_token") if isinstance(event, dict) else None
    part = "error" if "errorType" in answer else action
    assert faults({"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]}, answer) == []


def test_an_answer_that_lacks_a_field_or_has_a_surprising_one_is_told_apart() -> None:
    schema, answer = schema_of("token_broker", "answer"), read(EVENTS / "token_broker/get-token.answer.json")
    for name in answer:
        assert faults(schema, {field: value for field, value in answer.items() if field != name}), name
    assert faults(schema, answer | {"grown": 1}) == []
    assert faults(closed(schema), answer | {"grown": 1})
    assert faults(schema, answer | {"issued_at": "yesterday"})


# --- the schemas and the code

EDGES: list[object] = [
    *(None, True, False, -1, 0, 1, 60.5, 43_200, 43_201, 900_000, 900_001, "", "60", [], {}),
    *("get_token", "status", "refresh", "flush", "taint", "try", ["get_token"]),
    *("SFMINT_TRY", "AWSPENDING", "AWSCURRENT", "AWSPREVIOUS", "awscurrent", "AWSCURRENT\n", ["AWSCURRENT"]),
    *("orders", "a", "a-", "live", "lives", "Orders", "1st", "-a", "a.b", "a\n", "a" * 32, "a" * 33),
    *(f"{0:015x}", f"{0:016x}", f"{0:017x}", f"{0:016x}\n", "0123456789abcdef", "0123456789ABCDEF", "0123456789abcdeg"),
]
FIELDS = ("action", "connection", "min_ttl", "deadline_ms", "rejected", "key_id", "ahead_s", "stage", "force")
JSON = st.recursive(
    st.sampled_from(EDGES) | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
NAME = re.compile(r"(?!live\Z)[a-z][a-z0-9-]{0,31}")


def has_whole_number_with_a_point(event: object) -> bool:
    """Tell whether a number is whole, yet no integer: JSON Schema takes 60.0 for 60, the code does not."""
    return isinstance(event, dict) and any(isinstance(v, float) and v.is_integer() for v in event.values())


ANYTHING = (JSON | st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3)).filter(
    lambda event: not has_whole_number_with_a_point(event)
)


def own_connection(event: object) -> str:
    """Return the connection that an event names, if any could be named so: only the stack knows which there are."""
    name = event.get("connection") if isinstance(event, dict) else None
    return name if isinstance(name, str) and NAME.fullmatch(name) else "orders"


def takes(parse: Callable[[object], object], event: object) -> bool:
    try:
        parse(event)
    except SfmintError:
        return False
    return True


PARSERS: dict[str, Callable[[object], object]] = {
    "token_broker": lambda event: parse_broker_event(event, own_connection(event)),
    "token_keeper": lambda event: parse_keeper_event(event, {own_connection(event)}),
}
EVENT_SCHEMAS = {function: Validator(schema_of(function, "event")) for function in FUNCTIONS}


@pytest.mark.parametrize("path", WELL_FORMED, ids=of)
def test_a_schema_and_the_code_agree_on_every_change_of_one_field(path: Path) -> None:
    event, parse, schema = read(path), PARSERS[path.parent.name], EVENT_SCHEMAS[path.parent.name]
    changed = [event | {field: value} for field in FIELDS for value in EDGES]
    changed += [{field: value for field, value in event.items() if field != removed} for removed in event]
    judged = {json.dumps(each): (schema.is_valid(each), takes(parse, each)) for each in changed}
    assert {each: verdicts for each, verdicts in judged.items() if verdicts[0] != verdicts[1]} == {}
    assert len(set(judged.values())) == 2  # some are taken, some refused


@pytest.mark.parametrize("function", FUNCTIONS)
@given(event=ANYTHING)
def test_a_schema_and_the_code_agree_on_anything(function: str, event: object) -> None:
    assert EVENT_SCHEMAS[function].is_valid(event) == takes(PARSERS[function], event)


@pytest.mark.parametrize("field", ["min_ttl", "deadline_ms"])
def test_a_whole_number_with_a_point_is_what_a_schema_cannot_tell(field: str) -> None:
    assert faults(schema_of("token_broker", "event"), {field: 60.0}) == []
    assert not takes(PARSERS["token_broker"], {field: 60.0})


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_connection_is_named_as_the_template_lets_it_be_named(function: str) -> None:
    template = ReadTemplate.unrolled(ROOT / "template.yaml", CONNECTION)
    pattern = schema_of(function, "event")["$defs"]["connection"]["pattern"]
    assert template.parameters["Connections"]["AllowedPattern"] == pattern.replace("^", "^(?!admin-)", 1)
    assert pattern == f"^{NAME.pattern}$".replace(r"\Z", "$")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_error_names_are_those_of_the_code(function: str) -> None:
    raised = [name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SfmintError)]
    named = schema_of(function, "answer")["$defs"]["error"]["properties"]["errorType"]["enum"]
    assert sorted(named) == sorted(set(raised) - {"SfmintError"})


def test_what_both_functions_speak_of_is_said_in_the_same_words() -> None:
    broker, keeper = (schema_of(function, "answer")["$defs"] for function in FUNCTIONS)
    for name in broker.keys() & keeper.keys() - {"status"}:  # an action of both, which each answers in its own way
        assert broker[name] == keeper[name]


# --- answers that no file shows, for they depend on more than the event


def salesforce_refuses(stack: Stack) -> None:
    stack.customer.control.add_fault(Fault(where="token", kind="status", params={"code": 503}))
    assert stack.environment().invoke({})["errorType"] == "SalesforceUnavailable"


def someone_logs_in(stack: Stack) -> None:
    item = {"pk": {"S": f"t1#{CONNECTION}"}, "fence": {"N": "1"}, "lease_until": {"N": str(time.time() + 20)}}
    stack.cloud.dynamodb.put_item(TableName=TABLE, Item=item)


def a_token_was_rejected(stack: Stack) -> None:
    first = stack.environment().invoke({})
    assert stack.environment().invoke({"rejected": first["fingerprint"]})["source"] == "minted"


def a_key_was_tainted(stack: Stack) -> None:
    key_id = stack.environment().invoke({"action": "status"})["credentials"]["key_id"]
    stack.environment("token_keeper").invoke(
        {"action": "taint", "connection": CONNECTION, "key_id": key_id}, qualifier="live"
    )


def the_secret_is_broken(stack: Stack) -> None:
    stack.store("no JSON")


@pytest.mark.parametrize(
    "before",
    [salesforce_refuses, someone_logs_in, a_token_was_rejected, a_key_was_tainted, the_secret_is_broken],
    ids=lambda f: f.__name__,
)
def test_status_fits_its_schema_whatever_happened_before(stack: Stack, before: Callable[[Stack], None]) -> None:
    before(stack)
    status = stack.environment().invoke({"action": "status"})
    schema = closed(schema_of("token_broker", "answer"))
    assert faults({"$ref": "#/$defs/status", "$defs": schema["$defs"]}, status) == []
    rows = stack.environment("token_keeper").invoke({"action": "status"}, "live")
    schema = closed(schema_of("token_keeper", "answer"))
    assert faults({"$ref": "#/$defs/status", "$defs": schema["$defs"]}, rows) == []
