"""Our own pieces under pyperf: python -m sfmint_bench.micro_process --interpreter PYTHON --layers FOLDER:FOLDER -o FILE.

A program of its own, because pyperf starts it anew for each series of values.
"""

import json
import os
import socket
import ssl
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import cache, partial
from time import process_time
from typing import TYPE_CHECKING, Any
from weakref import finalize

import pyperf

if TYPE_CHECKING:
    from sfmint.adapters.stores.kms_sealer import KmsSealer

type Prepare = Callable[[], Callable[[], object]]

BARE = "start of Python itself"
_NAME = "orders"
_HOST = "https://acme.my.salesforce.com"
_NOW = 1_800_000_000.0
_FENCE = 7


def _request() -> Callable[[], object]:
    from sfmint.request import alias_of, parse_broker_event

    function = "sfmint-token-broker"
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}:{_NAME}"
    event = {"action": "get_token", "min_ttl": 60, "deadline_ms": 10_000}
    return lambda: parse_broker_event(event, alias_of(arn, function, (_NAME,)))


def _telemetry_from_memory() -> Callable[[], object]:
    from sfmint.telemetry import ServedFromMemory

    record = ServedFromMemory(connection=_NAME, fingerprint="0123456789abcdef")
    emit = _powertools().emit
    return lambda: emit(record)


def _telemetry_from_the_row() -> Callable[[], object]:
    from sfmint.telemetry import Served

    record = Served(connection=_NAME, fingerprint="0123456789abcdef", source="cache", duration_ms=7)
    emit = _powertools().emit
    return lambda: emit(record)


def _powertools() -> Any:
    os.environ |= {"POWERTOOLS_SERVICE_NAME": "token_broker"}
    from sfmint.adapters.powertools import PowertoolsTelemetry
    from sfmint_values.system import SystemClock

    return PowertoolsTelemetry(namespace="sfmint", stack="sfmint", clock=SystemClock())


def _signed_request() -> Callable[[], object]:
    from sfmint.adapters.aws.signature import Signature
    from sfmint.aws_access import AwsAccess
    from sfmint_values.secret import Secret

    access = AwsAccess(
        region="us-east-1",
        url_suffix="amazonaws.com",
        key_id="AKIDEXAMPLE",
        secret_key=Secret("made up"),
        session_token=Secret("made up, too"),
        endpoints={},
    )
    signature = Signature(access, "dynamodb")
    headers = {"host": "dynamodb.us-east-1.amazonaws.com", "x-amz-target": "DynamoDB_20120810.GetItem"}
    body = json.dumps({"TableName": "tokens", "Key": {"pk": {"S": f"t1#{_NAME}"}}, "ConsistentRead": True}).encode()
    return lambda: signature.sign(headers, body, at=_NOW)


def _sealer() -> "KmsSealer":
    from sfmint.adapters.aws.repeats import Repeats
    from sfmint.adapters.stores.kms_sealer import KmsSealer
    from sfmint.adapters.system import SystemChance
    from sfmint.aws_access.budget import Budget
    from sfmint_values.system import SystemClock

    clock = SystemClock()
    return KmsSealer(_InstantKms(), "a key", "a table", Repeats(Budget(clock), clock, SystemChance()))


def _sealing(token_bytes: int) -> Callable[[], object]:
    sealer, token = _sealer(), _token(token_bytes)
    return lambda: sealer.seal(token, _FENCE)


def _opening(token_bytes: int) -> Callable[[], object]:
    from sfmint.row.row import CacheRow

    sealer, token = _sealer(), _token(token_bytes)
    row = CacheRow(
        sealed=sealer.seal(token, _FENCE),
        token_fence=_FENCE,
        fingerprint=token.fingerprint,
        hard_expiry=token.hard_expiry,
    )
    if sealer.unseal(_NAME, row) != token:
        raise RuntimeError("The sealed copy does not open.")
    return lambda: sealer.unseal(_NAME, row)


class _InstantKms:
    """Answers at once what it was given: only our side is measured."""

    def encrypt(self, *, Plaintext: bytes, **_: object) -> dict[str, bytes]:  # noqa: N803 - AWS's name
        return {"CiphertextBlob": Plaintext}

    def decrypt(self, *, CiphertextBlob: bytes, **_: object) -> dict[str, bytes]:  # noqa: N803 - AWS's name
        return {"Plaintext": CiphertextBlob}

    def generate_data_key(self, **_: object) -> dict[str, bytes]:
        return {"Plaintext": bytes(32), "CiphertextBlob": bytes(32)}


def _token(length: int) -> Any:
    from sfmint.salesforce.access_token import AccessToken

    answer = {
        "access_token": os.urandom(length // 2).hex(),
        "instance_url": _HOST,
        "token_type": "Bearer",
        "scope": "api",
        "id": f"{_HOST}/id/00D000000000001EAA/005000000000001AAA",
    }
    return AccessToken.from_answer(
        answer, connection=_NAME, asked_at=_NOW, lifetime_s=900, soft_share=0.5, listed=frozenset()
    )


def _loading() -> Callable[[], object]:
    from sfmint.adapters.signers.signing_key import load_signing_key
    from sfmint_values.secret import Secret

    pem = Secret(_pem().decode())
    return lambda: load_signing_key(pem, None, None)


def _loading_with_every_check() -> Callable[[], object]:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pem = _pem()
    return lambda: load_pem_private_key(pem, None)


def _signing() -> Callable[[], object]:
    from sfmint.adapters.signers.signing_key import load_signing_key
    from sfmint.salesforce.assertion import claims, signed
    from sfmint.salesforce.connection import Connection
    from sfmint_values.secret import Secret

    secret = Secret(_pem().decode())
    key = load_signing_key(secret, None, None)
    connection = Connection(
        name=_NAME,
        consumer_key="3MVG9",
        username="integration@acme.example",
        audience=_HOST,
        token_host=_HOST,
        private_key=secret,
    )
    return lambda: signed(claims(connection, now=_NOW, jti="0123456789abcdef"), key.signature)


def _pem() -> bytes:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _authorities() -> Callable[[], object]:
    import certifi

    bundle = certifi.where()
    return lambda: ssl.create_default_context(cafile=bundle)


def _redaction() -> Callable[[], object]:
    """Return the redaction of a refusal that quotes the assertion: only a login or request that failed pays for it."""
    from sfmint_values.redaction import LONGEST, redacted
    from sfmint_values.secret import Secret

    assertion = os.urandom(300).hex()
    said = (
        f"invalid_grant: the assertion {assertion[:80]} has expired or was not issued for this audience; log in again "
    )
    text = (said * 2)[:LONGEST]
    return lambda: redacted(text, sent=(Secret(assertion),))


def _framing() -> Callable[[], object]:
    """Return the reading of an answer and the check that nothing is left behind it; from memory a hit reads none."""
    from sfmint_values.budgeted_socket import BudgetedSocket
    from sfmint_values.strict_answer import read_whole
    from sfmint_values.strict_connection import StrictConnection

    peer, own = socket.socketpair()
    connection = StrictConnection("localhost")
    connection.sock = BudgetedSocket(fileno=own.detach())
    body = b'{"Item": {"fingerprint": {"S": "0123456789abcdef"}}}'
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = head.encode() + body

    def read() -> bool:
        peer.sendall(answer)
        connection.allow(len(body))
        response = connection.response_class(connection.sock, method="POST")
        response.begin()
        read_whole(response, len(body))
        return connection.is_clean()

    for end in (peer, connection):
        finalize(read, end.close)
    return read


PIECES: dict[str, Prepare] = {
    "alias and event, checked": _request,
    "metrics of a token from memory, two sets of dimensions": _telemetry_from_memory,
    "log line and metrics of a token from the row": _telemetry_from_the_row,
    "request to AWS signed": _signed_request,
    "token sealed, without KMS": lambda: _sealing(110),
    "token opened, without KMS": lambda: _opening(110),
    "token of 12,000 bytes opened, without KMS": lambda: _opening(12_000),
    "RS256 signature of an assertion": _signing,
    "RSA key read from PEM, as sfmint does": _loading,
    "RSA key read from PEM with the library's full check": _loading_with_every_check,
    "authorities read for a TLS context": _authorities,
    "200 characters of a refusal redacted, in no hit": _redaction,
    "answer read strictly and its frame checked, in no hit from memory": _framing,
}
IMPORTS = {
    "import of all that a hit needs": "import sfmint.bootstrap",
    "import of Logger and Metrics, a part of it": "from aws_lambda_powertools import Logger, Metrics",
    "import of requests, which a login does without": "import requests",
    "import of what reads a key": "from cryptography.hazmat.primitives.serialization import load_pem_private_key",
    "import of AES-GCM": "from cryptography.hazmat.primitives.ciphers.aead import AESGCM",
}


def _calls(prepare: Prepare, loops: int) -> float:
    """Return the seconds of CPU time of so many calls."""
    call = prepare()
    before = process_time()
    for _ in range(loops):
        call()
    return process_time() - before


def _processes(interpreter: str, layers: Sequence[str], statement: str, loops: int) -> float:
    """Return the seconds of CPU time of so many fresh processes that see the layers only."""
    command = [interpreter, "-S", "-P", "-c", f"import sys; sys.path[:0] = {json.dumps(layers)}; {statement}"]
    spent = 0.0
    for _ in range(loops):
        _, status, usage = os.wait4(os.posix_spawn(interpreter, command, {}), 0)
        if status:
            raise RuntimeError(f"A fresh process cannot do this: {statement}")
        spent += usage.ru_utime + usage.ru_stime
    return spent


def main() -> int:
    """Measure every piece."""

    def hand_on(command: list[str], arguments: Namespace) -> None:
        command += ["--interpreter", arguments.interpreter, "--layers", arguments.layers]

    runner = pyperf.Runner(program_args=("-m", "sfmint_bench.micro_process"), add_cmdline_args=hand_on)
    runner.argparser.add_argument("--interpreter", required=True, help="starts the fresh processes")
    runner.argparser.add_argument("--layers", required=True, help="folders to import from, as on a path")
    arguments = runner.parse_args()
    interpreter, layers = arguments.interpreter, arguments.layers.split(os.pathsep)
    for name, prepare in PIECES.items():
        runner.bench_time_func(name, partial(_calls, cache(prepare)))
    for name, statement in {BARE: "pass", **IMPORTS}.items():
        runner.bench_time_func(name, partial(_processes, interpreter, layers, statement))
    return 0


if __name__ == "__main__":
    sys.exit(main())
