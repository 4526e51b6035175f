"""Two apps of one user take turns: the one that logs in is left as it is, so no token has to outlast a change."""

import pytest
from cryptography import x509

from functions.rotation_stack import RotationStack
from functions.stack import CONNECTION

APPS = ("app", "consumer_key", "other_app", "other_consumer_key")
LIFETIME_S = 300  # of a token: with one app this is refused


@pytest.fixture
def other_app(rotation_stack: RotationStack) -> str:
    """The name of the second app of a connection, which holds the certificate of the key in use."""
    rotation_stack.has_admin(token_lifetime=LIFETIME_S)
    secret = rotation_stack.secret()
    app, consumer_key = rotation_stack.make_app(rotation_stack.app_certificate(), secret["username"])
    rotation_stack.stack.store(secret | {"other_app": app, "other_consumer_key": consumer_key})
    return app


def callers_are_served_anew(rotation: RotationStack) -> bool:
    """Tell whether callers get a token of a login that is made now."""
    rotation.keeper.invoke({"action": "flush", "connection": CONNECTION}, "live")
    return rotation.stack.environment(**rotation.variables).invoke({}).get("source") == "minted"


def test_the_app_in_use_is_left_alone_and_the_other_one_gets_the_new_key(
    rotation_stack: RotationStack, other_app: str
) -> None:
    before, held = rotation_stack.secret(), rotation_stack.app_certificate()
    rotation_stack.order("start")
    assert rotation_stack.app_certificate() == held
    assert callers_are_served_anew(rotation_stack)
    assert [each["phase"] for each in rotation_stack.tick()] == ["finished"]
    after = rotation_stack.secret()
    assert [after[name] for name in APPS] == [before[name] for name in (*APPS[2:], *APPS[:2])]
    assert after["private_key"] != before["private_key"]
    assert rotation_stack.app_certificate(other_app).split() == after["certificate"].split()
    assert rotation_stack.app_certificate(before["app"]) == held
    assert callers_are_served_anew(rotation_stack)


def test_the_next_rotation_goes_back_to_the_first_app(rotation_stack: RotationStack, other_app: str) -> None:
    before = rotation_stack.secret()
    for _ in range(2):
        rotation_stack.order("start")
        assert [each["phase"] for each in rotation_stack.tick()] == ["finished"]
        rotation_stack.clock.time += 3600
    after = rotation_stack.secret()
    assert [after[name] for name in APPS] == [before[name] for name in APPS]
    assert after["other_app"] == other_app
    assert rotation_stack.app_certificate().split() == after["certificate"].split()
    assert callers_are_served_anew(rotation_stack)


def key_of(certificate: str) -> object:
    return x509.load_pem_x509_certificate(certificate.encode()).public_key()


def test_a_cancelled_rotation_leaves_the_secret_and_the_app_in_use(
    rotation_stack: RotationStack, other_app: str
) -> None:
    before, held = rotation_stack.secret(), rotation_stack.app_certificate()
    rotation_stack.order("start")
    new = rotation_stack.secret("AWSPENDING")["certificate"].split()
    assert rotation_stack.app_certificate(other_app).split() == new
    rotation_stack.order("cancel")
    rotation_stack.tick(4)
    assert rotation_stack.order("status")["phase"] == "cancelled"
    assert rotation_stack.secret() == before
    assert rotation_stack.app_certificate() == held
    assert key_of(rotation_stack.app_certificate(other_app)) == key_of(held), "the new key logs in nowhere"
    assert not any("AWSPENDING" in labels for labels in rotation_stack.stages().values())
    assert callers_are_served_anew(rotation_stack)
