"""A connection whose key never leaves KMS is rotated: two keys take turns, and whoever logs in has to be let use the new one."""

from typing import Any

import pytest

from conftest import KeyPair
from functions.aws_mishaps import AwsCall, Mishap, mishaps
from functions.rotation_stack import RotationStack
from functions.stack import CONNECTION
from kms_keys import a_signing_key, certificate_of, public_key_of


@pytest.fixture
def other_key(rotation_stack: RotationStack, key_pair: KeyPair) -> str:
    """The ARN of the other key of a connection whose keys are in KMS."""
    kms = rotation_stack.stack.cloud.kms
    arn, other = a_signing_key(kms), a_signing_key(kms)
    certificate = certificate_of(public_key_of(kms, arn), key_pair.key)
    signers: dict[str, Any] = {"signer": {"kms": arn}, "other_signer": {"kms": other}}
    rotation_stack.has_admin(certificate=certificate, private_key=None, **signers)
    return other


def test_two_keys_take_turns(rotation_stack: RotationStack, other_key: str) -> None:
    before = rotation_stack.secret()
    rotation_stack.order("start")
    assert [each["phase"] for each in rotation_stack.tick()] == ["finished"]
    after = rotation_stack.secret()
    assert (after["signer"], after["other_signer"]) == (before["other_signer"], before["signer"])
    assert rotation_stack.app_certificate().split() == after["certificate"].split()
    rotation_stack.keeper.invoke({"action": "flush", "connection": CONNECTION}, "live")
    assert rotation_stack.stack.environment(**rotation_stack.variables).invoke({})["source"] == "minted"


@pytest.mark.parametrize("code", ["AccessDeniedException", "DisabledException", "KMSInvalidStateException"])
def test_a_key_that_the_keeper_may_not_use_never_reaches_the_org(
    rotation_stack: RotationStack, other_key: str, code: str
) -> None:
    before, held = rotation_stack.secret(), rotation_stack.app_certificate()

    def denied(call: AwsCall) -> Mishap | None:
        is_denied = call.operation == "Sign" and not call.is_rotations and call.given["KeyId"] == other_key
        return Mishap(code) if is_denied else None

    with mishaps(rotation_stack.stack.cloud, denied):
        rotation_stack.order("start")
        rotation_stack.tick(2)
        standing = rotation_stack.order("status")
        assert standing["phase"] == "cancelled"
        assert "cannot be used" in standing["words"]
        assert rotation_stack.app_certificate() == held
        assert rotation_stack.secret() == before
        assert rotation_stack.published() is None
        assert not any("AWSPENDING" in labels for labels in rotation_stack.stages().values())
        assert "access_token" in rotation_stack.broker.invoke({})
