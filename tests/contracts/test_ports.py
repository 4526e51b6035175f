"""A port's method raises what its docstring names, and nothing else, whatever the other side does."""

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from secrets import token_urlsafe
from typing import Any, cast

import pytest
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.aws_peer import FAULTS, answering
from adapters.peers import listening
from conftest import make_key_pair
from embedded_access import embedded_access
from sfmint import ports
from sfmint.adapters.aws.errors import DENIALS
from sfmint.adapters.aws.services import Aws
from sfmint.adapters.secrets_manager import SecretsManagerCredentials
from sfmint.adapters.signers import open_signers
from sfmint.adapters.stores import open_store
from sfmint.adapters.stores.item_text import to_text
from sfmint.adapters.token_endpoint import HttpsTokenEndpoint
from sfmint.aws_access.budget import Budget
from sfmint.cache_backend import DynamoDb, ParameterStore
from sfmint.ports import Credentials, Sealer, Signer, Signers, Store, Telemetry, TokenEndpoint
from sfmint.row import writes
from sfmint.row.row import CacheRow, row_key
from sfmint_testing.fakes import NOON, FakeClock, a_connection
from sfmint_testing.rows import FP, TOKEN, WRITES
from sfmint_values.aws_codes import THROTTLED
from sfmint_values.kms_key_arn import region_of
from sfmint_values.secret import Secret
from time_for_aws import no_kms, repeats_by

KEY = row_key("orders")
ROW = CacheRow(sealed=b"\x01copy", token_fence=1, fingerprint=FP)
ENVELOPE = replace(ROW, sealed=b"\x02" + (4).to_bytes(2) + b"wrap" + bytes(40))
LARGE = replace(TOKEN, access_token=Secret(token_urlsafe(6000)))
PUBLISH, ACQUIRE = WRITES["publish"][0], WRITES["first acquire"][0]
KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
CERTIFICATE = make_key_pair().certificate
OWN_CODES = {
    "InvalidKeyUsageException",
    "ConditionalCheckFailedException",
    "ParameterAlreadyExists",
    "InvalidCiphertextException",
    "InvalidKeyId",
}
CODES = sorted({*DENIALS, *THROTTLED, *OWN_CODES, "InternalServerError", "InvalidRequestException"})

type Ask = Callable[[Aws], object]


def dynamodb(aws: Aws) -> tuple[Store, Sealer]:
    return open_store(
        DynamoDb("tokens"), aws, stack="acme", key_arn="key", clock=FakeClock(), repeats=repeats_by(FakeClock())
    )


def parameters(aws: Aws) -> tuple[Store, Sealer]:
    return open_store(
        ParameterStore(), aws, stack="acme", key_arn="key", clock=FakeClock(), repeats=repeats_by(FakeClock())
    )


def credentials(aws: Aws) -> Credentials:
    return SecretsManagerCredentials(aws.secrets_manager(), "acme", frozenset(), repeats_by(FakeClock()))


def sign(aws: Aws) -> Secret:
    connection = a_connection(private_key=None, signing_key=KEY_ARN, certificate=CERTIFICATE)
    signer = open_signers(aws.kms, region_of(KEY_ARN), repeats_by(FakeClock())).signer(connection)
    return signer.sign(connection, now=1e12, jti="one")


ASKS: dict[str, tuple[Callable[..., object], Ask]] = {
    "read": (Store.read, lambda aws: dynamodb(aws)[0].read(KEY)),
    "peek": (Store.peek, lambda aws: dynamodb(aws)[0].peek(KEY)),
    "write": (Store.write, lambda aws: dynamodb(aws)[0].write(KEY, ACQUIRE)),
    "seal": (Sealer.seal, lambda aws: dynamodb(aws)[1].seal(TOKEN, 1)),
    "seal of a large token": (Sealer.seal, lambda aws: dynamodb(aws)[1].seal(LARGE, 1)),
    "unseal": (Sealer.unseal, lambda aws: dynamodb(aws)[1].unseal("orders", ROW)),
    "unseal of a large token": (Sealer.unseal, lambda aws: dynamodb(aws)[1].unseal("orders", ENVELOPE)),
    "read of parameters": (Store.read, lambda aws: parameters(aws)[0].read(KEY)),
    "peek at parameters": (Store.peek, lambda aws: parameters(aws)[0].peek(KEY)),
    "acquire in parameters": (Store.write, lambda aws: parameters(aws)[0].write(KEY, ACQUIRE)),
    "publish in parameters": (Store.write, lambda aws: parameters(aws)[0].write(KEY, PUBLISH)),
    "flush of parameters": (Store.write, lambda aws: parameters(aws)[0].write(KEY, writes.flush())),
    "seal for parameters": (Sealer.seal, lambda aws: parameters(aws)[1].seal(LARGE, 1)),
    "load": (Credentials.load, lambda aws: credentials(aws).load("orders")),
    "staged": (Credentials.staged, lambda aws: credentials(aws).staged("orders", "SFMINT_TRY")),
    "previous": (Credentials.previous, lambda aws: credentials(aws).previous(a_connection(), NOON)),
    "sign": (Signer.sign, sign),
    "pending": (Credentials.pending, lambda aws: credentials(aws).pending(a_connection())),
}


class Played:
    """AWS of which each service does the same, whatever is asked."""

    def __init__(self, do: Callable[[], object]) -> None:
        self._do = do

    def dynamodb(self) -> "Played":
        return self

    kms = secrets_manager = ssm = dynamodb

    def __getattr__(self, operation: str) -> Callable[..., object]:
        return lambda **_: self._do()


def declared(method: Callable[..., object]) -> set[str]:
    """Return the errors that a docstring names."""
    _, _, raises = (inspect.getdoc(method) or "").partition("Raises:\n")
    return set(re.findall(r"^    (\w+): ", raises, re.MULTILINE))


@contextmanager
def raising_what_is_declared(method: Callable[..., object]) -> Iterator[None]:
    raised: Exception | None = None
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is
        raised = error
    if raised is not None:
        assert type(raised).__name__ in declared(method), repr(raised)
        assert raised.__cause__ is None
        assert raised.__context__ is None or raised.__suppress_context__, "a foreign error may quote a secret"


def played(ask: str, do: Callable[[], object]) -> None:
    method, call = ASKS[ask]
    with raising_what_is_declared(method):
        call(cast("Aws", Played(do)))


def raising(error: Exception) -> Callable[[], object]:
    def do() -> object:
        raise error

    return do


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_on_the_way_to_aws(ask: str, fault: str) -> None:
    method, call = ASKS[ask]
    with answering(FAULTS[fault][0]) as peer, raising_what_is_declared(method):
        call(Aws(embedded_access(peer.url), None, FakeClock(), Budget(FakeClock())))


@pytest.mark.parametrize("ask", ASKS)
def test_a_refusal_by_aws_and_silence(ask: str) -> None:
    for code in CODES:
        played(ask, raising(ClientError({"Error": {"Code": code}}, "Operation")))
    played(ask, raising(EndpointConnectionError(endpoint_url="https://aws.example")))
    played(ask, raising(BotoCoreError()))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
attributes = st.dictionaries(
    st.sampled_from(["pk", "fence", "sealed", "fingerprint", "lease_owner", "lease_until"]),
    json_values | st.dictionaries(st.sampled_from(["S", "N", "B", "SS"]), json_values, max_size=1),
)
FOLDER = "/sfmint/acme/cache/t1/orders"
items = st.dictionaries(st.sampled_from(["fence", "lease_owner", "rejected"]), st.text(max_size=3) | st.integers())
shelf = st.lists(
    json_values
    | st.fixed_dictionaries(
        {
            "Name": st.sampled_from([f"{FOLDER}/0000000001", f"{FOLDER}/rejected-a"]),
            "Value": st.text(max_size=9) | items.map(to_text),
        }
    ),
    max_size=3,
)
answers = st.fixed_dictionaries(
    {},
    optional={
        "Item": json_values | attributes,
        "Attributes": json_values | attributes,
        "Signature": json_values | st.binary(min_size=256, max_size=256),
        "Plaintext": json_values | st.binary(min_size=32, max_size=32),
        "CiphertextBlob": json_values,
        "SecretString": json_values | st.text(),
        "Parameters": json_values | shelf,
        "NextToken": json_values,
    },
)


@pytest.mark.parametrize("ask", ASKS)
@settings(deadline=None)
@given(answer=answers, refused=st.booleans())
@example(answer={"Item": {"fence": {"N": "no number"}}}, refused=False)
@example(answer={"Item": {"tainted_keys": {"SS": [["no text"]]}}}, refused=False)
@example(answer={"Plaintext": b"no key", "CiphertextBlob": b"sealed"}, refused=False)
@example(answer={"Parameters": [{"Name": f"{FOLDER}/0000000001", "Value": to_text({"fence": "x"})}]}, refused=False)
@example(answer={"Parameters": [], "NextToken": "the same again"}, refused=False)
def test_an_answer_of_any_form(ask: str, answer: dict[str, Any], *, refused: bool) -> None:
    whole: Any = {**answer, "Error": {"Code": "ConditionalCheckFailedException"}, "ResponseMetadata": {}}
    played(ask, raising(ClientError(whole, "UpdateItem")) if refused else lambda: whole)


def test_a_data_key_whose_length_fits_into_no_copy() -> None:
    played("seal of a large token", lambda: {"Plaintext": bytes(32), "CiphertextBlob": bytes(1 << 16)})


def test_a_key_cannot_be_barred_in_parameters() -> None:
    with raising_what_is_declared(Store.write):
        parameters(cast("Aws", Played(dict)))[0].write(KEY, writes.taint("key", of_row=True))


@given(arn=st.sampled_from([KEY_ARN, KEY_ARN.replace("central", "north")]), certificate=st.none() | st.text())
def test_a_key_of_kms_of_any_form(arn: str, certificate: str | None) -> None:
    connection = a_connection(private_key=None, signing_key=arn, certificate=certificate)
    with raising_what_is_declared(Signers.signer):
        open_signers(lambda: cast("Any", None), "eu-central-1", repeats_by(FakeClock())).signer(connection)


@given(pem=st.text(), certificate=st.none() | st.text())
def test_a_key_of_any_form(pem: str, certificate: str | None) -> None:
    with raising_what_is_declared(Signers.signer):
        open_signers(no_kms, "eu-central-1", repeats_by(FakeClock())).signer(
            a_connection(private_key=Secret(pem), certificate=certificate)
        )


def test_a_signature(key_pair: Any) -> None:
    connection = a_connection(private_key=Secret(key_pair.pem))
    with raising_what_is_declared(Signer.sign):
        open_signers(no_kms, "eu-central-1", repeats_by(FakeClock())).signer(connection).sign(
            connection, now=1e12, jti="\ud800"
        )


HEADS = [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 400 No\r\nContent-Type: application/json\r\n\r\n"]


@pytest.mark.parametrize("head", HEADS)
@settings(deadline=None, max_examples=25)
@given(rest=st.binary(max_size=60) | st.from_regex(rb'[A-Z][a-z-]{3,9}: [a-z0-9/]+\r\n\r\n\{"[a-z]+": .*\}'))
def test_an_answer_of_any_form_from_salesforce(head: bytes, rest: bytes) -> None:
    def serve(connection: Any) -> None:
        connection.recv(65536)
        connection.sendall(head + rest)

    with listening(serve) as port, raising_what_is_declared(TokenEndpoint.exchange):
        connection = a_connection(token_host=f"http://127.0.0.1:{port}")
        HttpsTokenEndpoint(FakeClock(), None, None).exchange(connection, Secret("an.assertion"))


def test_every_method_that_raises_is_asked_here() -> None:
    asked = {method.__qualname__ for method, _ in ASKS.values()}
    asked |= {method.__qualname__ for method in (Signers.signer, Signer.sign, TokenEndpoint.exchange)}
    raising = {
        method.__qualname__
        for port in vars(ports).values()
        if getattr(port, "_is_protocol", False) and port.__module__ == ports.__name__
        for method in vars(port).values()
        if inspect.isfunction(method) and declared(method)
    }
    assert asked == raising | {"Credentials.pending", "Credentials.previous"}
    assert declared(Telemetry.emit) == set()
