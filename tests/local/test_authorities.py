import ssl
from pathlib import Path

import pytest
import trustme

from sfmint_local import authorities


def authority(path: Path) -> bytes:
    made = trustme.CA().cert_pem
    made.write_to_path(path)
    return made.bytes().strip()


def test_certifis_the_machines_own_and_the_given_ones_are_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [authority(tmp_path / name) for name in authorities.VARIABLES]
    for name in authorities.VARIABLES:
        monkeypatch.setenv(name, str(tmp_path / name))
    given = authority(tmp_path / "given")

    authorities.write(tmp_path / "bundle", tmp_path / "given")

    text = (tmp_path / "bundle").read_bytes()
    assert all(certificate in text for certificate in [*own, given])
    assert len(ssl.create_default_context(cafile=tmp_path / "bundle").get_ca_certs()) > 100


def test_an_authority_that_several_know_is_written_once(tmp_path: Path) -> None:
    given = authority(tmp_path / "given")

    authorities.write(tmp_path / "bundle", tmp_path / "given", tmp_path / "given")

    assert (tmp_path / "bundle").read_bytes().count(given) == 1


def test_a_file_that_is_gone_is_no_hindrance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in authorities.VARIABLES:
        monkeypatch.setenv(name, str(tmp_path / "gone"))

    authorities.write(tmp_path / "bundle")

    assert ssl.create_default_context(cafile=tmp_path / "bundle").get_ca_certs()
