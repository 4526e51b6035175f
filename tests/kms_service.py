"""KMS's GetPublicKey, Sign and DescribeKey on 127.0.0.1: moto signs the Base64 of a message, and not the message.

Source: KMS API Reference of the three. A botocore client is led here by `AWS_ENDPOINT_URL_KMS`.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from werkzeug.wrappers import Request, Response

from lambda_service import ACCOUNT, REGION
from wsgi_service import serving

LARGEST_MESSAGE = 4096
RS256 = "RSASSA_PKCS1_V1_5_SHA_256"


@dataclass
class Key:
    """A key of the account; one without `private` is symmetric."""

    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None
    usage: str = "SIGN_VERIFY"
    state: str = "Enabled"

    @property
    def spec(self) -> str:
        match self.private:
            case None:
                return "SYMMETRIC_DEFAULT"
            case rsa.RSAPrivateKey():
                return f"RSA_{self.private.key_size}"
            case _:
                return "ECC_NIST_P256"

    @property
    def algorithms(self) -> dict[str, list[str]]:
        match self.private, self.usage:
            case rsa.RSAPrivateKey(), "SIGN_VERIFY":
                return {"SigningAlgorithms": [RS256, "RSASSA_PSS_SHA_256"]}
            case _, "SIGN_VERIFY":
                return {"SigningAlgorithms": ["ECDSA_SHA_256"]}
            case _:
                return {"EncryptionAlgorithms": ["RSAES_OAEP_SHA_256"]}


@dataclass
class KmsService:
    """The keys of a region.

    Attributes:
        url: for `AWS_ENDPOINT_URL_KMS`.
        keys: by ARN.
        refusals: the error code in place of an answer, by operation.
        asked: operation and key, in order.
        signed: what was signed.
        instead: what is answered to everything, if anything is.
    """

    url: str = ""
    keys: dict[str, Key] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    signed: list[bytes] = field(default_factory=list)
    instead: dict[str, Any] | None = None

    def add(self, private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None, usage: str = "SIGN_VERIFY") -> str:
        """Have another key, and return its ARN."""
        arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{UUID(int=len(self.keys) + 1)}"
        self.keys[arn] = Key(private, "ENCRYPT_DECRYPT" if private is None else usage)
        return arn

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Serve as a WSGI application."""
        request = Request(environ)
        operation = request.headers["X-Amz-Target"].removeprefix("TrentService.")
        given = json.loads(request.get_data())
        self.asked.append((operation, given["KeyId"]))
        return self._answer(operation, given)(environ, start_response)

    def _answer(self, operation: str, given: dict[str, Any]) -> Response:
        if self.instead is not None:
            return _json(self.instead)
        if code := self.refusals.get(operation) or self._refusal(operation, given):
            return _json({"__type": code, "message": "no"}, 400)
        arn = given["KeyId"]
        key = self.keys[arn]
        said = {"KeyId": arn, "KeySpec": key.spec, "KeyUsage": key.usage, **key.algorithms}
        match operation:
            case "GetPublicKey":
                assert key.private is not None
                spki = key.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
                return _json({**said, "PublicKey": base64.b64encode(spki).decode()})
            case "Sign":
                message = base64.b64decode(given["Message"])
                self.signed.append(message)
                assert isinstance(key.private, rsa.RSAPrivateKey)
                signature = key.private.sign(message, PKCS1v15(), SHA256())
                return _json({"KeyId": arn, "Signature": base64.b64encode(signature).decode()})
            case "DescribeKey":
                return _json({"KeyMetadata": {**said, "Arn": arn, "KeyState": key.state, "KeyManager": "CUSTOMER"}})
            case _:
                raise AssertionError(operation)

    def _refusal(self, operation: str, given: dict[str, Any]) -> str | None:
        key = self.keys.get(given["KeyId"])
        if key is None:
            return "NotFoundException"
        if operation == "DescribeKey":
            return None
        if key.state != "Enabled":
            return "DisabledException" if key.state == "Disabled" else "KMSInvalidStateException"
        if operation == "GetPublicKey":
            return "UnsupportedOperationException" if key.private is None else None
        if given["SigningAlgorithm"] not in key.algorithms.get("SigningAlgorithms", []):
            return "InvalidKeyUsageException"
        too_long = len(base64.b64decode(given["Message"])) > LARGEST_MESSAGE
        return "ValidationException" if too_long or given["MessageType"] != "RAW" else None


def _json(document: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/x-amz-json-1.1")


@contextmanager
def running_kms() -> Iterator[KmsService]:
    """Run the service for as long as the block lasts."""
    service = KmsService()
    with serving(service) as service.url:
        yield service
