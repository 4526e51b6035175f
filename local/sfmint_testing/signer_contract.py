"""What every signer must give: an assertion that verifies with its public key, and a key id that names that key."""

import hashlib

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sfmint.ports import Signer, Signers
from sfmint.salesforce.assertion import claims
from sfmint.salesforce.connection import Connection
from sfmint_testing.fakes import NOON


class SignerContract:
    """Subclasses give the fixtures `signers`, `connection`, whose key these have, and `public_key`, which is that key's."""

    @pytest.fixture
    def signer(self, signers: Signers, connection: Connection) -> Signer:
        return signers.signer(connection)

    def test_it_is_signed_with_rs256_and_verifies_with_the_public_key(
        self, signer: Signer, connection: Connection, public_key: RSAPublicKey
    ) -> None:
        assertion = signer.sign(connection, now=NOON, jti="one").reveal()
        assert jwt.get_unverified_header(assertion) == {"alg": "RS256", "typ": "JWT"}
        verified = jwt.decode(
            assertion,
            public_key,
            algorithms=["RS256"],
            audience=connection.audience,
            options={"verify_exp": False},  # noon is not now
        )
        assert verified == claims(connection, now=NOON, jti="one")

    def test_it_does_not_verify_with_another_key(self, signer: Signer, connection: Connection) -> None:
        another = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        assertion = signer.sign(connection, now=NOON, jti="one").reveal()
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(assertion, another.public_key(), algorithms=["RS256"])

    def test_it_is_a_secret(self, signer: Signer, connection: Connection) -> None:
        assert repr(signer.sign(connection, now=NOON, jti="one")) == "Secret(...)"

    def test_its_key_id_is_a_digest_of_the_public_key(self, signer: Signer, public_key: RSAPublicKey) -> None:
        spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert signer.key_id == hashlib.sha256(spki).hexdigest()[:16]

    def test_the_same_secret_has_the_same_signer(
        self, signer: Signer, signers: Signers, connection: Connection
    ) -> None:
        assert signers.signer(connection) is signer
