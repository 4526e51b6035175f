"""An app's certificate: what Salesforce accepts for upload, and the key that verifies assertions."""

from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_LARGEST_PEM_BYTES = 4096
_SMALLEST_KEY_BITS = 2048


@lru_cache(maxsize=64)
def verification_key(pem: str) -> RSAPublicKey:
    """Read the public key of a certificate. Its dates are not looked at: Salesforce does not enforce them either.

    Raises:
        ValueError: Salesforce would refuse the upload; the message says why and what to do.

    Source: Salesforce Help, article 000313488 (expiry); the upload form of an app (size of key and file).
    """
    if len(pem.encode()) >= _LARGEST_PEM_BYTES:
        raise ValueError("The certificate has 4 KB or more. Upload one with a short subject, without its chain.")
    try:
        key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    except ValueError:
        raise ValueError("This is no X.509 certificate in PEM form. Upload the certificate, not the key.") from None
    if not isinstance(key, RSAPublicKey):
        raise ValueError("The certificate's key is not RSA. Make an RSA key of 2048 bits or more.")  # noqa: TRY004
    if key.key_size < _SMALLEST_KEY_BITS:
        raise ValueError(f"The certificate's key has {key.key_size} bits. Make an RSA key of 2048 bits or more.")
    return key
