"""How many bytes CloudWatch Logs takes in for a call: the functions' own lines, rendered by their own telemetry, and Lambda's."""

import json
import subprocess
import sys
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from itertools import pairwise

from sfmint.adapters.powertools import PowertoolsTelemetry
from sfmint.telemetry import Minted, Record, Served, ServedFromMemory

_ID = "8f507cfc-0ae4-4e2b-8a5c-2b3f6f0f1f3a"
# Source: AWS Lambda Developer Guide, "Working with Lambda function logs" (text format); each line ends with a line break.
_OF_AN_INVOCATION = (
    f"START RequestId: {_ID} Version: 12\n",
    f"END RequestId: {_ID}\n",
    f"REPORT RequestId: {_ID}\tDuration: 1.87 ms\tBilled Duration: 2 ms\tMemory Size: 512 MB\tMax Memory Used: 96 MB\t\n",
)
_OF_A_START = (
    f"INIT_START Runtime Version: python:3.13.v50\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:{64 * 'f'}\n"
)
INVOCATION_BYTES = sum(map(len, _OF_AN_INVOCATION))
START_BYTES = len(_OF_A_START)

_SAMPLES: tuple[Record, ...] = (
    ServedFromMemory(connection="orders", fingerprint=16 * "f"),
    Served(connection="orders", source="memory", fingerprint=16 * "f", duration_ms=8),
    Minted(connection="orders", fingerprint=16 * "f", key_id=16 * "f", fence=1234, duration_ms=600),
)
_VARIABLES = {
    "POWERTOOLS_SERVICE_NAME": "token_broker",
    "POWERTOOLS_METRICS_NAMESPACE": "sfmint",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",  # Lambda always sets it
}


@cache
def record_bytes() -> dict[type[Record], int]:
    """Returns the bytes of what is written for a record of each kind that a good day has, log line and metric together."""
    # A process of its own: Powertools takes its settings from the environment, once.
    command = [sys.executable, "-m", __name__]
    run = subprocess.run(command, env=_VARIABLES, capture_output=True, text=True, check=True, timeout=60)
    return dict(zip(map(type, _SAMPLES), json.loads(run.stdout), strict=True))


def _written() -> list[int]:
    """Returns how many characters, all of ASCII, a function writes for each sample."""
    with redirect_stdout(StringIO()) as written:
        telemetry, ends = PowertoolsTelemetry(), [0]
        for sample in _SAMPLES:
            telemetry.emit(sample)
            ends.append(written.tell())
    return [end - begin for begin, end in pairwise(ends)]


if __name__ == "__main__":
    print(json.dumps(_written()))
