"""The folder of authorities, held to OpenSSL: what it looks for is what we have written, and nothing else is there."""

import ssl
import warnings
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.name import _ASN1Type as Asn1Type
from cryptography.x509.oid import NameOID

import authority_folder
from handshake import shake_hands

with warnings.catch_warnings(action="ignore"):  # the library would refuse the serial number of one
    ROOTS = x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())
KEY, STRANGER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
SIGNS = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)
NOW = datetime.now(UTC)


def certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey = KEY, *, ca: bool) -> bytes:
    """Return a certificate, signed with the key, in PEM; an authority's, or one of localhost."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    )
    if ca:
        builder = builder.add_extension(SIGNS, critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def server(issuer: x509.Name, folder: Path, key: ec.EllipticCurvePrivateKey = KEY) -> ssl.SSLContext:
    """Return localhost, vouched for by an authority of this name."""
    own = certificate(named("localhost"), issuer, key, ca=False)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(own + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(capath=str(folder))


def named(text: str, kind: Asn1Type = Asn1Type.UTF8String) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, kind)])


def written(tmp_path: Path, *pems: bytes) -> Path:
    (tmp_path / "bundle.pem").write_bytes(b"".join(pems))
    authority_folder.write(tmp_path / "bundle.pem", tmp_path / "authorities")
    return tmp_path / "authorities"


def octets(pems: Iterable[Path]) -> list[bytes]:
    """Return the certificates of files that hold one each, in an order of their own."""
    return sorted(ssl.PEM_cert_to_DER_cert(path.read_text()) for path in pems)


def test_openssl_finds_an_authority_of_each_name_that_certifi_has(tmp_path: Path) -> None:
    alike = [certificate(root.subject, root.subject, ca=True) for root in ROOTS]
    folder = written(tmp_path, *alike)
    for root, pem in zip(ROOTS, alike, strict=True):
        der = ssl.PEM_cert_to_DER_cert(pem.decode())
        assert authority_folder.subject_hash(der) == authority_folder.subject_hash(root.public_bytes(Encoding.DER))
        shake_hands(trusting(folder), server(root.subject, tmp_path))


@pytest.mark.parametrize(
    ("subject", "issuer"),
    [
        pytest.param(named("An  Authority "), named("an authority"), id="spaces-and-capitals"),
        pytest.param(named("Autorité"), named("AUTORITé"), id="letters-that-are-not-ascii-s"),
        pytest.param(named("Authority", Asn1Type.BMPString), named("Authority"), id="two-octets-a-letter"),
        pytest.param(named("Authority", Asn1Type.UniversalString), named("Authority"), id="four-octets-a-letter"),
        pytest.param(named("Authority", Asn1Type.T61String), named("Authority"), id="latin-1"),
        pytest.param(named("12", Asn1Type.NumericString), named("12", Asn1Type.NumericString), id="no-text"),
        pytest.param(
            x509.Name([part for text in ("a", "b", "c") for part in named(text * 60)]),
            x509.Name([part for text in ("a", "b", "c") for part in named(text * 60)]),
            id="long",
        ),
    ],
)
def test_a_name_is_found_in_every_spelling_that_counts_as_equal(
    subject: x509.Name, issuer: x509.Name, tmp_path: Path
) -> None:
    shake_hands(trusting(written(tmp_path, certificate(subject, subject, ca=True))), server(issuer, tmp_path))


def test_a_set_of_attributes_is_found_though_folded_they_have_another_order(tmp_path: Path) -> None:
    parts = {NameOID.ORGANIZATION_NAME: "abc", NameOID.COMMON_NAME: "a     c"}  # DER has the shorter one first
    name = x509.Name([x509.RelativeDistinguishedName([x509.NameAttribute(*part) for part in parts.items()])])
    shake_hands(trusting(written(tmp_path, certificate(name, name, ca=True))), server(name, tmp_path))


def test_every_authority_of_the_bundle_is_there_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "authorities"
    folder.mkdir()
    (folder / "01234567.0").write_text("of a bundle before")
    authority_folder.write(Path(certifi.where()), folder)
    assert octets(folder.iterdir()) == sorted(root.public_bytes(Encoding.DER) for root in ROOTS)


def test_authorities_of_one_name_are_both_found(tmp_path: Path) -> None:
    name = named("Authority")
    folder = written(tmp_path, *(certificate(name, name, key, ca=True) for key in (KEY, STRANGER)))
    assert sorted(path.suffix for path in folder.iterdir()) == [".0", ".1"]
    for key in (KEY, STRANGER):
        shake_hands(trusting(folder), server(name, tmp_path, key))


def test_a_stranger_of_the_same_name_is_not_trusted(tmp_path: Path) -> None:
    name = named("Authority")
    folder = written(tmp_path, certificate(name, name, ca=True))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(trusting(folder), server(name, tmp_path, STRANGER))
