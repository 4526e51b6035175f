"""The model in the tests and the soak hold sfmint to one list of promises."""

import re
from pathlib import Path

from sfmint_local import places
from sfmint_local.promises import Promise

MODEL, SOAK = places.ROOT / "tests/model", places.ROOT / "local/sfmint_local/soak"
SHARED = {"ANSWER", "TRUE_END", "TRUST", "REPORTED", "FENCE", "ONE_LOGIN", "BUDGET", "END"}
EVERY = {promise.name for promise in Promise}


def named_in(*modules: Path) -> set[str]:
    """Return which promises the code of modules names; `row.guarantees` has a class of the same name and other promises."""
    return EVERY & {name for each in modules for name in re.findall(r"\bPromise\.([A-Z_]+)", each.read_text())}


def test_every_promise_is_checked_and_the_main_ones_from_inside_and_from_outside() -> None:
    model, soak = named_in(*MODEL.glob("*.py")), named_in(*SOAK.glob("*.py"))
    assert model | soak == EVERY
    assert model & soak == SHARED


def test_every_promise_of_the_soak_is_seen_to_be_broken_somewhere() -> None:
    assert named_in(Path(__file__).with_name("test_soak.py")) == named_in(*SOAK.glob("*.py"))
