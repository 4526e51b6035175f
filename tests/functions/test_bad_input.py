"""Bad input through the invoke interface: each has its error, costs no good token, and leaks nothing.

The stack's own teardown reads every line, item and answer for keys, assertions and tokens.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from conftest import KeyPair, make_key_pair
from functions.stack import CONNECTION, OTHER, Stack
from sfmint.adapters import token_endpoint
from sfmint_local.org.values import Fault

ROW = f"t1#{CONNECTION}"
HANG_S = 0.4  # stands for the seven seconds of POST_S


@dataclass(frozen=True)
class Trouble:
    """What somebody did wrong, and what the caller is told of it."""

    happen: Callable[[Stack], None]
    error: str
    cause: str
    remedy: str
    logins: int = 0


def secret(text: str | None = None, **changes: Any) -> Callable[[Stack], None]:
    """Store a bad secret: a text, or the good one with changes."""
    return lambda stack: stack.store(stack.customer.secret(**changes) if text is None else text)


def fault(kind: str, **params: Any) -> Callable[[Stack], None]:
    return lambda stack: stack.customer.control.add_fault(Fault(where="token", kind=kind, params=params))


def hang(stack: Stack) -> None:
    stack.monkeypatch.setattr(token_endpoint, "POST_S", HANG_S)
    fault("hang", seconds=20)(stack)


def unapprove(stack: Stack) -> None:
    stack.customer.control.unapprove(stack.customer.app.consumer_key, stack.customer.username)


ANOTHER = make_key_pair()
EC_KEY = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
SMALL_KEY = make_key_pair(1024).pem
NEW = "https://login.salesforce.com"

BAD_SECRETS = {
    "an empty secret": Trouble(secret("{}"), "ConnectionNotFound", "is empty", "sfmint connection add my-org"),
    "no JSON": Trouble(
        secret("consumer_key=1"), "InvalidCredentials", "lines of NAME=VALUE, not JSON", "Store one JSON object"
    ),
    "an unknown field": Trouble(
        secret(user_name="x"),
        "InvalidCredentials",
        "unknown fields: user_name",
        "Known are admin_connection, app, audience,",
    ),
    "a missing field": Trouble(secret(username=None), "InvalidCredentials", "lacks username", "Add what is missing"),
    "a host of nobody's": Trouble(
        secret(token_host="https://acme.example"), "InvalidCredentials", "not a host of Salesforce", "TokenHosts"
    ),
    "an EC key": Trouble(
        secret(private_key=EC_KEY.decode()), "InvalidCredentials", "not an RSA key", "make an RSA key"
    ),
    "a small key": Trouble(secret(private_key=SMALL_KEY), "InvalidCredentials", "has 1024 bits", "wants 2048 or more"),
    "a certificate of another key": Trouble(
        secret(certificate=ANOTHER.certificate), "InvalidCredentials", "is of another key", "made from this key"
    ),
}
REFUSALS = {
    "a key that Salesforce has not": Trouble(
        secret(private_key=ANOTHER.pem),
        "AssertionRejected",
        "cannot verify the assertion's signature",
        "Upload the certificate",
        1,
    ),
    "a wrong audience": Trouble(secret(audience=NEW), "AssertionRejected", "audience", "Set audience in the secret", 1),
    "a user not pre-authorised": Trouble(
        unapprove, "AssertionRejected", "has not approved the user", "Assign the permission set", 1
    ),
    "503": Trouble(fault("status", code=503), "SalesforceUnavailable", "a fault of its own", "Call again later"),
    "a page": Trouble(fault("html"), "SalesforceUnavailable", "no token answer", "My Domain"),
    "a hang": Trouble(hang, "SalesforceUnavailable", "in time", "Call again later"),
}
TROUBLES = BAD_SECRETS | REFUSALS


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_a_trouble_has_its_error_with_cause_and_remedy(stack: Stack, trouble: Trouble) -> None:
    trouble.happen(stack)
    answer = stack.environment().invoke({})
    assert answer["errorType"] == trouble.error
    assert trouble.cause in answer["errorMessage"]
    assert trouble.remedy in answer["errorMessage"]
    assert stack.customer.logins == trouble.logins
    (told,) = [line for line in stack.lines if line.get("message") == "request refused"]
    assert (told["connection"], told["error"]) == (CONNECTION, trouble.error)
    assert "Traceback" not in stack.output.getvalue()


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_a_trouble_costs_no_good_token(stack: Stack, trouble: Trouble) -> None:
    good = stack.environment().invoke({})
    stack.settle()
    before = token_on(stack)
    trouble.happen(stack)
    kept = stack.environment("token_keeper", SFMINT_REFRESH_RATE="rate(10 minutes)").invoke(
        {"action": "refresh", "connection": CONNECTION}, "live"
    )
    assert kept["failure"]["error"] == trouble.error
    assert (kept["refreshed"], kept["fingerprint"]) == (False, good["fingerprint"])
    assert token_on(stack) == before
    served = stack.environment().invoke({})
    assert (served["source"], served["access_token"]) == ("cache", good["access_token"])


def token_on(stack: Stack) -> dict[str, Any]:
    names = ("sealed", "fingerprint", "key_id", "config_hash", "token_fence", "issued_at", "soft_expiry", "hard_expiry")
    row = stack.items[ROW]
    return {name: row[name] for name in names}


@pytest.mark.parametrize("trouble", BAD_SECRETS.values(), ids=BAD_SECRETS)
def test_a_bad_secret_that_is_repaired_heals_at_once(stack: Stack, trouble: Trouble) -> None:
    trouble.happen(stack)
    environment = stack.environment()
    assert environment.invoke({})["errorType"] == trouble.error
    stack.store(stack.customer.secret())
    assert environment.invoke({})["source"] == "minted"


def test_a_wrong_audience_that_is_corrected_heals_at_once(stack: Stack) -> None:
    stack.store(stack.customer.secret(audience=NEW))
    environment = stack.environment()
    assert [environment.invoke({})["errorType"] for _ in range(3)] == ["AssertionRejected"] * 3
    assert stack.customer.logins == 1
    stack.store(stack.customer.secret())
    assert environment.invoke({})["source"] == "minted"


def test_a_connection_without_a_secret_is_told_how_to_get_one(stack: Stack) -> None:
    answer = stack.environment().invoke({}, OTHER)
    assert answer["errorType"] == "ConnectionNotFound"
    assert "sfmint/acme/other-org" in answer["errorMessage"]


BAD_EVENTS: tuple[tuple[object, str], ...] = (
    (None, "InvalidRequest"),
    (1, "InvalidRequest"),
    ("get_token", "InvalidRequest"),
    ([{}], "InvalidRequest"),
    ({"action": None}, "InvalidRequest"),
    ({"action": ["get_token"]}, "InvalidRequest"),
    ({"action": {}}, "InvalidRequest"),
    ({"action": "flush"}, "InvalidRequest"),
    ({"Action": "get_token"}, "InvalidRequest"),
    ({"": 1}, "InvalidRequest"),
    ({"min_ttl": True}, "InvalidRequest"),
    ({"min_ttl": 1.5}, "InvalidRequest"),
    ({"min_ttl": None}, "InvalidRequest"),
    ({"min_ttl": 10**30}, "InvalidRequest"),
    ({"deadline_ms": "1"}, "InvalidRequest"),
    ({"deadline_ms": -1}, "InvalidRequest"),
    ({"rejected": 5}, "InvalidRequest"),
    ({"rejected": "0123456789ABCDEF"}, "InvalidRequest"),
    ({"rejected": ["0123456789abcdef"]}, "InvalidRequest"),
    ({"connection": OTHER}, "ConnectionForbidden"),
    ({"connection": None}, "ConnectionForbidden"),
    ({"connection": [CONNECTION]}, "ConnectionForbidden"),
    ({"Records": [{"body": "{}"}]}, "InvalidRequest"),
    ({"version": "2.0", "requestContext": {}, "body": "{}"}, "InvalidRequest"),
)


def test_no_bad_event_changes_anything(stack: Stack) -> None:
    environment = stack.environment()
    environment.invoke({})
    before, logins = stack.items, stack.customer.logins
    for event, error in BAD_EVENTS:
        assert environment.invoke(event).get("errorType") == error, event
    assert (stack.items, stack.customer.logins) == (before, logins)
    assert environment.invoke({})["source"] == "memory"


def test_no_bad_event_of_the_keeper_changes_anything(stack: Stack) -> None:
    stack.environment().invoke({})
    keeper, before = stack.environment("token_keeper"), stack.items
    bad: tuple[tuple[object, str], ...] = (
        (None, "InvalidRequest"),
        ({}, "InvalidRequest"),
        ({"action": "taint", "connection": CONNECTION}, "InvalidRequest"),
        ({"action": "taint", "connection": CONNECTION, "key_id": ["0123456789abcdef"]}, "InvalidRequest"),
        ({"action": "flush", "connection": CONNECTION, "key_id": "0123456789abcdef"}, "InvalidRequest"),
        ({"action": ["flush"], "connection": CONNECTION}, "InvalidRequest"),
        ({"action": "flush", "connection": {}}, "InvalidRequest"),
        ({"action": "flush", "connection": CONNECTION, "min_ttl": 1}, "InvalidRequest"),
        ({"action": "flush", "connection": "my_org"}, "ConnectionNotFound"),
        ({"action": "flush", "connection": ""}, "ConnectionNotFound"),
    )
    for event, error in bad:
        assert keeper.invoke(event, "live").get("errorType") == error, event
    assert stack.items == before


def test_what_was_pasted_into_an_event_is_not_repeated(stack: Stack, key_pair: KeyPair) -> None:
    environment = stack.environment()
    token = environment.invoke({})["access_token"]
    for pasted in (token, key_pair.pem, "eyJhbGciOiJ" + "SUzI1NiJ9.eyJpc3MiOiJ4In0.EXAMPLE"):
        events = (
            {pasted: 1},
            {"action": pasted},
            {"rejected": pasted},
            {"connection": pasted},
            pasted,
            {"min_ttl": pasted},
        )
        for event in events:
            answer = environment.invoke(event)
            assert pasted[:20] not in json.dumps(answer)
            assert pasted[-20:] not in json.dumps(answer)
