"""AWS denies single calls of a whole rotation, before or after it carries them out: the next runs go on, and nothing is lost."""

from itertools import count

from functions.aws_mishaps import AwsCall, Mishap, mishaps
from functions.rotation_stack import RotationStack
from functions.stack import CONNECTION

FIRST, STRIDE = 2, 37  # of some 120 calls: a run for each would take a minute
MOST_RUNS = 6


def rotated_while(rotation_stack: RotationStack, number: int, mishap: Mishap) -> str | None:
    """Rotate while one call of key_rotation's comes to a mishap; return its operation, None: there are fewer calls."""
    numbers, met = count(), list[str]()

    def of(call: AwsCall) -> Mishap | None:
        if not call.is_rotations or next(numbers) != number:
            return None
        met.append(call.operation)
        return mishap

    environment = rotation_stack.environment()
    begun = False
    with mishaps(rotation_stack.stack.cloud, of):
        for _ in range(MOST_RUNS):
            event = {"action": "tick"} if begun else {"action": "start", "connection": CONNECTION}
            begun |= "errorType" not in rotation_stack.invoke(event, environment=environment)
            if begun and rotation_stack.order("status")["phase"] in {"finished", "cancelled"}:
                break
            rotation_stack.clock.time += 600
    return met[0] if met else None


def test_a_call_that_aws_denies_is_made_up_for_by_the_next_runs(rotation_stack: RotationStack) -> None:
    for number in range(FIRST, 1000, STRIDE):
        rotation_stack.stack.cloud.clear()
        rotation_stack.has_admin()
        operation = rotated_while(rotation_stack, number, Mishap("AccessDeniedException", is_done=number % 2 == 0))
        if operation is None:
            break
        where = f"{operation}, call {number}"
        standing = rotation_stack.order("status")
        assert standing["phase"] == "finished", where
        assert rotation_stack.app_certificate().split() == rotation_stack.secret()["certificate"].split(), where
        assert rotation_stack.published() is None, where
        assert not any("AWSPENDING" in labels for labels in rotation_stack.stages().values()), where
        assert "access_token" in rotation_stack.broker.invoke({"action": "get_token"}), where
    assert number > 60
