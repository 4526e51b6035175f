"""Signers with the PEM keys of secrets keep the contract, as the factory gives them out."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from conftest import KeyPair
from sfmint.adapters.signers import open_signers
from sfmint.ports import Signers
from sfmint.salesforce.connection import Connection
from sfmint_testing.fakes import FakeClock, a_connection
from sfmint_testing.signer_contract import SignerContract
from sfmint_values.secret import Secret
from time_for_aws import no_kms, repeats_by


class TestPemSigners(SignerContract):
    @pytest.fixture
    def signers(self) -> Signers:
        return open_signers(no_kms, "eu-central-1", repeats_by(FakeClock()))

    @pytest.fixture
    def connection(self, key_pair: KeyPair) -> Connection:
        return a_connection(private_key=Secret(key_pair.pem))

    @pytest.fixture
    def public_key(self, key_pair: KeyPair) -> RSAPublicKey:
        return key_pair.key.public_key()
