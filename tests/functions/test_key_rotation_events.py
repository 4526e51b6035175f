"""Every file of events/key_rotation through the real handler: the event in, its answer out."""

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.rotation_stack import RotationStack
from functions.stack import CONNECTION, ROOT
from key_rotation import errors
from key_rotation.errors import RotationError

EVENTS = ROOT / "events/key_rotation"
CASES = sorted(path for path in EVENTS.glob("*.json") if not path.name.endswith(".answer.json"))
ANSWERS = sorted(EVENTS.glob("*.answer.json"))
# The version that the examples' steps are for.
VERSION = "2f9a4c1e-7b60-4d3a-9c58-0e1d2c3b4a59"

# What differs from run to run: the example and the answer must both look like this. All else is equal.
SHAPES = {
    "rotation": r"[0-9a-f-]{36}",
    "version": r"[0-9a-f-]{36}",
    "next_at": r"\d{10}(\.\d+)?",
    "began_at": r"\d{10}(\.\d+)?",
    "app": r"orders_[0-9a-f]{8}",
    "certificate": r"-----BEGIN CERTIFICATE-----\n[\w+/=\n]+\n-----END CERTIFICATE-----\n",
}
KEY_ID = re.compile(r"\b[0-9a-f]{16}\b")  # stands in sentences


def shape(value: object, name: str = "") -> object:
    """Return the value with every part that differs replaced by its name."""
    if isinstance(value, dict):
        return {part_name: shape(part, part_name) for part_name, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value]
    if name in SHAPES and value is not None and re.fullmatch(SHAPES[name], str(value)):
        return f"<{name}>"
    return KEY_ID.sub("<key_id>", value) if isinstance(value, str) else value


def began(rotation: RotationStack) -> None:
    assert rotation.order("start")["phase"] == "waiting"


def uploaded(rotation: RotationStack) -> None:
    began(rotation)
    rotation.upload(rotation.published() or "")


def finished(rotation: RotationStack) -> None:
    uploaded(rotation)
    rotation.order("finish")
    assert [each["phase"] for each in rotation.tick()] == ["finished"]


def created(rotation: RotationStack) -> None:
    assert rotation.step("createSecret", VERSION)["rotation"] == VERSION


def set_up(rotation: RotationStack) -> None:
    created(rotation)
    assert rotation.step("setSecret", VERSION)["phase"] == "waiting"


def set_up_by_an_admin(rotation: RotationStack) -> None:
    rotation.has_admin()
    created(rotation)
    assert rotation.step("setSecret", VERSION)["phase"] == "testing"


def proven(rotation: RotationStack) -> None:
    set_up_by_an_admin(rotation)
    assert rotation.step("testSecret", VERSION)["phase"] == "finishing"


def cancelled(rotation: RotationStack) -> None:
    set_up(rotation)
    rotation.order("cancel")
    rotation.tick(3)
    assert rotation.order("status")["phase"] == "cancelled"


def lives_short(rotation: RotationStack) -> None:
    rotation.stack.store(rotation.stack.customer.secret(token_lifetime=600))


def staged_beside(rotation: RotationStack) -> None:
    """Let somebody stage a version of their own while a rotation waits for its certificate."""
    began(rotation)
    rotation.stack.cloud.secrets.put_secret_value(
        SecretId=f"sfmint/acme/{CONNECTION}",
        ClientRequestToken=VERSION,
        SecretString="{}",
        VersionStages=["AWSPENDING"],
    )


def unreadable(rotation: RotationStack) -> None:
    name = f"/sfmint/acme/rotations/{CONNECTION}/0000000001"
    rotation.stack.cloud.ssm.put_parameter(Name=name, Value='{"began_at": "yesterday"}', Type="String")


def misspelt(rotation: RotationStack) -> None:
    rotation.stack.store(rotation.stack.customer.secret(user_name="integration@acme.example"))


# What has to have happened before the event. Where nothing is said, the connection has credentials, and no rotation.
BEFORE: dict[str, Callable[[RotationStack], object]] = {
    "start-unattended": RotationStack.has_admin,
    "status": began,
    "status-of-a-finished-one": finished,
    "advance": began,
    "finish": uploaded,
    "cancel": began,
    "tick": began,
    "step-set": created,
    "step-test": set_up_by_an_admin,
    "step-finish": proven,
    "error-no-credentials": lambda rotation: rotation.stack.forget_secret(),
    "error-check-refused": lives_short,
    "error-check-while-one-goes-on": began,
    "error-note-unreadable": unreadable,
    "error-step-test-pending": set_up,
    "error-step-after-a-cancel": cancelled,
    "step-create-while-one-goes-on": began,
    "error-step-create-beside-another": staged_beside,
    "error-credentials-unusable": misspelt,
}
QUALIFIERS = {"error-another-alias": "observe"}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_event_has_the_answer_that_stands_beside_it(rotation_stack: RotationStack, path: Path) -> None:
    event, example = json.loads(path.read_text()), json.loads(path.with_suffix(".answer.json").read_text())
    if path.stem in BEFORE:
        BEFORE[path.stem](rotation_stack)
    before = rotation_stack.parameters()
    answer = rotation_stack.invoke(event, QUALIFIERS.get(path.stem, "live"))
    assert shape(answer) == shape(example)
    if path.stem.startswith("bad-"):
        assert rotation_stack.parameters() == before
        assert rotation_stack.service.invocations == []


def test_every_event_has_an_answer_and_every_answer_an_event() -> None:
    assert {path.with_name(path.name.replace(".answer.", ".")) for path in ANSWERS} == set(CASES)


def test_every_preparation_has_its_event() -> None:
    assert BEFORE.keys() | QUALIFIERS.keys() <= {path.stem for path in CASES}


def test_every_error_of_a_rotation_has_an_event() -> None:
    answers = [json.loads(path.read_text()) for path in ANSWERS]
    met = {answer["errorType"] for answer in answers if "errorType" in answer}
    own = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, RotationError)}
    assert own - {"RotationError"} | {"InvalidRequest", "ConnectionNotFound", "ConnectionForbidden"} <= met


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_an_example_is_of_the_shape_that_answers_have(path: Path) -> None:
    example = json.loads(path.read_text())
    for part in example.get("rotations", [example]):
        for name in SHAPES.keys() & part.keys():
            assert part[name] in (None, "", 0, "my_org") or shape(part[name], name) == f"<{name}>", name
