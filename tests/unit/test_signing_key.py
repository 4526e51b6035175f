import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import asdict

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import KeyPair, make_key_pair, pem_of
from sfmint.adapters.signers import pem_text
from sfmint.adapters.signers.signing_key import SigningKey, load_signing_key
from sfmint.errors import InvalidCredentials
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint_values.secret import Secret

WORD = "Canary horse"


def load(pem: str, passphrase: str | None = None, certificate: str | None = None) -> SigningKey:
    return load_signing_key(Secret(pem), None if passphrase is None else Secret(passphrase), certificate)


def refusal(pem: str, passphrase: str | None = None, certificate: str | None = None) -> InvalidCredentials:
    """Return what callers are told of a key that cannot be used."""
    with pytest.raises(CredentialFault) as caught:
        load(pem, passphrase, certificate)
    error = caught.value.to_error("orders")
    assert error.cause.startswith(f"In the secret of connection 'orders', {caught.value.field} ")
    assert error.remedy
    assert "Canary" not in f"{error} {caught.value!r} {caught.value.details}"
    return error


def label(kind: str) -> str:
    return f"-----BEGIN {kind}-----"


FORMS: dict[str, tuple[PrivateFormat, str | None]] = {
    "PKCS#8": (PrivateFormat.PKCS8, None),
    "PKCS#1": (PrivateFormat.TraditionalOpenSSL, None),
    "encrypted PKCS#8": (PrivateFormat.PKCS8, WORD),
    "encrypted PKCS#1": (PrivateFormat.TraditionalOpenSSL, WORD),
}
PASTED: dict[str, Callable[[str], str]] = {
    "as it was made": lambda pem: pem,
    "without the last line break": str.strip,
    "line breaks as backslash-n": lambda pem: pem.replace("\n", "\\n"),
    "line breaks as backslash-r-backslash-n": lambda pem: pem.replace("\n", "\\r\\n"),
    "line breaks as spaces": lambda pem: pem.replace("\n", " "),
    "carriage returns": lambda pem: pem.replace("\n", "\r\n"),
    "indented": lambda pem: pem.replace("\n", "\n    "),
    "base64 of the whole": lambda pem: base64.b64encode(pem.encode()).decode(),
    "base64 of the whole in lines": lambda pem: base64.encodebytes(pem.encode()).decode(),
    "after words": lambda pem: f"Bag Attributes\n    friendlyName: key\nKey Attributes: <none>\n{pem}",
}


@pytest.mark.parametrize("pasted", PASTED)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_that_people_paste_is_the_same_key(key_pair: KeyPair, form: str, pasted: str) -> None:
    kind, passphrase = FORMS[form]
    key = load(PASTED[pasted](pem_of(key_pair.key, kind, passphrase)), passphrase)
    spki = key_pair.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert key.key_id == hashlib.sha256(spki).hexdigest()[:16]


def test_the_forms_are_what_their_names_say(key_pair: KeyPair) -> None:
    texts = [pem_of(key_pair.key, *form) for form in FORMS.values()]
    kinds = ["PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY"]
    assert [text.startswith(label(kind)) for text, kind in zip(texts, kinds, strict=True)] == [True] * 4
    assert ["Proc-Type: 4,ENCRYPTED" in text for text in texts] == [False, False, False, True]


@pytest.mark.parametrize("pasted", PASTED)
def test_the_certificate_may_be_pasted_in_every_form_too(key_pair: KeyPair, pasted: str) -> None:
    key = load(key_pair.pem, certificate=PASTED[pasted](key_pair.certificate))
    assert key.valid_from is not None
    assert key.valid_until is not None
    assert (key.valid_until - key.valid_from).days == 3650


def test_without_a_certificate_its_dates_are_unknown(key_pair: KeyPair) -> None:
    key = load(key_pair.pem)
    assert (key.valid_from, key.valid_until) == (None, None)


def test_the_key_is_found_among_several_blocks(key_pair: KeyPair) -> None:
    text = key_pair.certificate + key_pair.pem
    assert load(text, certificate=text).key_id == load(key_pair.pem).key_id


def test_a_passphrase_beside_a_plain_key_is_ignored(key_pair: KeyPair) -> None:
    assert load(key_pair.pem, WORD).key_id == load(key_pair.pem).key_id


@pytest.mark.parametrize(
    "text",
    [
        "Canary",
        "Canary é",
        "",
        f"{label('PRIVATE KEY')}Canary",
        f"{label('PRIVATE KEY')}-----END PRIVATE KEY-----",
        base64.b64encode(b"Canary").decode(),
        base64.b64encode(b"\xff\xfe").decode(),
    ],
    ids=["text", "accent", "empty", "cut off", "no body", "base64 of text", "base64 of bytes"],
)
def test_what_is_not_pem_is_refused(text: str) -> None:
    assert "private_key is not PEM" in str(refusal(text))


def test_a_certificate_in_the_keys_place_is_named(key_pair: KeyPair) -> None:
    assert "holds a CERTIFICATE, not a PRIVATE KEY" in str(refusal(key_pair.certificate))


def test_a_key_in_the_certificates_place_is_named(key_pair: KeyPair) -> None:
    error = refusal(key_pair.pem, certificate=pem_of(key_pair.key, PrivateFormat.TraditionalOpenSSL))
    assert "certificate holds an RSA PRIVATE KEY, not a CERTIFICATE" in str(error)


def test_a_public_key_is_named(key_pair: KeyPair) -> None:
    pem = key_pair.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert "holds a PUBLIC KEY, not a PRIVATE KEY" in str(refusal(pem))


def test_an_openssh_key_is_told_how_to_be_converted(key_pair: KeyPair) -> None:
    error = refusal(pem_of(key_pair.key, PrivateFormat.OpenSSH))
    assert "holds an OPENSSH PRIVATE KEY" in error.cause
    assert "ssh-keygen -p -m PKCS8" in error.remedy


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_of_another_algorithm_is_refused(form: PrivateFormat) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    error = refusal(key.private_bytes(Encoding.PEM, form, NoEncryption()).decode())
    assert "is not an RSA key" in error.cause
    assert "RS256" in error.remedy


def test_a_short_key_is_refused_with_its_size() -> None:
    error = refusal(make_key_pair(bits=1024).pem)
    assert "has 1024 bits" in error.cause
    assert "2048" in error.remedy


@pytest.mark.parametrize("form", ["encrypted PKCS#8", "encrypted PKCS#1"])
def test_an_encrypted_key_without_a_passphrase_asks_for_it(key_pair: KeyPair, form: str) -> None:
    error = refusal(pem_of(key_pair.key, *FORMS[form]))
    assert "is encrypted, and private_key_passphrase is missing" in error.cause


@pytest.mark.parametrize("wrong", ["Canary cow", "Canary \ud800", "Canary" * 400])
@pytest.mark.parametrize("form", ["encrypted PKCS#8", "encrypted PKCS#1"])
def test_a_wrong_passphrase_is_said_and_not_shown(key_pair: KeyPair, form: str, wrong: str) -> None:
    error = refusal(pem_of(key_pair.key, *FORMS[form]), wrong)
    assert "cannot be decrypted with private_key_passphrase" in error.cause


def test_the_certificate_of_another_key_is_refused(key_pair: KeyPair, other_key_pair: KeyPair) -> None:
    error = refusal(key_pair.pem, certificate=other_key_pair.certificate)
    assert "certificate is of another key than private_key" in error.cause
    assert "upload" in error.remedy


def test_a_certificate_that_is_not_pem_is_refused(key_pair: KeyPair) -> None:
    assert "certificate is not PEM" in str(refusal(key_pair.pem, certificate="Canary"))


@pytest.mark.parametrize("line", [1, 5, 12, 20])
def test_a_damaged_key_is_refused_before_it_costs_a_login(key_pair: KeyPair, line: int) -> None:
    lines = key_pair.pem.splitlines()
    del lines[line]
    assert "private_key is damaged" in str(refusal("\n".join(lines)))


def test_a_key_whose_numbers_do_not_belong_together_is_damaged(key_pair: KeyPair) -> None:
    der = bytearray(key_pair.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    der[100] ^= 1  # inside the modulus: the file still parses
    body = base64.b64encode(bytes(der)).decode()
    assert "private_key is damaged" in str(refusal(f"{label('PRIVATE KEY')}\n{body}\n-----END PRIVATE KEY-----"))


@given(where=st.integers(0, 10_000), byte=st.integers(0, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.filterwarnings("ignore")  # the library warns of odd certificates
def test_a_certificate_with_any_wrong_byte_is_taken_or_refused_in_words(
    key_pair: KeyPair, where: int, byte: int
) -> None:
    der = bytearray(base64.b64decode("".join(key_pair.certificate.splitlines()[1:-1])))
    der[where % len(der)] = byte
    body = base64.b64encode(bytes(der)).decode()
    try:
        load(key_pair.pem, certificate=f"{label('CERTIFICATE')}\n{body}\n-----END CERTIFICATE-----")
    except CredentialFault as fault:
        assert "certificate is " in fault.to_error("orders").cause  # noqa: PT017 - both ends are fine


@given(
    body=st.text().map(lambda text: f"Canary{text}"),
    kind=st.sampled_from(["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "CERTIFICATE"]),
    passphrase=st.none() | st.text().map(lambda text: f"Canary{text}"),
)
def test_any_text_as_a_key_is_refused_and_never_quoted(body: str, kind: str, passphrase: str | None) -> None:
    refusal(body, passphrase)
    refusal(f"{label(kind)}{body}-----END {kind}-----", passphrase)


def test_the_private_key_shows_in_no_repr(key_pair: KeyPair) -> None:
    key = load(key_pair.pem)
    assert "private" not in repr(key)
    assert str(key_pair.key.private_numbers().d) not in str(asdict(key))


OLD = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.+?)-----END \1-----", re.DOTALL)  # right, in the square of the length
MARKS = [
    "-----BEGIN A-----",
    "-----END A-----",
    "-----BEGIN B-----",
    "-----END B-----",
    "-----",
    "x",
    "\n",
    "A",
    "BEGIN ",
]


@given(st.lists(st.sampled_from(MARKS), max_size=30))
def test_blocks_are_read_as_one_expression_would_read_them(marks: list[str]) -> None:
    text = "".join(marks)
    assert pem_text._blocks(text) == OLD.findall(text)
