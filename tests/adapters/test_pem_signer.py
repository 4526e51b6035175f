"""Signers of connections: a key is parsed with the first login, and anew when its secret changes."""

import jwt
import pytest

from conftest import KeyPair
from sfmint.adapters.signers import open_signers, signing_key
from sfmint.errors import InvalidCredentials
from sfmint.salesforce.connection import Connection
from sfmint_testing.fakes import NOON, FakeClock, a_connection
from sfmint_values.secret import Secret
from time_for_aws import no_kms, repeats_by


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that were parsed."""
    keys: list[str] = []
    load = signing_key.load_signing_key

    def counted(pem: Secret, *parts: object) -> signing_key.SigningKey:
        keys.append(pem.reveal())
        return load(pem, *parts)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(signing_key, "load_signing_key", counted)
    return keys


def of(key_pair: KeyPair, name: str = "orders") -> Connection:
    return a_connection(name, private_key=Secret(key_pair.pem))


def test_a_key_is_parsed_once_for_as_long_as_its_secret_says_the_same(parsed: list[str], key_pair: KeyPair) -> None:
    signers = open_signers(no_kms, "eu-central-1", repeats_by(FakeClock()))
    first, again = signers.signer(of(key_pair)), signers.signer(of(key_pair))
    assert again.key_id == first.key_id
    assert parsed == [key_pair.pem]
    signers.signer(of(key_pair, "billing"))
    assert parsed == [key_pair.pem] * 2


def test_a_changed_secret_signs_with_its_own_key(parsed: list[str], key_pair: KeyPair, other_key_pair: KeyPair) -> None:
    signers = open_signers(no_kms, "eu-central-1", repeats_by(FakeClock()))
    signers.signer(of(key_pair))
    changed = of(other_key_pair)
    assertion = signers.signer(changed).sign(changed, now=NOON, jti="one").reveal()
    public = signing_key.load_signing_key(changed.pem(), None, None).private.public_key()
    assert jwt.decode(assertion, public, ["RS256"], options={"verify_exp": False, "verify_aud": False})["jti"] == "one"
    assert parsed[:2] == [key_pair.pem, other_key_pair.pem]


def test_a_key_that_cannot_be_used_is_refused_each_time(parsed: list[str]) -> None:
    signers = open_signers(no_kms, "eu-central-1", repeats_by(FakeClock()))
    for _ in range(2):
        with pytest.raises(
            InvalidCredentials, match=r"^In the secret of connection 'orders', private_key is not PEM\."
        ):
            signers.signer(a_connection(private_key=Secret("no key")))
    assert parsed == ["no key", "no key"]
