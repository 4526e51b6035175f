"""Whom a function trusts when nobody has named a bundle: certifi's authorities, as the build has left them."""

import ssl
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
import trustme

import authority_folder
from handshake import shake_hands
from sfmint.adapters import http_pool


@pytest.fixture
def certifi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certifi of this test's own."""
    http_pool.tls.cache_clear()
    origin = tmp_path / "certifi" / "__init__.py"
    origin.parent.mkdir()
    monkeypatch.setattr(http_pool, "find_spec", lambda _: ModuleSpec("certifi", None, origin=str(origin)))
    return origin.parent


def of(authority: trustme.CA) -> ssl.SSLContext:
    """Return a server that an authority vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def test_as_sam_builds_it_certifis_file_is_read(certifi: Path) -> None:
    trusted, stranger = trustme.CA(), trustme.CA()
    trusted.cert_pem.write_to_path(certifi / "cacert.pem")
    shake_hands(http_pool.tls(None), of(trusted))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(http_pool.tls(None), of(stranger))


def test_as_make_builds_it_an_authority_is_looked_up_and_no_other_is_read(certifi: Path) -> None:
    trusted, other, stranger = trustme.CA(), trustme.CA(), trustme.CA()
    for authority in (trusted, other):
        authority.cert_pem.write_to_path(certifi / "cacert.pem", append=True)
    authority_folder.write(certifi / "cacert.pem", certifi / "authorities")
    context = http_pool.tls(None)
    assert context.get_ca_certs() == []
    shake_hands(context, of(trusted))
    assert len(context.get_ca_certs()) == 1
    shake_hands(context, of(other))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(context, of(stranger))
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(context, of(trusted), "elsewhere")
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_bundle_of_the_operators_is_trusted_alone(certifi: Path, tmp_path: Path) -> None:
    ours, certifis = trustme.CA(), trustme.CA()
    certifis.cert_pem.write_to_path(certifi / "cacert.pem")
    authority_folder.write(certifi / "cacert.pem", certifi / "authorities")
    ours.cert_pem.write_to_path(tmp_path / "ours.pem")
    context = http_pool.tls(str(tmp_path / "ours.pem"))
    shake_hands(context, of(ours))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(context, of(certifis))
