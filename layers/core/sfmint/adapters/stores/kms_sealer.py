"""Sealed copies: the whole token answer, encrypted by KMS and bound to the place where it stands.

A copy moved to another row, another store or another fence does not open. KMS encrypts up to 4,096 bytes itself; a
larger answer (a token that is itself a JWT) is encrypted with AES-GCM under a data key, with the same context.

Source: AWS KMS Developer Guide, "Encryption context"; NIST SP 800-38D.
"""

import json
import os
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sfmint.adapters.aws.errors import Asked, unavailable, unreadable
from sfmint.adapters.aws.repeats import Repeats
from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint_values.aws_codes import code_of
from sfmint_values.secret import is_fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfmint.adapters.aws.calls import Answer, Decrypt, Encrypt, GenerateDataKey, KmsCalls

PURPOSE = "sfmint/access-token"
LARGEST_DIRECT = 4096  # bytes that KMS Encrypt takes
LARGEST_BLOB = 6144  # bytes that KMS Decrypt takes; what is longer it did not make
_DIRECT, _ENVELOPE = b"\x01", b"\x02"
_NONCE_BYTES = 12
_LENGTH_BYTES = 2
_KEY_BYTES = 32


class KmsSealer:
    """Seals and opens token answers.

    Args:
        client: of KMS.
        key_arn: the stack's key.
        place: where the copies stand: the table, or the path of the parameters.
        repeats: asks KMS again; to encrypt twice harms nobody.
        largest: bytes of a sealed copy that fit there; None: any size does.
    """

    def __init__(
        self, client: "KmsCalls", key_arn: str, place: str, repeats: Repeats, largest: int | None = None
    ) -> None:
        self._client = client
        self._key_arn = key_arn
        self._place = place
        self._repeats = repeats
        self._largest = largest

    def seal(self, token: AccessToken, fence: int) -> bytes:
        """Return the sealed copy."""
        sealed = self._seal(token.to_bytes(), self._context(token.connection, fence, token.fingerprint))
        if self._largest is not None and len(sealed) > self._largest:
            raise LoginFailed(REASONS["too_large"])
        return sealed

    def unseal(self, connection: str, row: CacheRow) -> AccessToken | None:
        """Return the row's token, or None where the copy does not open or does not agree with the row."""
        if not row.sealed or row.token_fence is None or row.fingerprint is None or not is_fingerprint(row.fingerprint):
            return None
        context = self._context(connection, row.token_fence, row.fingerprint)
        try:
            token = AccessToken.from_bytes(self._decrypt(row.sealed, context))
        except (BotoCoreError, ClientError) as error:
            if code_of(error) in {"InvalidCiphertextException", "IncorrectKeyException"}:
                return None
            raise unavailable(_asked("to decrypt", "kms:Decrypt"), error) from None
        except ValueError:
            return None
        agrees = (token.connection, token.fingerprint, token.hard_expiry) == (
            connection,
            row.fingerprint,
            row.hard_expiry,
        )
        return token if agrees else None

    def _seal(self, plain: bytes, context: dict[str, str]) -> bytes:
        if len(plain) <= LARGEST_DIRECT:
            direct: Encrypt = {"KeyId": self._key_arn, "Plaintext": plain, "EncryptionContext": context}
            answer = self._encrypting("kms:Encrypt", lambda: self._client.encrypt(**direct))
            return _DIRECT + _blob(answer, "CiphertextBlob")
        request: GenerateDataKey = {"KeyId": self._key_arn, "KeySpec": "AES_256", "EncryptionContext": context}
        key = self._encrypting("kms:GenerateDataKey", lambda: self._client.generate_data_key(**request))
        return _ENVELOPE + _encrypt(*_data_key(key), plain, context)

    def _encrypting(self, permission: str, call: "Callable[[], Answer]") -> "Answer":
        try:
            return self._repeats.ask(call)
        except (BotoCoreError, ClientError) as error:
            raise unavailable(_asked("to encrypt", permission), error) from None

    def _context(self, connection: str, fence: int, fingerprint: str) -> dict[str, str]:
        return {
            "purpose": PURPOSE,
            "place": self._place,
            "connection": connection,
            "fence": str(fence),
            "fingerprint": fingerprint,
        }

    def _decrypt(self, sealed: bytes, context: dict[str, str]) -> bytes:
        kind, blob = sealed[:1], sealed[1:]
        if kind == _DIRECT:
            return self._open(blob, context)
        if kind != _ENVELOPE:
            raise ValueError("an unknown kind of sealed copy")
        length = int.from_bytes(blob[:_LENGTH_BYTES])
        wrapped, rest = blob[_LENGTH_BYTES : _LENGTH_BYTES + length], blob[_LENGTH_BYTES + length :]
        return _decrypt(self._open(wrapped, context), rest, context)

    def _open(self, blob: bytes, context: dict[str, str]) -> bytes:
        if not 0 < len(blob) <= LARGEST_BLOB:
            raise ValueError("nothing that KMS has encrypted")
        request: Decrypt = {"KeyId": self._key_arn, "CiphertextBlob": blob, "EncryptionContext": context}
        return _blob(self._repeats.ask(lambda: self._client.decrypt(**request)), "Plaintext")


def _asked(action: str, permission: str) -> Asked:
    return Asked(service="KMS", action=action, permission=permission, thing="the stack's KMS key")


def _blob(answer: "Answer", name: str) -> bytes:
    blob = answer.get(name)
    if isinstance(blob, bytes):
        return blob
    raise unreadable("KMS")


def _data_key(answer: "Answer") -> tuple[bytes, bytes]:
    """Return the key, and the key as KMS has encrypted it."""
    key, wrapped = _blob(answer, "Plaintext"), _blob(answer, "CiphertextBlob")
    if len(key) == _KEY_BYTES and len(wrapped) < 256**_LENGTH_BYTES:
        return key, wrapped
    raise unreadable("KMS")


def _encrypt(key: bytes, wrapped: bytes, plain: bytes, context: dict[str, str]) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)  # each data key encrypts once, so 96 random bits cannot collide
    sealed = AESGCM(key).encrypt(nonce, plain, _associated(context))
    return len(wrapped).to_bytes(_LENGTH_BYTES) + wrapped + nonce + sealed


def _decrypt(key: bytes, data: bytes, context: dict[str, str]) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _associated(context))
    except InvalidTag:
        raise ValueError("the sealed copy was changed") from None


def _associated(context: dict[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True).encode()
