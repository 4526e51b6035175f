"""Keys and certificates in text: every block that it holds, told by content, in whatever the text is wrapped.

Source: RFC 7468 (PEM); RFC 1421 section 4.6 (headers of an encrypted block).
"""

import base64
import re
from dataclasses import dataclass, field

from sfmint.adapters.signers.der import label_of, whole
from sfmint.adapters.signers.other_forms import form_of_label, form_of_octets, form_of_words
from sfmint.adapters.signers.wrapping import DASHES, SIGNS, layers, octets_of
from sfmint.salesforce.credential_fault import CredentialFault, Fault
from sfmint.salesforce.vocabulary import Field
from sfmint_values.foreign import Foreign, ForeignBytes
from sfmint_values.text_bytes import text_of

_BORDER = re.compile(f"{DASHES}(BEGIN|END) ([A-Z0-9 ]++)(?={DASHES})")  # the dashes after one may begin the next
_GAP = rf"[\s{re.escape(SIGNS)}]*+"
_HEADERS = re.compile(
    f"{_GAP}Proc-Type{_GAP}4{_GAP}ENCRYPTED{_GAP}DEK-Info{_GAP}([A-Z0-9-]{{1,40}}){_GAP}([0-9A-Z]*+){_GAP}",
    re.IGNORECASE,
)
_QUOTED = str.maketrans("", "", ">|")  # what mail puts before a line
# What an old encrypted key may be encrypted with, and the length of its start value: `cryptography` knows these.
LEGACY_CIPHERS = {"AES-128-CBC": 16, "AES-256-CBC": 16, "DES-EDE3-CBC": 8}
_SSH_PUBLIC = ("ssh-rsa ", "ssh-ed25519 ", "ssh-dss ", "ecdsa-sha2-")
# Of a text that somebody wrote only these are told: another label may be anything.
_KNOWN = frozenset(
    (
        *("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"),
        *(
            "PUBLIC KEY",
            "RSA PUBLIC KEY",
            "SSH2 PUBLIC KEY",
            "EC PARAMETERS",
            "DH PARAMETERS",
            "CERTIFICATE",
            "X509 CRL",
        ),
    )
)
_WANTED = {Field.PRIVATE_KEY: "PRIVATE KEY", Field.CERTIFICATE: "CERTIFICATE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block as it stands in a text.

    Attributes:
        label: what it is, as a PEM label.
        octets: DER, or what it is encrypted to; empty where it is no base64.
        is_whole: whether nothing of it is missing.
        cipher: of a block with headers of RFC 1421: the cipher's name and its start value, both as they were written.
    """

    label: str
    octets: bytes = field(repr=False)
    is_whole: bool
    cipher: tuple[str, str] | None = None

    @property
    def is_encrypted(self) -> bool:
        """Whether a passphrase is needed to read it."""
        return self.cipher is not None or self.label == "ENCRYPTED PRIVATE KEY"

    def to_pem(self) -> str:
        """Return it as PEM."""
        headers = f"Proc-Type: 4,ENCRYPTED\nDEK-Info: {','.join(self.cipher)}\n\n" if self.cipher else ""
        content = base64.b64encode(self.octets).decode()
        lines = "\n".join(content[at : at + 64] for at in range(0, len(content), 64))
        return f"{DASHES}BEGIN {self.label}{DASHES}\n{headers}{lines}\n{DASHES}END {self.label}{DASHES}\n"


def blocks_of(place: Field, text: Foreign) -> list[Block]:
    """Return the blocks of the kind that a field has to hold, in their order; there is one at least.

    Args:
        place: `private_key` or `certificate`.
        text: what stands there.

    Raises:
        CredentialFault: there is none; it says what is there instead.
    """
    wanted = _WANTED[place]
    for layer in layers(text):
        found = _of_octets(place, layer) if isinstance(layer, bytes) else _of_text(place, layer)
        if fitting := [block for block in found if _is(block.label, wanted)]:
            return fitting
        if found:
            raise _other_kind(place, found[0].label)
    raise CredentialFault(Fault.NOT_PEM, place, label=wanted)


def pem_of_octets(place: Field, octets: ForeignBytes) -> str:
    """Return the text of a file that was made for a field: text in UTF-8 or UTF-16, or PEM made of DER.

    Raises:
        CredentialFault: it is neither; it says what it is.
    """
    if found := _of_octets(place, octets):
        return "".join(block.to_pem() for block in found)
    try:
        return text_of(octets)
    except ValueError:
        raise CredentialFault(Fault.NOT_PEM, place, label=_WANTED[place]) from None


def _is(label: str, wanted: str) -> bool:
    return label.endswith(wanted) and form_of_label(label) is None


def _other_kind(place: Field, label: str) -> CredentialFault:
    wanted = _WANTED[place]
    if form := form_of_label(label):
        return form.fault(place, _article(wanted))
    found = _article(label) if label in _KNOWN else "another kind of PEM block"
    return CredentialFault(Fault.ANOTHER_KIND, place, found=found, wanted=_article(wanted), label=wanted)


def _of_octets(place: Field, octets: ForeignBytes) -> list[Block]:
    if form := form_of_octets(octets):
        raise form.fault(place, _article(_WANTED[place]))
    label, value = label_of(octets), whole(octets)
    return [Block(label=label, octets=value, is_whole=True)] if label and value else []


def _of_text(place: Field, text: Foreign) -> list[Block]:
    blocks = [_block(label, body) for label, body in _blocks(text)] or _unfinished(text)
    if blocks:
        return blocks
    if text.lstrip().startswith(_SSH_PUBLIC):
        raise _other_kind(place, "PUBLIC KEY")
    if form := form_of_words(text):
        raise form.fault(place, _article(_WANTED[place]))
    return []


def _unfinished(text: Foreign) -> list[Block]:
    """Return a block whose END line is missing or names another kind, if all of its content is there."""
    begins = next((border for border in _BORDER.finditer(text) if border[1] == "BEGIN"), None)
    if begins is None:
        return []
    body = text[begins.end() + len(DASHES) :].partition(DASHES)[0]
    block = _block(begins[2], body)
    return [block] if block.is_whole and block.cipher is None else []


def _block(label: str, body: Foreign) -> Block:
    body = body.translate(_QUOTED)
    if headers := _HEADERS.match(body):
        name, value = headers[1].upper(), headers[2].upper()
        length = 2 * LEGACY_CIPHERS.get(name, len(value))  # where line breaks are lost, the content follows at once
        content = f"{headers[2][length:]}{body[headers.end(2) :]}"
        octets = octets_of(content) or b""
        return Block(label=label, octets=octets, is_whole=bool(octets), cipher=(name, value[:length]))
    octets = octets_of(body) or b""
    value = whole(octets)
    return Block(label=label_of(octets) or label, octets=value or octets, is_whole=value is not None)


def _blocks(text: Foreign) -> list[tuple[str, str]]:
    """Return kind and body of each PEM block, from a BEGIN to the next END of its kind; blocks inside are not told."""
    borders = list(_BORDER.finditer(text))
    ends: dict[str, list[re.Match[str]]] = {}  # the first one last, so that each is looked at once
    for border in reversed(borders):
        if border[1] == "END":
            ends.setdefault(border[2], []).append(border)
    found: list[tuple[str, str]] = []
    at = 0
    for border in borders:
        if border[1] == "END" or border.start() < at:
            continue
        later = ends.get(border[2], [])
        body = border.end() + len(DASHES)
        while later and later[-1].start() <= body:
            later.pop()
        if later:
            found.append((border[2], text[body : later[-1].start()]))
            at = later[-1].end() + len(DASHES)
    return found


def _article(label: str) -> str:
    return f"{'an' if label[0] in 'AEIORSX' else 'a'} {label}"
