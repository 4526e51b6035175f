"""Sealed copies: they open in their own place only, and a decision of KMS is told from its silence."""

import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.session import Session
from botocore.stub import Stubber

from moto_client import moto_client
from sfmint.adapters.stores.kms_sealer import LARGEST_BLOB, LARGEST_DIRECT, KmsSealer
from sfmint.errors import CacheUnavailable
from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint_testing.fakes import NOON, FakeClock
from time_for_aws import repeats_by

FENCE = 7
MANY = 20  # more than there is time for


def a_token(text: str = "00DEXAMPLE!token", connection: str = "orders") -> AccessToken:
    answer = {"access_token": text, "instance_url": "https://acme.my.salesforce.com"}
    return AccessToken.from_answer(
        answer, connection=connection, asked_at=NOON, lifetime_s=900, soft_share=0.5, listed=frozenset()
    )


def a_large_token() -> AccessToken:
    """Return a token of 6,000 random bytes, as no JWT's text can be made smaller."""
    return a_token("00DEXAMPLE!" + urlsafe_b64encode(os.urandom(6000)).decode().rstrip("="))


def row_of(token: AccessToken, sealed: bytes) -> CacheRow:
    return CacheRow(
        sealed=sealed, token_fence=FENCE, fingerprint=token.fingerprint, hard_expiry=token.hard_expiry, fence=FENCE
    )


@dataclass
class Kms:
    client: Any
    key: str
    calls: list[str]

    def sealer(self, place: str = "tokens") -> KmsSealer:
        return KmsSealer(self.client, self.key, place, repeats_by(FakeClock()))


@pytest.fixture
def kms(aws: Session) -> Kms:
    client = moto_client(aws, "kms")
    kms = Kms(client=client, key=client.create_key()["KeyMetadata"]["Arn"], calls=[])
    client.meta.events.register("before-call.kms", lambda model, **_: kms.calls.append(model.name))
    return kms


@pytest.fixture(params=[a_token, a_large_token], ids=["direct", "envelope"])
def token(request: pytest.FixtureRequest) -> AccessToken:
    made: AccessToken = request.param()
    return made


def test_a_small_answer_is_encrypted_by_kms_itself(kms: Kms) -> None:
    token = a_token()
    assert len(token.to_bytes()) <= LARGEST_DIRECT
    sealed = kms.sealer().seal(token, FENCE)
    assert kms.sealer().unseal("orders", row_of(token, sealed)) == token
    assert kms.calls == ["Encrypt", "Decrypt"]


def test_a_large_answer_is_encrypted_under_a_data_key(kms: Kms) -> None:
    token = a_large_token()
    assert len(token.to_bytes()) > LARGEST_DIRECT
    sealed = kms.sealer().seal(token, FENCE)
    assert kms.sealer().unseal("orders", row_of(token, sealed)) == token
    assert kms.calls == ["GenerateDataKey", "Decrypt"]


def test_the_sealed_copy_shows_nothing_of_the_token(kms: Kms, token: AccessToken) -> None:
    sealed = kms.sealer().seal(token, FENCE)
    assert token.access_token.reveal().encode() not in sealed
    assert token.to_bytes()[:32] not in sealed


@pytest.mark.parametrize("moved", ["connection", "fence", "place", "fingerprint"])
def test_a_copy_that_was_moved_does_not_open(kms: Kms, token: AccessToken, moved: str) -> None:
    row = row_of(token, kms.sealer().seal(token, FENCE))
    if moved == "connection":
        opened = kms.sealer().unseal("billing", row)
    elif moved == "fence":
        opened = kms.sealer().unseal("orders", replace(row, token_fence=FENCE + 1))
    elif moved == "place":
        opened = kms.sealer("another").unseal("orders", row)
    else:
        opened = kms.sealer().unseal("orders", replace(row, fingerprint="0" * 16))
    assert opened is None


def test_a_row_that_promises_another_expiry_is_not_believed(kms: Kms, token: AccessToken) -> None:
    row = row_of(token, kms.sealer().seal(token, FENCE))
    assert kms.sealer().unseal("orders", replace(row, hard_expiry=token.hard_expiry + 3600)) is None


@pytest.mark.parametrize("at", [0, 1, 3, 40, -1])
def test_a_changed_byte_does_not_open(kms: Kms, token: AccessToken, at: int) -> None:
    sealed = bytearray(kms.sealer().seal(token, FENCE))
    sealed[at] ^= 0xFF
    assert kms.sealer().unseal("orders", row_of(token, bytes(sealed))) is None


@pytest.mark.parametrize("keep", [1, 2, 3, 60, -1])
def test_a_cut_copy_does_not_open(kms: Kms, token: AccessToken, keep: int) -> None:
    sealed = kms.sealer().seal(token, FENCE)
    assert kms.sealer().unseal("orders", row_of(token, sealed[:keep])) is None


@pytest.mark.parametrize(
    "sealed",
    [
        b"\x01" + bytes(LARGEST_BLOB + 1),
        b"\x01" + bytes(300_000),
        b"\x02" + (LARGEST_BLOB + 1).to_bytes(2) + bytes(LARGEST_BLOB + 100),
        b"\x02\xff\xff" + bytes(70_000),
    ],
    ids=["a byte too long", "as long as an item", "a wrapped key too long", "the longest wrapped key"],
)
def test_a_copy_that_kms_cannot_have_made_is_none_and_kms_is_not_asked(kms: Kms, sealed: bytes) -> None:
    assert kms.sealer().unseal("orders", row_of(a_token(), sealed)) is None
    assert kms.calls == []


@pytest.mark.parametrize("fingerprint", ["", "x" * 9000, "0" * 15, "0" * 15 + "G", "é" * 16, "\0" * 16])
def test_a_copy_beside_something_that_is_no_fingerprint_is_none_and_kms_is_not_asked(
    kms: Kms, fingerprint: str
) -> None:
    row = replace(row_of(a_token(), b"\x01a copy"), fingerprint=fingerprint)
    assert kms.sealer().unseal("orders", row) is None
    assert kms.calls == []


def test_a_row_without_a_copy_needs_no_call(kms: Kms) -> None:
    assert kms.sealer().unseal("orders", CacheRow(fingerprint="0" * 16, token_fence=FENCE)) is None
    assert kms.sealer().unseal("orders", CacheRow(sealed=b"\x01copy", token_fence=FENCE)) is None
    assert kms.calls == []


def refused(kms: Kms, operation: str, code: str) -> CacheUnavailable:
    """Return the error for a refusal by KMS, whose own words quote what it was sent."""
    stubber = Stubber(kms.client)
    for _ in range(MANY):
        stubber.add_client_error(operation, code, "no: the-plaintext")
    ask: Callable[[], object] = {
        "encrypt": lambda: kms.sealer().seal(a_token(), FENCE),
        "generate_data_key": lambda: kms.sealer().seal(a_large_token(), FENCE),
        "decrypt": lambda: kms.sealer().unseal("orders", row_of(a_token(), b"\x01a copy")),
    }[operation]
    with stubber, pytest.raises(CacheUnavailable) as raised:
        ask()
    assert code in str(raised.value)
    assert "the-plaintext" not in str(raised.value)
    return raised.value


@pytest.mark.parametrize("operation", ["encrypt", "decrypt", "generate_data_key"])
@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "DisabledException", "KMSInvalidStateException", "NotFoundException"]
)
def test_a_decision_of_kms_is_denied(kms: Kms, operation: str, code: str) -> None:
    assert refused(kms, operation, code).denied


@pytest.mark.parametrize("operation", ["encrypt", "decrypt", "generate_data_key"])
@pytest.mark.parametrize("code", ["ThrottlingException", "DependencyTimeoutException", "KMSInternalException"])
def test_a_fault_of_kms_is_not_denied(kms: Kms, operation: str, code: str) -> None:
    assert not refused(kms, operation, code).denied


@pytest.mark.parametrize("code", ["IncorrectKeyException", "InvalidCiphertextException"])
def test_a_copy_that_kms_cannot_open_is_no_token(kms: Kms, code: str) -> None:
    stubber = Stubber(kms.client)
    stubber.add_client_error("decrypt", code)
    with stubber:
        assert kms.sealer().unseal("orders", row_of(a_token(), b"\x01a copy")) is None


@pytest.mark.parametrize("silence", [ConnectTimeoutError, ReadTimeoutError, EndpointConnectionError])
@pytest.mark.parametrize("operation", ["seal", "unseal"])
def test_silence_is_not_denied_and_kms_is_asked_again(
    kms: Kms, silence: Callable[..., Exception], operation: str
) -> None:
    sent = []

    def be_silent(**_: Any) -> None:
        sent.append(silence)
        raise silence(endpoint_url="https://kms.example")

    kms.client.meta.events.register("before-send.kms", be_silent)
    with pytest.raises(CacheUnavailable, match="did not answer") as raised:
        kms.sealer().seal(a_token(), FENCE) if operation == "seal" else kms.sealer().unseal(
            "orders", row_of(a_token(), b"\x01a copy")
        )
    assert not raised.value.denied
    assert len(sent) > 2
