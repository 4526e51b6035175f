"""Every way in which people store a key or a certificate is read, or named with what to do; in every combination."""

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import example, given
from hypothesis import strategies as st

import stored_forms
from sfmint.adapters.signers.pem_text import blocks_of, pem_of_octets
from sfmint.adapters.signers.signing_key import SigningKey, load_signing_key, unpanicked
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.vocabulary import Field
from sfmint_values.secret import Secret
from stored_forms import CERTIFICATES, KEYS, MISLABELLED, NO_CERTIFICATES, NO_KEYS, PASSPHRASE, WRAPPED, Pair

PAIR = Pair.new()
CERTIFICATE = stored_forms.pem_of(PAIR.certificate)
EXPECTED = load_signing_key(Secret(PAIR.pem()), None, None).key_id


def load(text: str, passphrase: str | None = None, certificate: str | None = None) -> SigningKey:
    return load_signing_key(Secret(text), None if passphrase is None else Secret(passphrase), certificate)


def fault_of(call: Callable[[], object]) -> CredentialFault:
    with pytest.raises(CredentialFault) as caught:
        call()
    assert "AAAA" not in f"{caught.value!r} {caught.value.details}"
    return caught.value


@pytest.mark.parametrize("wrapped", WRAPPED)
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE], ids=["plain", "encrypted"])
@pytest.mark.parametrize("form", KEYS)
def test_a_wrapped_key_is_the_key_encrypted_or_not(form: str, passphrase: str, wrapped: str) -> None:
    text = WRAPPED[wrapped](KEYS[form](PAIR, passphrase))
    assert load(text, passphrase or None).key_id == EXPECTED


def wrappings(form: str) -> list[str]:
    """Return what may stand around a form: without border lines nobody can tell where a key begins among words."""
    among_words = {"other text before and after it", "a JSON object with it as a field"}
    bare = any(word in form for word in ("without border lines", "DER", "END line missing"))
    return [name for name in WRAPPED if not (bare and name in among_words)]


@pytest.mark.parametrize(("form", "wrapped"), [(form, each) for form in MISLABELLED for each in wrappings(form)])
def test_a_key_is_told_by_its_content_and_not_by_a_label(form: str, wrapped: str) -> None:
    assert load(WRAPPED[wrapped](MISLABELLED[form](PAIR)), PASSPHRASE).key_id == EXPECTED


@pytest.mark.parametrize(("form", "wrapped"), [(form, each) for form in CERTIFICATES for each in wrappings(form)])
def test_the_certificate_of_the_key_is_found(form: str, wrapped: str) -> None:
    assert load(PAIR.pem(), certificate=WRAPPED[wrapped](CERTIFICATES[form](PAIR))).valid_until is not None


@given(st.lists(st.sampled_from(sorted(WRAPPED)), min_size=2, max_size=2), st.sampled_from(["", PASSPHRASE]))
def test_two_wrappings_are_taken_off_or_the_text_is_refused_in_words(wrappings: list[str], passphrase: str) -> None:
    text = PAIR.pem(passphrase=passphrase)
    for name in wrappings:
        text = WRAPPED[name](text)
    try:
        assert load(text, passphrase or None).key_id == EXPECTED
    except CredentialFault as fault:
        assert fault.fault in {Fault.NOT_PEM, Fault.DAMAGED}  # noqa: PT017 - both ends are fine


def stored(value: str | bytes) -> str:
    """Return what a secret holds of a file: text as it is, octets as base64."""
    return value if isinstance(value, str) else base64.b64encode(value).decode()


NAMED = {
    "OpenSSH": "ssh-keygen -p -m PKCS8",
    "PuTTY (.ppk)": "puttygen FILE -O private-openssh",
    "SSH2 (RFC 4716)": "ssh-keygen -i -f FILE",
    "JSON Web Key": "jwcrypto",
    ".NET's XML": "FromXmlString",
    "PKCS#12 (.p12, .pfx)": "openssl pkcs12 -in FILE -nocerts",
    "JKS, as Salesforce's Setup exports": "keytool -importkeystore",
    "JCEKS": "keytool -importkeystore",
    "Microsoft PVK": "openssl rsa -inform PVK",
    "Microsoft key blob": "openssl rsa -inform MSBLOB",
    "PKCS#7": "private key that was made with it",
    "PGP": "sfmint keys new",
    "certificate": "-----BEGIN ...PRIVATE KEY-----",
    "certificate request": "private key that was made with it",
    "public key": "-----BEGIN ...PRIVATE KEY-----",
    "public key of OpenSSH": "-----BEGIN ...PRIVATE KEY-----",
    "elliptic curve key": "make an RSA key",
    "more than two primes": "new key",
    "gzip": "Unpack it",
    "zip": "Unpack it",
    "PDF": "sfmint keys new",
    "encrypted with DES": "-provider legacy",
    "a line missing": "the whole file",
    "nothing of the kind": "-----BEGIN ...PRIVATE KEY-----",
}


@pytest.mark.parametrize("form", NO_KEYS)
def test_what_is_no_key_is_named_with_what_to_do(form: str) -> None:
    fault = fault_of(lambda: load(stored(NO_KEYS[form](PAIR)), PASSPHRASE))
    assert NAMED[form] in fault.to_error("orders").remedy
    if fault.fault in {Fault.CONVERTIBLE, Fault.OTHER_FORM}:
        assert "not a PRIVATE KEY" in fault.to_error("orders").cause


@pytest.mark.parametrize("wrapped", ["base64 of it", "base64 twice", "a byte order mark before it", "a JSON text"])
@pytest.mark.parametrize("form", ["OpenSSH", "PuTTY (.ppk)", ".NET's XML", "JSON Web Key", "SSH2 (RFC 4716)", "PGP"])
def test_what_is_no_key_is_named_in_its_wrapping_too(form: str, wrapped: str) -> None:
    text = WRAPPED[wrapped](stored(NO_KEYS[form](PAIR)))
    assert fault_of(lambda: load(text)).fault in {Fault.CONVERTIBLE, Fault.OTHER_FORM}


@pytest.mark.parametrize(
    ("form", "remedy"),
    [
        ("PKCS#7 (.p7b)", "openssl pkcs7"),
        ("PKCS#7, binary", "openssl pkcs7"),
        ("PKCS#12 (.p12, .pfx)", "openssl pkcs12 -in FILE -nokeys"),
        ("JKS", "-nokeys"),
        ("certificate request", "openssl x509 -req"),
        ("private key", "-----BEGIN ...CERTIFICATE-----"),
        ("certificate of another key", "upload the same one"),
    ],
)
def test_what_is_no_certificate_of_the_key_is_named_with_what_to_do(form: str, remedy: str) -> None:
    fault = fault_of(lambda: load(PAIR.pem(), certificate=stored(NO_CERTIFICATES[form](PAIR))))
    assert fault.field is Field.CERTIFICATE
    assert remedy in fault.to_error("orders").remedy


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_another_encoding_is_text(encoding: str) -> None:
    assert pem_of_octets(Field.PRIVATE_KEY, PAIR.pem().encode(encoding)) == PAIR.pem()


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_file_of_der_becomes_pem(form: PrivateFormat) -> None:
    assert pem_of_octets(Field.PRIVATE_KEY, PAIR.octets(form) + b"\n") == PAIR.pem(form)
    text = pem_of_octets(Field.PRIVATE_KEY, PAIR.octets(passphrase=PASSPHRASE))
    assert load(text, PASSPHRASE).key_id == EXPECTED
    certificate = pem_of_octets(Field.CERTIFICATE, PAIR.certificate.public_bytes(Encoding.DER))
    assert load(PAIR.pem(), certificate=certificate).valid_until is not None


@pytest.mark.parametrize("around", ["{}\n", "{}\r\n", "\ufeff{}", "\ufeff{}\r\n"])
@pytest.mark.parametrize("form", KEYS)
def test_what_a_file_adds_to_a_passphrase_is_no_part_of_it(form: str, around: str) -> None:
    assert load(KEYS[form](PAIR, PASSPHRASE), around.format(PASSPHRASE)).key_id == EXPECTED
    assert load(KEYS[form](PAIR, around.format(PASSPHRASE)), around.format(PASSPHRASE)).key_id == EXPECTED


OLD = PAIR.pem(PrivateFormat.TraditionalOpenSSL, PASSPHRASE)
HEADER = next(line for line in OLD.splitlines() if line.startswith("DEK-Info"))


@pytest.mark.parametrize("cipher", ["DES-CBC", "AES-192-CBC", "RC2-CBC", "CAMELLIA-256-CBC", "AES-256-GCM", "X"])
def test_an_old_key_with_another_cipher_is_told_how_to_be_encrypted_anew(cipher: str) -> None:
    fault = fault_of(lambda: load(OLD.replace(HEADER, f"DEK-Info: {cipher},F60380E0C437A629"), PASSPHRASE))
    assert fault.fault is Fault.UNSUPPORTED_CIPHER


def test_a_pkcs8_key_with_another_cipher_is_told_the_same() -> None:
    aes = bytes.fromhex("060960864801650304012a")  # aes256-CBC, of which no other octet follows in the header
    other = aes[:-1] + b"\x2c"  # aes256-CFB
    der = PAIR.octets(passphrase=PASSPHRASE)
    assert aes in der
    text = base64.b64encode(der.replace(aes, other)).decode()
    assert fault_of(lambda: load(text, PASSPHRASE)).fault is Fault.UNSUPPORTED_CIPHER


@pytest.mark.parametrize("form", KEYS)
def test_a_wrong_passphrase_and_a_damaged_key_are_told_apart(form: str) -> None:
    text = KEYS[form](PAIR, PASSPHRASE)
    assert fault_of(lambda: load(text, "wrong")).fault is Fault.NOT_DECRYPTED
    lines = text.splitlines()
    cut = "\n".join([*lines[:8], *lines[9:]])
    other = "B" if lines[12].startswith("A") else "A"
    damaged = "\n".join([*lines[:12], other + lines[12][1:], *lines[13:]])
    if form == "PKCS#8":  # its length is known before it is decrypted
        assert fault_of(lambda: load(cut, PASSPHRASE)).fault is Fault.DAMAGED
    assert fault_of(lambda: load(damaged, PASSPHRASE)).fault is Fault.DAMAGED


@pytest.mark.parametrize(
    "header",
    [
        "AES-256-CBC,79F66EC8609A3D1B9350",
        "AES-256-CBC,79F66EC8609A3D1B",
        "AES-256-CBC,",
        "AES-256-CBC",
        "AES-256-CBC,7",
        "AES-256-CBC,zz",
        "AES-128-CBC,0011223344556677",
        "DES-EDE3-CBC,00",
    ],
)
def test_a_damaged_header_is_a_damaged_key_and_no_panic(header: str) -> None:
    text = OLD.replace(HEADER, f"DEK-Info: {header}")
    assert fault_of(lambda: load(text, PASSPHRASE)).fault in {Fault.DAMAGED, Fault.NOT_DECRYPTED}


@given(
    cipher=st.sampled_from(["AES-256-CBC", "AES-128-CBC", "DES-EDE3-CBC", "DES-CBC", "aes-256-cbc", ""]) | st.text(),
    start=st.text("0123456789ABCDEFabcdefxz", max_size=40),
    separator=st.sampled_from([",", "", ", ", ",,", "\n"]),
    body=st.binary(max_size=80).map(lambda octets: base64.b64encode(octets).decode()) | st.text(max_size=40),
    label=st.sampled_from(["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"]),
)
@example(cipher="AES-256-CBC", start="79F66EC8609A3D1B9350", separator=",", body="A" * 64, label="RSA PRIVATE KEY")
@example(cipher="AES-256-CBC", start="0" * 32, separator=",", body="A" * 63, label="RSA PRIVATE KEY")
def test_no_header_and_no_body_makes_the_library_panic(
    cipher: str, start: str, separator: str, body: str, label: str
) -> None:
    text = f"-----BEGIN {label}-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: {cipher}{separator}{start}\n\n{body}\n"
    fault_of(lambda: load(f"{text}-----END {label}-----\n", PASSPHRASE))


@given(
    where=st.integers(0, 10_000),
    octets=st.binary(min_size=1, max_size=4),
    form=st.sampled_from(["plain", "encrypted", "old"]),
)
def test_a_key_with_any_wrong_octets_is_the_key_or_refused_in_words(where: int, octets: bytes, form: str) -> None:
    der = bytearray(
        PAIR.octets(
            PrivateFormat.TraditionalOpenSSL if form == "old" else PrivateFormat.PKCS8,
            PASSPHRASE if form == "encrypted" else "",
        )
    )
    at = where % len(der)
    if form == "encrypted":  # a wrong number of rounds takes hours: the header keeps its octets
        at = max(at, 120)
    der[at : at + len(octets)] = octets
    try:
        assert load(base64.b64encode(bytes(der)).decode(), PASSPHRASE).key_id == EXPECTED
    except CredentialFault as fault:
        assert fault.to_error("orders").cause  # noqa: PT017 - both ends are fine


def test_a_panic_of_the_library_is_caught_and_an_interrupt_is_not() -> None:
    class Panic(BaseException):
        pass

    def raising(error: type[BaseException]) -> Callable[[], None]:
        def call() -> None:
            raise error

        return call

    with pytest.raises(ValueError, match="gave up"):
        unpanicked(raising(Panic))
    for error in (KeyboardInterrupt, SystemExit, GeneratorExit, TypeError):
        with pytest.raises(error):
            unpanicked(raising(error))


def integer(value: int) -> bytes:
    octets = value.to_bytes(value.bit_length() // 8 + 1)
    size = len(octets)
    length = bytes([size]) if size < 128 else b"\x81" + bytes([size]) if size < 256 else b"\x82" + size.to_bytes(2)
    return b"\x02" + length + octets


def pkcs1(**changed: int) -> str:
    """Return the key with other numbers, as base64 of PKCS#1."""
    private = PAIR.key.private_numbers()
    numbers = {"n": private.public_numbers.n, "e": private.public_numbers.e, "d": private.d, "p": private.p}
    numbers |= {"q": private.q, "dmp1": private.dmp1, "dmq1": private.dmq1, "iqmp": private.iqmp} | changed
    body = b"\x02\x01\x00" + b"".join(map(integer, numbers.values()))
    return base64.b64encode(b"\x30\x82" + len(body).to_bytes(2) + body).decode()


OTHER = Pair.new().key.private_numbers()
P, Q, D, N = (
    PAIR.key.private_numbers().p,
    PAIR.key.private_numbers().q,
    PAIR.key.private_numbers().d,
    PAIR.key.private_numbers().public_numbers.n,
)
INCONSISTENT = {
    "an exponent of one": {"e": 1, "d": 1, "dmp1": 1, "dmq1": 1},
    "another exponent": {"e": 3},
    "an even exponent": {"e": 65536},
    "no exponent": {"e": 0},
    "a huge exponent": {"e": (P - 1) * (Q - 1) + 65537},
    "an even modulus": {"n": N + 1},
    "a modulus of another key": {"n": OTHER.public_numbers.n},
    "p of another key": {"p": OTHER.p},
    "q of another key": {"q": OTHER.q},
    "both primes of another key": {"p": OTHER.p, "q": OTHER.q},
    "one for p": {"p": 1, "q": N},
    "nothing for p": {"p": 0},
    "d of another key": {"d": OTHER.d},
    "a remainder of another key": {"dmp1": OTHER.dmp1},
    "the other remainder of another key": {"dmq1": OTHER.dmq1},
    "a wrong coefficient": {"iqmp": OTHER.iqmp},
}


def test_the_numbers_of_the_key_itself_are_taken() -> None:
    assert load(pkcs1()).key_id == EXPECTED


@pytest.mark.parametrize("change", INCONSISTENT)
def test_numbers_that_do_not_belong_together_are_a_damaged_key_without_a_certificate_too(change: str) -> None:
    assert fault_of(lambda: load(pkcs1(**INCONSISTENT[change]))).fault is Fault.DAMAGED


def test_a_key_of_three_primes_is_named_in_pkcs8_too() -> None:
    three = stored_forms.NO_KEYS["more than two primes"](PAIR)
    assert isinstance(three, bytes)
    inner = b"\x04\x82" + len(three).to_bytes(2) + three
    body = bytes.fromhex("020100300d06092a864886f70d0101010500") + inner
    text = base64.b64encode(b"\x30\x82" + len(body).to_bytes(2) + body).decode()
    assert fault_of(lambda: load(text)).fault is Fault.MORE_PRIMES


@pytest.mark.parametrize("cut", range(1, 6))
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE], ids=["plain", "encrypted"])
@pytest.mark.parametrize("form", KEYS)
def test_a_key_is_read_though_its_first_and_its_last_dashes_were_not_copied(
    form: str, passphrase: str, cut: int
) -> None:
    text = KEYS[form](PAIR, passphrase).strip()
    for part in (text[cut:], text[:-cut], text[cut:-cut]):
        assert load(part, passphrase or None).key_id == EXPECTED


def test_an_entity_of_a_number_without_end_is_no_character() -> None:
    assert load(PAIR.pem().replace("\n", f"&#{'9' * 5000};&#10;")).key_id == EXPECTED


@pytest.mark.parametrize("exponent", [3, 65537])
def test_the_usual_exponents_are_taken(exponent: int) -> None:
    key = rsa.generate_private_key(public_exponent=exponent, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert load(pem).private.public_key().public_numbers().e == exponent


@given(st.text() | st.text(alphabet='-BEGIND RSAPVTKYpoc\n\\">=', max_size=80))
def test_any_text_is_a_block_or_refused_in_words(text: str) -> None:
    try:
        blocks_of(Field.PRIVATE_KEY, f"{text}AAAA")
    except CredentialFault as fault:
        assert "AAAA" not in f"{fault.details}"  # noqa: PT017 - both ends are fine
