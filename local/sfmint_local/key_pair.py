"""A connection's key and certificate, made as an operator makes them: with `sfmint keys new`."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfmint_setup.key_pair import KeyPair, certificate_by_signature

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInKms:
    """A key that never leaves KMS.

    Attributes:
        arn: of the key.
        certificate: PEM.
    """

    arn: str
    certificate: str


def new_key_pair(name: str) -> KeyPair:
    """Return a new key of 2048 bits and its certificate, both good for a year from now."""
    return KeyPair.new(name, bits=2048, days=_DAYS, now=time.time())


def new_key_in_kms(kms: "KMSClient", name: str) -> KeyInKms:
    """Return a new signing key of 2048 bits, and its certificate, signed by KMS and good for a year from now."""
    arn = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]

    def signature(octets: bytes) -> bytes:
        signed = kms.sign(KeyId=arn, Message=octets, MessageType="RAW", SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256")
        return signed["Signature"]

    public = kms.get_public_key(KeyId=arn)["PublicKey"]
    made = certificate_by_signature(public, signature, name, days=_DAYS, now=time.time())
    return KeyInKms(arn=arn, certificate=made.pem)
