"""Every kind of row that this build or an earlier one writes is taken for the same by both: an upgrade and the way back change nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from former_tree import FORMER, NOT_IN_HISTORY, is_known, lay_out
from sfmint_local import places

# Only where HttpsProxySecretArn is set, which the earlier build cannot do: it takes the failure for an outage.
LATER = {repr("proxy_login")}
PROGRAM = Path(__file__).with_name("rows_of_a_build.py")

pytestmark = pytest.mark.skipif(not is_known(FORMER), reason=NOT_IN_HISTORY)


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the earlier build."""
    root = tmp_path_factory.mktemp("former")
    lay_out(FORMER, root, "layers", "local")
    return root


def run(root: Path, rows: Sequence[str] | None) -> list[Any]:
    """Run the program in a tree's code: what it writes, or what it reads in rows."""
    paths = [str(root / part) for part in ("layers/core", "layers/values", "local")]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, PROGRAM], input=json.dumps(rows), env=variables, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert Path(told["code"]).is_relative_to(root)
    answer: list[Any] = told["answer"]
    return answer


def test_both_builds_take_every_row_of_either_for_the_same(former: Path) -> None:
    old, new = run(former, None), run(places.ROOT, None)
    rows = sorted({*old, *new})
    assert len(rows) > len(set(old))  # this build remembers reasons that the earlier one does not know

    by_former, by_present = run(former, rows), run(places.ROOT, rows)

    assert [without_errors(read) for read in by_former] == [without_errors(read) for read in by_present]
    others = {read["row"]["failure_reason"] for read, other in zip(by_former, by_present, strict=True) if read != other}
    assert others == LATER


def without_errors(read: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in read.items() if name != "errors"}
