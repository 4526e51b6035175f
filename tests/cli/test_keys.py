"""`sfmint keys`."""

import base64
import os
import shlex
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509 import load_pem_x509_certificate

from cli.command_line import CommandLine
from cli.conftest import WriteFile
from conftest import make_key_pair, pem_of
from local.conftest import certificate_of
from sfmint_cli.key_pair import KeyPairFiles
from sfmint_cli.result import Failed
from sfmint_setup.key_pair import KeyPair as MadeKeyPair

if TYPE_CHECKING:
    from conftest import KeyPair

DAY_S = 86_400
on_linux = pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs the /proc of Linux")


@pytest.fixture
def encrypted_key(sfmint: CommandLine, write_file: WriteFile, key_pair: "KeyPair") -> Path:
    sfmint.phrases.add("correct horse")
    return write_file("encrypted.key", pem_of(key_pair.key, passphrase="correct horse"))


def test_a_new_pair_passes_its_own_check(sfmint: CommandLine, tmp_path: Path) -> None:
    made = sfmint("keys", "new", "orders", "--out", tmp_path, "--json").document
    checked = sfmint("keys", "check", tmp_path / "orders.key", tmp_path / "orders.crt", "--json").document
    assert made["key_id"] == checked["key_id"]
    assert made["valid_until"] == checked["valid_until"]
    assert checked["bits"] == 2048


def test_the_private_key_is_for_its_owner_alone_and_is_never_shown(sfmint: CommandLine, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        ended = sfmint("keys", "new", "orders", "--out", tmp_path)
    finally:
        os.umask(old)
    key = tmp_path / "orders.key"
    sfmint.keys.add(key.read_text())
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert ended.code == 0
    assert "PRIVATE" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("bits", [3072, 4096])
def test_a_larger_key_has_a_certificate_that_salesforce_takes(sfmint: CommandLine, tmp_path: Path, bits: int) -> None:
    assert sfmint("keys", "new", "orders", "--out", tmp_path, "--bits", bits).code == 0
    key = load_pem_private_key((tmp_path / "orders.key").read_bytes(), None)
    certificate = (tmp_path / "orders.crt").read_bytes()
    assert key.key_size == bits  # type: ignore[union-attr]  # an RSA key has a size
    assert len(certificate) < 4096
    assert load_pem_x509_certificate(certificate).subject.rfc4514_string() == "CN=sfmint orders"


def test_the_certificate_holds_as_long_as_was_asked(sfmint: CommandLine, tmp_path: Path) -> None:
    sfmint("keys", "new", "orders", "--out", tmp_path, "--days", 30)
    certificate = load_pem_x509_certificate((tmp_path / "orders.crt").read_bytes())
    left = certificate.not_valid_after_utc.timestamp() - time.time()
    assert 29.9 * DAY_S < left <= 30 * DAY_S
    assert certificate.not_valid_before_utc.timestamp() < time.time()


def test_it_says_what_to_do_next(sfmint: CommandLine, tmp_path: Path) -> None:
    ended = sfmint("keys", "new", "orders", "--out", tmp_path)
    assert "next: upload" in ended.stderr
    assert "sfmint login" in ended.stderr


@pytest.mark.parametrize("name", ["orders.key", "orders.crt"])
def test_neither_file_is_written_over_and_no_half_of_a_pair_is_made(
    sfmint: CommandLine, write_file: WriteFile, tmp_path: Path, name: str
) -> None:
    write_file(name, "mine")
    ended = sfmint("keys", "new", "orders", "--out", tmp_path)
    assert ended.code == 1
    assert f"{tmp_path / name} is there already" in ended.cause
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_link_is_not_written_through(sfmint: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "orders.key").symlink_to(tmp_path / "elsewhere")
    assert "is there already" in sfmint("keys", "new", "orders", "--out", tmp_path).cause
    assert not (tmp_path / "elsewhere").exists()


def test_a_certificate_that_cannot_be_written_takes_the_key_with_it(tmp_path: Path) -> None:
    files = KeyPairFiles(key=tmp_path / "orders.key", certificate=tmp_path / "gone" / "orders.crt")
    with pytest.raises(Failed, match="cannot be written"):
        files.write(MadeKeyPair.new("orders", bits=2048, days=1, now=time.time()))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_came_to_lie_there_meanwhile_stays(tmp_path: Path) -> None:
    files = KeyPairFiles.in_folder(tmp_path, "orders")
    files.certificate.write_text("somebody else's")
    with pytest.raises(Failed, match="is there already"):
        files.write(MadeKeyPair.new("orders", bits=2048, days=1, now=time.time()))
    assert [path.name for path in tmp_path.iterdir()] == ["orders.crt"]
    assert files.certificate.read_text() == "somebody else's"


def test_a_folder_that_is_not_there_is_made_for_its_owner_alone(sfmint: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert sfmint("keys", "new", "orders", "--out", folder).code == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == {"orders.key", "orders.crt"}


def test_what_is_no_folder_is_named(sfmint: CommandLine, write_file: WriteFile) -> None:
    path = write_file("file", "text")
    assert sfmint("keys", "new", "orders", "--out", path).cause == f"{path} is no folder."
    assert f"{path / 'below'} cannot be made" in sfmint("keys", "new", "orders", "--out", path / "below").cause


@pytest.mark.parametrize("names", [["orders.crt"], ["orders.key"], ["orders.key", "orders.crt"]])
def test_old_files_are_named_with_a_command_that_keeps_them(
    sfmint: CommandLine, tmp_path: Path, names: list[str]
) -> None:
    folder = tmp_path / "my keys"
    folder.mkdir()
    for name in names:
        (folder / name).write_text("mine")
    ended = sfmint("keys", "new", "orders", "--out", folder)
    assert all(str(folder / name) in ended.cause for name in names)
    subprocess.run(["/bin/sh", "-c", ended.remedy.partition("then run this again: ")[2]], check=True)
    assert sfmint("keys", "new", "orders", "--out", folder).code == 0
    assert [(folder / f"{name}.old").read_text() for name in names] == ["mine"] * len(names)


@pytest.mark.parametrize(
    "folder", ["plain", "with a blank", "it's $HOME", "-dash", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"]
)
def test_what_to_run_next_can_be_pasted_whatever_the_path(sfmint: CommandLine, tmp_path: Path, folder: str) -> None:
    said = sfmint("--region", "eu-west-1", "keys", "new", "orders", "--out", tmp_path / folder).stderr
    words = shlex.split(said.partition("then: ")[2])
    assert words[:4] == ["sfmint", "--region", "eu-west-1", "login"]
    assert words[words.index("--key") + 1] == str(tmp_path / folder / "orders.key")


@on_linux
def test_a_folder_that_may_not_be_written_to_is_named(sfmint: CommandLine) -> None:
    ended = sfmint("keys", "new", "orders", "--out", "/proc")  # not even root may
    assert ended.code == 1
    assert "/proc/orders.key cannot be written" in ended.cause


@pytest.mark.parametrize("name", ["Orders", "live", "a b", "-x", "", "a" * 33, "orders/../x"])
def test_a_name_that_no_connection_can_have_is_refused(sfmint: CommandLine, tmp_path: Path, name: str) -> None:
    assert sfmint("keys", "new", "--out", tmp_path, "--", name).code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("option", "value"), [("--bits", "1024"), ("--days", "0"), ("--days", "x")])
def test_sizes_and_times_that_make_no_sense_are_refused(
    sfmint: CommandLine, tmp_path: Path, option: str, value: str
) -> None:
    assert sfmint("keys", "new", "orders", "--out", tmp_path, option, value).code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_pair_that_belongs_together_is_found_good(
    sfmint: CommandLine, key_file: Path, certificate_file: Path
) -> None:
    ended = sfmint("keys", "check", key_file, certificate_file)
    assert ended.code == 0
    assert "key id" in ended.stdout
    assert ended.stderr == ""


def test_a_certificate_of_another_key_is_found(
    sfmint: CommandLine, key_file: Path, write_file: WriteFile, other_key_pair: "KeyPair"
) -> None:
    ended = sfmint("keys", "check", key_file, write_file("other.crt", other_key_pair.certificate))
    assert (ended.code, ended.cause) == (1, f"{key_file.parent / 'other.crt'} is of another key than {key_file}.")
    assert ended.remedy.startswith("Give the certificate that was made from this key")


def test_a_certificate_given_as_the_key_is_named(sfmint: CommandLine, certificate_file: Path) -> None:
    ended = sfmint("keys", "check", certificate_file, certificate_file)
    assert ended.cause == f"{certificate_file} holds a certificate, not a private key."
    assert ended.remedy == "Give the private key here, not the certificate."


def test_a_key_given_as_the_certificate_is_named(sfmint: CommandLine, key_file: Path) -> None:
    ended = sfmint("keys", "check", key_file, key_file)
    assert ended.cause == f"{key_file} holds a private key, not a certificate."
    assert ended.remedy == "Give the certificate here, not the private key."


PUBLIC_FORMS = [(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), (Encoding.OpenSSH, PublicFormat.OpenSSH)]


@pytest.mark.parametrize("form", PUBLIC_FORMS)
def test_a_public_key_given_as_the_key_is_named(
    sfmint: CommandLine,
    write_file: WriteFile,
    key_pair: "KeyPair",
    certificate_file: Path,
    form: tuple[Encoding, PublicFormat],
) -> None:
    public = key_pair.key.public_key().public_bytes(*form).decode()
    path = write_file("public.key", public)
    ended = sfmint("keys", "check", path, certificate_file)
    assert ended.cause == f"{path} holds a public key, not a private key."
    assert ended.remedy == "Give the private key here, not the public key."


def test_a_missing_file_is_named(sfmint: CommandLine, key_file: Path, tmp_path: Path) -> None:
    ended = sfmint("keys", "check", key_file, tmp_path / "nothing.crt")
    assert (ended.code, ended.cause) == (1, f"There is no file {tmp_path / 'nothing.crt'}.")


def test_a_folder_given_as_a_file_is_named(sfmint: CommandLine, tmp_path: Path, certificate_file: Path) -> None:
    ended = sfmint("keys", "check", tmp_path, certificate_file)
    assert ended.cause == f"{tmp_path} cannot be read: Is a directory."


@on_linux
def test_a_file_that_cannot_be_read_is_named(sfmint: CommandLine, certificate_file: Path) -> None:
    ended = sfmint("keys", "check", "/proc/self/mem", certificate_file)  # not even root may read its first byte
    assert ended.cause == "/proc/self/mem cannot be read: Input/output error."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_named(sfmint: CommandLine, key_file: Path, certificate_file: Path) -> None:
    key_file.chmod(0)
    assert sfmint("keys", "check", key_file, certificate_file).cause == f"{key_file} cannot be read: Permission denied."


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_that_powershell_has_written_is_read(
    sfmint: CommandLine, key_pair: "KeyPair", tmp_path: Path, encoding: str
) -> None:
    key, certificate = tmp_path / "a.key", tmp_path / "a.crt"
    key.write_bytes(key_pair.pem.encode(encoding))
    certificate.write_bytes(key_pair.certificate.encode(encoding))
    assert sfmint("keys", "check", key, certificate).code == 0


def test_a_key_and_a_certificate_in_der_are_read(sfmint: CommandLine, key_pair: "KeyPair", tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.der", tmp_path / "certificate.der"
    key.write_bytes(key_pair.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(load_pem_x509_certificate(key_pair.certificate.encode()).public_bytes(Encoding.DER))
    assert sfmint("keys", "check", key, certificate).code == 0


OTHER_FILES = {
    "a Java key store (JKS)": (b"\xfe\xed\xfe\xed\x00\x00\x00\x02", "keytool -importkeystore -srckeystore FILE"),
    "a gzip archive": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "Unpack it"),
    "a zip archive": (b"PK\x03\x04\x14\x00\x00\x00", "Unpack it"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3", "sfmint keys new"),
}


@pytest.mark.parametrize("what", OTHER_FILES)
def test_a_file_that_is_no_key_is_named_by_its_first_octets(
    sfmint: CommandLine, tmp_path: Path, certificate_file: Path, what: str
) -> None:
    octets, remedy = OTHER_FILES[what]
    path = tmp_path / "export"
    path.write_bytes(octets)
    ended = sfmint("keys", "check", path, certificate_file)
    assert (ended.code, ended.cause) == (1, f"{path} holds {what}, not a PRIVATE KEY.")
    assert remedy in ended.remedy


def test_octets_that_are_nothing_known_are_not_pem(sfmint: CommandLine, tmp_path: Path, certificate_file: Path) -> None:
    path = tmp_path / "octets"
    path.write_bytes(b"\x80\x81\x82\x83")
    assert sfmint("keys", "check", path, certificate_file).cause == f"{path} is not PEM."


@pytest.mark.parametrize("wrap", [lambda pem: pem, lambda pem: base64.b64encode(pem.encode()).decode()])
def test_an_encrypted_key_is_known_in_its_wrapping(
    sfmint: CommandLine,
    encrypted_key: Path,
    certificate_file: Path,
    write_file: WriteFile,
    wrap: Callable[[str], str],
) -> None:
    wrapped = write_file("wrapped.key", wrap(encrypted_key.read_text()))
    passphrase = write_file("passphrase", "correct horse\n")
    ended = sfmint("keys", "check", wrapped, certificate_file, "--passphrase-file", passphrase)
    assert (ended.code, ended.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_passphrase_that_powershell_has_written_is_read(
    sfmint: CommandLine, encrypted_key: Path, certificate_file: Path, tmp_path: Path, encoding: str
) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes("correct horse\r\n".encode(encoding))
    assert sfmint("keys", "check", encrypted_key, certificate_file, "--passphrase-file", passphrase).code == 0


def test_a_passphrase_that_is_no_text_is_named(
    sfmint: CommandLine, encrypted_key: Path, certificate_file: Path, tmp_path: Path
) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(b"\xfe\xed\x80")
    ended = sfmint("keys", "check", encrypted_key, certificate_file, "--passphrase-file", passphrase)
    assert ended.cause == f"{passphrase} is not a text file."


def test_a_huge_file_is_not_read_whole(sfmint: CommandLine, write_file: WriteFile, certificate_file: Path) -> None:
    assert "larger than 64 KB" in sfmint("keys", "check", write_file("huge", "x" * 70_000), certificate_file).cause


FAULTY = {
    "no PEM": ("hello", "{key} is not PEM."),
    "an elliptic key": (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode(),
        "{key} is not an RSA key.",
    ),
    "a small key": (make_key_pair(1024).pem, "{key} has 1024 bits."),
    "a damaged key": ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "{key} is damaged."),
    "an OpenSSH key": (
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
        "{key} holds an OPENSSH PRIVATE KEY, not a PRIVATE KEY.",
    ),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_what_the_broker_would_refuse_is_said_of_the_file(
    sfmint: CommandLine, write_file: WriteFile, certificate_file: Path, fault: str
) -> None:
    text, cause = FAULTY[fault]
    sfmint.keys.add(text)
    key = write_file("faulty.key", text)
    ended = sfmint("keys", "check", key, certificate_file)
    assert (ended.code, ended.cause) == (1, cause.format(key=key))
    assert "secret" not in ended.stderr
    assert "store" not in ended.remedy.lower()


def test_a_certificate_that_has_ended_is_a_finding_beside_the_facts(
    sfmint: CommandLine, key_file: Path, key_pair: "KeyPair", write_file: WriteFile
) -> None:
    expired = write_file("old.crt", certificate_of(key_pair.key))
    ended = sfmint("keys", "check", key_file, expired)
    assert ended.code == 1
    assert ended.cause == f"{expired} has ended, on 2020-01-02T00:00:00Z."
    assert "valid until" in ended.stdout
    document = sfmint("keys", "check", key_file, expired, "--json").document
    assert document["error"]["name"] == "CertificateExpired"
    assert document["bits"] == 2048


@pytest.mark.parametrize(("starts_in_days", "days", "code"), [(1, 30, 1), (0, 29, 0)])
def test_a_certificate_that_does_not_hold_for_long_is_told(
    sfmint: CommandLine, write_file: WriteFile, starts_in_days: int, days: int, code: int
) -> None:
    pair = MadeKeyPair.new("orders", bits=2048, days=days, now=time.time() + starts_in_days * DAY_S)
    sfmint.keys.add(pair.private_key)
    paths = write_file("a.key", pair.private_key), write_file("a.crt", pair.certificate)
    ended = sfmint("keys", "check", *paths)
    assert ended.code == code
    assert ("is valid only from" if code else "warning: ") in ended.stderr


def test_a_certificate_with_a_chain_is_too_large_for_salesforce(
    sfmint: CommandLine, key_file: Path, key_pair: "KeyPair", write_file: WriteFile
) -> None:
    chain = write_file("chain.crt", key_pair.certificate * 5)
    assert "larger than the 4 KB" in sfmint("keys", "check", key_file, chain).cause


def test_an_encrypted_key_opens_with_the_passphrase_of_a_file(
    sfmint: CommandLine, encrypted_key: Path, certificate_file: Path, write_file: WriteFile
) -> None:
    passphrase = write_file("passphrase", "correct horse\n")
    assert sfmint("keys", "check", encrypted_key, certificate_file, "--passphrase-file", passphrase).code == 0


def test_a_terminal_is_asked_for_the_passphrase(
    sfmint: CommandLine, encrypted_key: Path, certificate_file: Path
) -> None:
    ended = sfmint("keys", "check", encrypted_key, certificate_file, typed="correct horse\n")
    assert ended.code == 0
    assert f"Passphrase of {encrypted_key}" in ended.stderr
    assert "Passphrase" not in ended.stdout


def test_nobody_answers_the_question_for_a_passphrase(
    sfmint: CommandLine, encrypted_key: Path, certificate_file: Path
) -> None:
    assert sfmint("keys", "check", encrypted_key, certificate_file, typed="").code == 130


def test_without_a_terminal_the_passphrase_has_to_come_from_a_file(
    sfmint: CommandLine, encrypted_key: Path, certificate_file: Path
) -> None:
    ended = sfmint("keys", "check", encrypted_key, certificate_file)
    assert (ended.code, "there is no terminal" in ended.cause) == (1, True)
    assert "--passphrase-file" in ended.remedy


def test_a_wrong_passphrase_is_told_and_not_shown(
    sfmint: CommandLine, encrypted_key: Path, certificate_file: Path, write_file: WriteFile
) -> None:
    sfmint.phrases.add("wrong horse")
    passphrase = write_file("passphrase", "wrong horse")
    ended = sfmint("keys", "check", encrypted_key, certificate_file, "--passphrase-file", passphrase)
    assert (ended.code, ended.cause) == (1, f"{encrypted_key} cannot be decrypted with the passphrase.")
    assert ended.remedy.startswith("Check the passphrase")


def test_an_empty_passphrase_is_asked_for_again_and_it_is_said_why(
    sfmint: CommandLine, encrypted_key: Path, certificate_file: Path
) -> None:
    ended = sfmint("keys", "check", encrypted_key, certificate_file, typed="\ncorrect horse\n")
    assert ended.code == 0
    assert "nothing was typed" in ended.stderr


def test_a_passphrase_that_is_not_needed_is_not_used(
    sfmint: CommandLine, key_file: Path, certificate_file: Path, write_file: WriteFile
) -> None:
    sfmint.phrases.add("correct horse")
    passphrase = write_file("passphrase", "correct horse")
    ended = sfmint("keys", "check", key_file, certificate_file, "--passphrase-file", passphrase)
    assert ended.code == 0
    assert "is not encrypted" in ended.stderr
