"""Keys of KMS that cannot sign for Salesforce, and what is said of each: name, cause and remedy."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from kms_service import KmsService

if TYPE_CHECKING:
    from conftest import KeyPair


def symmetric(kms: KmsService, _: "KeyPair") -> str:
    return kms.add(None)


def elliptic(kms: KmsService, _: "KeyPair") -> str:
    return kms.add(ec.generate_private_key(ec.SECP256R1()))


def encrypting(kms: KmsService, key_pair: "KeyPair") -> str:
    return kms.add(key_pair.key, "ENCRYPT_DECRYPT")


def in_state(state: str) -> Callable[[KmsService, "KeyPair"], str]:
    def add(kms: KmsService, key_pair: "KeyPair") -> str:
        arn = kms.add(key_pair.key)
        kms.keys[arn].state = state
        return arn

    return add


def missing(kms: KmsService, key_pair: "KeyPair") -> str:
    arn = kms.add(key_pair.key)
    del kms.keys[arn]
    return arn


WRONG = {
    "symmetric": (symmetric, "KeyOfAnotherKind", "does not sign", "aws kms create-key --key-spec RSA_2048"),
    "elliptic": (elliptic, "KeyOfAnotherKind", "is ECC_NIST_P256, SIGN_VERIFY", "aws kms create-key"),
    "encrypting": (encrypting, "KeyOfAnotherKind", "is RSA_2048, ENCRYPT_DECRYPT", "aws kms create-key"),
    "disabled": (in_state("Disabled"), "KeyOutOfUse", "cannot be used for now", "aws kms describe-key --key-id"),
    "to be deleted": (in_state("PendingDeletion"), "KeyOutOfUse", "cannot be used for now", "aws kms describe-key"),
    "missing": (missing, "KeyNotFound", "There is no KMS key", "aws kms list-keys"),
}
