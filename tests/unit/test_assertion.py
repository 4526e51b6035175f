import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import KeyPair
from sfmint.adapters.signers.signing_key import SigningKey, load_signing_key
from sfmint.salesforce.assertion import claims, signed
from sfmint_testing.fakes import NOON, a_connection
from sfmint_values.secret import Secret


@pytest.fixture
def signing_key(key_pair: KeyPair) -> SigningKey:
    return load_signing_key(Secret(key_pair.pem), None, None)


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
    assertion = signed(claimed, signing_key.signature).reveal()
    assert jwt.get_unverified_header(assertion) == {"alg": "RS256", "typ": "JWT"}
    verified = jwt.decode(
        assertion,
        key_pair.key.public_key(),
        algorithms=["RS256"],
        audience=a_connection().audience,
        options={"verify_exp": False},  # noon is not now
    )
    assert verified == claimed


@given(username=st.text(), jti=st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_octet_for_octet_what_pyjwt_makes(
    key_pair: KeyPair, signing_key: SigningKey, username: str, jti: str
) -> None:
    claimed = claims(a_connection(username=username), now=NOON, jti=jti)
    assert signed(claimed, signing_key.signature).reveal() == jwt.encode(claimed, key_pair.key, algorithm="RS256")


def test_it_does_not_verify_with_another_key(other_key_pair: KeyPair, signing_key: SigningKey) -> None:
    assertion = signed(claims(a_connection(), now=NOON, jti="one"), signing_key.signature).reveal()
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(assertion, other_key_pair.key.public_key(), algorithms=["RS256"])


def test_it_is_a_secret(signing_key: SigningKey) -> None:
    assert repr(signed(claims(a_connection(), now=NOON, jti="one"), signing_key.signature)) == "Secret(...)"
