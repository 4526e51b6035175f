from fakes import NOON, a_connection
from sfmint.salesforce.assertion import claims


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
