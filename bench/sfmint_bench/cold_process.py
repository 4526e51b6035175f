"""One cold start, in a process as Lambda's: python -S -P cold_process.py ALIAS FOLDER... FILE.

Lambda's part of the search path is all that there is beside Python's own. The file gets the seconds of CPU time of each
phase, and where the token came from; stdout takes the function's log.
"""

import importlib
import json
import resource
import sys

FUNCTION = "sfmint-token-broker"


class Context:
    """What Lambda tells a handler of its call; not a dataclass, which would have to be imported.

    Args:
        alias: through which the function was invoked.
    """

    function_name = FUNCTION
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def __init__(self, alias: str) -> None:
        self.invoked_function_arn = f"arn:aws:lambda:us-east-1:000000000000:function:{FUNCTION}:{alias}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the whole of the function's time-out."""
        return 60_000


def main() -> None:
    """Start, call once, and write what that has cost."""
    alias, *folders, file = sys.argv[1:]
    started = _cpu_s()
    sys.path[:0] = folders
    app = importlib.import_module("app")
    imported = _cpu_s()
    answer = app.handler({}, Context(alias))
    called = _cpu_s()
    phases = {"interpreter": started, "import": imported - started, "first call": called - imported}
    with open(file, "w") as measured:  # noqa: PTH123 - pathlib is not imported for this
        json.dump({"phases_s": phases, "source": answer.get("source")}, measured)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
