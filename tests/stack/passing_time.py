"""Time passes in a rotation's note: nobody waits for the five minutes between its logins."""

import json

from sfmint_local.embedded_stack import STACK
from sfmint_local.rotation.rotated import Rotated

TIMES = ("_at", "_since", "_until")  # how the names of a note's times end


def let_pass(rotated: Rotated, seconds: float) -> None:
    """Move each time in the rotation's note back, as the next writer of the register."""
    ssm, path = rotated.stack.aws.parameters, f"/sfmint/{STACK}/rotations/{rotated.name}"
    found = {each["Name"]: each["Value"] for each in ssm.get_parameters_by_path(Path=path)["Parameters"]}
    last = max(found)
    note = json.loads(found[last])
    moved = note | {name: at - seconds for name, at in note.items() if name.endswith(TIMES)}
    following = f"{path}/{int(last.rpartition('/')[2]) + 1:010}"
    ssm.put_parameter(Name=following, Value=json.dumps(moved), Type="String")
