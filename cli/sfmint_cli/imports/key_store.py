"""Key stores: PKCS#12 is read here, and Java's are named with the commands that make one of them.

Source: RFC 7292 (PKCS#12); Salesforce Help, "Export and Import Certificates with a Keystore": it exports JKS.
"""

import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates, load_pkcs12

from sfmint.salesforce.vocabulary import Field
from sfmint_cli.broker_code import unpanicked
from sfmint_cli.imports.piece import Piece, subject
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed
from sfmint_values.foreign import ForeignBytes

_JAVA = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}


def java_store(octets: ForeignBytes) -> str | None:
    """Return which kind of Java's own key store octets are; None: none."""
    return _JAVA.get(octets[:4])


def conversion(source: str, path: Path, kind: str, name: str) -> Failed:
    """Return how a Java key store becomes one that can be imported, as commands to paste.

    Args:
        source: what holds the store, in words.
        path: of the file that keytool is given.
        kind: JKS or JCEKS.
        name: of the connection.
    """
    made = path.with_suffix(".p12")
    keytool = ["keytool", "-importkeystore", "-srckeystore", str(path), "-destkeystore", str(made)]
    command = shlex.join([*keytool, "-srcstoretype", kind, "-deststoretype", "PKCS12"])
    return Failed(
        f"{subject(source)} is a Java key store ({kind}), as Setup, Certificate and Key Management exports it. Java's keytool opens it;"
        " it asks for the password of the export, and for one of the new file.",
        remedy=f"Convert it, then import that with the same options: (umask 077 && {command})"
        f" && {sfmint('connection', 'import', name, str(made))}",
        name="JavaKeyStore",
    )


def pieces_of_store(octets: ForeignBytes, origin: str, passphrase: Callable[[], Piece]) -> dict[Field, Piece]:
    """Return key and certificate of a PKCS#12 store.

    Args:
        octets: of the store.
        origin: what holds it, in words.
        passphrase: asks for it, if it has one.

    Raises:
        Failed: it cannot be opened, or holds no RSA key.
    """
    store = _opened(octets, None) or _opened(octets, passphrase().said().encode(errors="surrogateescape"))
    if store is None:
        raise Failed(
            f"{subject(origin)} does not open with that passphrase, or is damaged.",
            remedy="Check the passphrase; or export the store anew.",
            name="WrongPassphrase",
        )
    if not isinstance(store.key, RSAPrivateKey):
        raise Failed(
            f"{subject(origin)} holds no RSA key.",
            remedy="Give the store that holds the key of the app's certificate.",
            name="WrongFile",
        )
    pem = store.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    found = {Field.PRIVATE_KEY: Piece.of(pem, origin)}
    if store.cert is not None:
        certificate = store.cert.certificate.public_bytes(Encoding.PEM).decode()
        found[Field.CERTIFICATE] = Piece.of(certificate, origin)
    return found


def _opened(octets: ForeignBytes, password: bytes | None) -> PKCS12KeyAndCertificates | None:
    try:
        return unpanicked(partial(load_pkcs12, octets, password))
    except (ValueError, UnsupportedAlgorithm, TypeError):
        return None
