"""What people take for a PEM key or certificate and is another thing, with the command that makes one of it."""

from dataclasses import dataclass

from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.vocabulary import Field
from sfmint_values.foreign import Foreign, ForeignBytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherForm:
    """One such thing.

    Attributes:
        found: what it is, with its article.
        key: the command that writes its private key as PEM; empty: it holds none.
        certificate: the command that writes its certificate as PEM; empty: it holds none.
        advice: what to do where it does not hold what is wanted, a clause that begins with a capital letter.
    """

    found: str
    key: str = ""
    certificate: str = ""
    advice: str = "Give the private key that was made with it"

    def fault(self, field: Field, wanted: str) -> CredentialFault:
        """Return what is the matter with a field in which it stands where something else is wanted."""
        command = self.key if field is Field.PRIVATE_KEY else self.certificate
        if command:
            return CredentialFault(Fault.CONVERTIBLE, field, found=self.found, wanted=wanted, command=command)
        return CredentialFault(Fault.OTHER_FORM, field, found=self.found, wanted=wanted, advice=self.advice)


_P12 = "openssl pkcs12 -in {} -nocerts -nodes -out KEY.pem", "openssl pkcs12 -in {} -nokeys -clcerts -out CERT.pem"
_KEYTOOL = "keytool -importkeystore -srckeystore FILE -destkeystore KEYS.p12 -deststoretype PKCS12, then "
_STORE_KEY, _STORE_CERTIFICATE = (f"{_KEYTOOL}{command.format('KEYS.p12')}" for command in _P12)
_NEW = "Make a new pair with sfmint keys new"
_CERTIFICATE = "Give the certificate that was made for the key"
_UNPACK = "Unpack it, and give the file that is inside"

_JKS = OtherForm(found="a Java key store (JKS)", key=_STORE_KEY, certificate=_STORE_CERTIFICATE)
_JCEKS = OtherForm(found="a Java key store (JCEKS)", key=_STORE_KEY, certificate=_STORE_CERTIFICATE)
_PKCS12 = OtherForm(
    found="a PKCS#12 store (.p12, .pfx)", key=_P12[0].format("FILE"), certificate=_P12[1].format("FILE")
)
_PVK = OtherForm(found="a Microsoft PVK key", key="openssl rsa -inform PVK -in FILE -out KEY.pem", advice=_CERTIFICATE)
_BLOB = OtherForm(
    found="a Microsoft key blob", key="openssl rsa -inform MSBLOB -in FILE -out KEY.pem", advice=_CERTIFICATE
)
_PUTTY = OtherForm(found="a PuTTY key (.ppk)", key="puttygen FILE -O private-openssh -o KEY.pem", advice=_CERTIFICATE)
_JWK = OtherForm(
    found="a JSON Web Key (JWK)",
    key="python -c \"from jwcrypto.jwk import JWK; print(JWK.from_json(open('FILE').read()).export_to_pem(True,"
    ' None).decode())" with the package jwcrypto',
    advice=_CERTIFICATE,
)
_XML = OtherForm(
    found="an RSA key in .NET's XML",
    key="pwsh -c '$k=[Security.Cryptography.RSA]::Create(); $k.FromXmlString((Get-Content -Raw FILE));"
    " $k.ExportPkcs8PrivateKeyPem()'",
    advice=_CERTIFICATE,
)
_SSH2 = OtherForm(
    found="an SSH2 private key",
    key="ssh-keygen -i -f FILE > COPY, then ssh-keygen -p -m PKCS8 -f COPY",
    advice=_CERTIFICATE,
)
_OPENSSH = OtherForm(
    found="an OPENSSH PRIVATE KEY",
    key="ssh-keygen -p -m PKCS8 -f COPY with a copy of it",
    advice=_CERTIFICATE,
)
_PGP = OtherForm(found="a PGP block", advice=_NEW)
_PKCS7 = OtherForm(
    found="certificates in PKCS#7 (.p7b)",
    certificate="openssl pkcs7 -in FILE -print_certs -out CERT.pem with -inform DER if it is binary",
)
_REQUEST = OtherForm(
    found="a CERTIFICATE REQUEST",
    certificate="openssl x509 -req -in FILE -signkey KEY.pem -days 365 -out CERT.pem, unless an authority has signed it",
)
_GZIP = OtherForm(found="a gzip archive", advice=_UNPACK)
_ZIP = OtherForm(found="a zip archive", advice=_UNPACK)
_PDF = OtherForm(found="a PDF", advice=_NEW)

_BY_OCTETS = (
    (b"\xfe\xed\xfe\xed", _JKS),
    (b"\xce\xce\xce\xce", _JCEKS),
    (b"\x1e\xf1\xb5\xb0", _PVK),
    (b"\x07\x02\x00\x00\x00\xa4\x00\x00", _BLOB),
    (b"\x1f\x8b", _GZIP),
    (b"PK\x03\x04", _ZIP),
    (b"%PDF", _PDF),
)
_BY_WORD = (
    ("PuTTY-User-Key-File", _PUTTY),
    ("<RSAKeyValue", _XML),
    ("<RSAParameters", _XML),
)
_BY_LABEL = (
    ("OPENSSH PRIVATE KEY", _OPENSSH),
    ("SSH2 ENCRYPTED PRIVATE KEY", _SSH2),
    ("PGP ", _PGP),
    ("PKCS7", _PKCS7),
    ("PKCS #7", _PKCS7),
    ("CMS", _PKCS7),
    ("PKCS12", _PKCS12),
    ("CERTIFICATE REQUEST", _REQUEST),
    ("NEW CERTIFICATE REQUEST", _REQUEST),
)


def form_of_octets(octets: ForeignBytes) -> OtherForm | None:
    """Return what octets are, by the first of them."""
    return next((form for begin, form in _BY_OCTETS if octets.startswith(begin)), None)


def form_of_words(text: Foreign) -> OtherForm | None:
    """Return what a text is that has no PEM block."""
    if "kty" in text and "{" in text:
        return _JWK
    return next((form for word, form in _BY_WORD if word in text), None)


def form_of_label(label: Foreign) -> OtherForm | None:
    """Return what a PEM block is, by its label."""
    return next((form for begin, form in _BY_LABEL if label.startswith(begin)), None)
