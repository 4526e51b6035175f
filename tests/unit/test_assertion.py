import jwt
import pytest

from conftest import KeyPair
from fakes import NOON, a_connection
from sfmint.adapters.signers.signing_key import SigningKey, load_signing_key
from sfmint.salesforce.assertion import claims, sign
from sfmint_values.secret import Secret


@pytest.fixture
def signing_key(key_pair: KeyPair) -> SigningKey:
    return load_signing_key("orders", Secret(key_pair.pem), None, None)


def test_the_assertion_says_who_as_whom_where_until_when_and_once() -> None:
    connection = a_connection(consumer_key="app", username="user", audience="https://login.salesforce.com")
    assert claims(connection, now=NOON + 0.9, jti="one") == {
        "iss": "app",
        "sub": "user",
        "aud": "https://login.salesforce.com",
        "exp": int(NOON) + 120,
        "jti": "one",
    }


def test_it_ends_in_whole_seconds_and_within_the_three_minutes_that_salesforce_allows() -> None:
    expiry = claims(a_connection(), now=NOON, jti="one")["exp"]
    assert isinstance(expiry, int)
    assert 60 <= expiry - NOON < 180


def test_it_is_signed_with_rs256_and_verifies_with_the_public_key(key_pair: KeyPair, signing_key: SigningKey) -> None:
    claimed = claims(a_connection(), now=NOON, jti="one")
    assertion = sign(claimed, signing_key).reveal()
    assert jwt.get_unverified_header(assertion) == {"alg": "RS256", "typ": "JWT"}
    verified = jwt.decode(
        assertion,
        key_pair.key.public_key(),
        algorithms=["RS256"],
        audience=a_connection().audience,
        options={"verify_exp": False},  # noon is not now
    )
    assert verified == claimed


def test_it_does_not_verify_with_another_key(other_key_pair: KeyPair, signing_key: SigningKey) -> None:
    assertion = sign(claims(a_connection(), now=NOON, jti="one"), signing_key).reveal()
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(assertion, other_key_pair.key.public_key(), algorithms=["RS256"])


def test_it_is_a_secret(signing_key: SigningKey) -> None:
    assert repr(sign(claims(a_connection(), now=NOON, jti="one"), signing_key)) == "Secret(...)"
