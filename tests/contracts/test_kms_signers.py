"""Signers with keys of KMS keep the contract, as the factory gives them out: with botocore's client and with our own."""

from typing import Any

import pytest
from botocore.session import Session
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from conftest import KeyPair
from embedded_access import embedded_access
from kms_keys import a_signing_key, certificate_of, public_key_of
from moto_client import moto_client
from sfmint.adapters.aws.services import Aws
from sfmint.adapters.signers import open_signers
from sfmint.aws_access.budget import Budget
from sfmint.ports import Signers
from sfmint.salesforce.connection import Connection
from sfmint_local.environments import BareStack
from sfmint_testing.fakes import FakeClock, a_connection
from sfmint_testing.signer_contract import SignerContract
from sfmint_values.kms_key_arn import region_of
from sfmint_values.system import SystemClock
from time_for_aws import repeats_by


def signed_by(arn: str, public: RSAPublicKey, issuer: KeyPair) -> Connection:
    return a_connection(private_key=None, signing_key=arn, certificate=certificate_of(public, issuer.key))


class TestKmsSigners(SignerContract):
    @pytest.fixture(params=["RSA_2048", "RSA_3072", "RSA_4096"])
    def arn(self, kms: Any, request: pytest.FixtureRequest) -> str:
        return a_signing_key(kms, request.param)

    @pytest.fixture
    def kms(self, aws: Session) -> Any:
        return moto_client(aws, "kms")

    @pytest.fixture
    def signers(self, kms: Any, arn: str) -> Signers:
        return open_signers(lambda: kms, region_of(arn), repeats_by(FakeClock()))

    @pytest.fixture
    def public_key(self, kms: Any, arn: str) -> RSAPublicKey:
        return public_key_of(kms, arn)

    @pytest.fixture
    def connection(self, arn: str, public_key: RSAPublicKey, key_pair: KeyPair) -> Connection:
        return signed_by(arn, public_key, key_pair)


class TestKmsSignersOverOurClient(SignerContract):
    @pytest.fixture
    def arn(self, bare_stack: BareStack) -> str:
        return a_signing_key(bare_stack.aws.kms)

    @pytest.fixture
    def signers(self, bare_stack: BareStack, arn: str) -> Signers:
        clock = SystemClock()
        budget = Budget(clock)
        aws = Aws(embedded_access(bare_stack.aws.endpoint_url), None, clock, budget)
        return open_signers(aws.kms, region_of(arn), repeats_by(clock, budget))

    @pytest.fixture
    def public_key(self, bare_stack: BareStack, arn: str) -> RSAPublicKey:
        return public_key_of(bare_stack.aws.kms, arn)

    @pytest.fixture
    def connection(self, arn: str, public_key: RSAPublicKey, key_pair: KeyPair) -> Connection:
        return signed_by(arn, public_key, key_pair)
