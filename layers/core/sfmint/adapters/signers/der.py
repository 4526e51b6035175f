"""What DER octets are, told by the types of their first elements and not by a label that somebody wrote above them.

Source: ITU-T X.690 (DER); RFC 8017 appendix A.1, RFC 5958 sections 2 and 3, RFC 5480, RFC 5280 section 4.1, RFC 2986,
RFC 5652 section 3, RFC 7292 section 4.
"""

from sfmint_values.foreign import ForeignBytes

INTEGER, BITS, SEQUENCE = 0x02, 0x03, 0x30
_SET = 0x31
# Types of the first elements: 02 integer, 03 bits, 04 octets, 06 object identifier, 30 sequence, a0 the first of a choice.
_BEGINNINGS = (
    (b"\x02\x30\x04", "PRIVATE KEY"),
    (b"\x02\x04", "EC PRIVATE KEY"),
    (b"\x02\x30", "PKCS12"),
    (b"\x30\x04", "ENCRYPTED PRIVATE KEY"),
    (b"\x30\x03", "PUBLIC KEY"),
    (b"\x06\xa0", "PKCS7"),
)
_MOST = 7  # elements that are looked at; an RSA key has more integers than any other
_DSA = 6
_INDEFINITE = 0x80
# Of a public RSA key: with 1 a signature would be the text itself, and no library takes a larger one.
SMALLEST_EXPONENT, LARGEST_EXPONENT = 3, 2**64

type Element = tuple[int, int, int]  # its tag, where its content begins and where it ends


def whole(der: ForeignBytes) -> bytes | None:
    """Return the first value of some octets, without what follows it, or None where a part of it is missing."""
    try:
        _, _, end = element(der, 0)
    except ValueError:
        return None
    return der[:end] if end <= len(der) else None


def label_of(der: ForeignBytes) -> str:
    """Return the PEM label of a value (`PKCS12` for what has none), or nothing where it is unknown.

    The end of the value may be missing.
    """
    try:
        return _label(der)
    except ValueError:
        return ""


def has_more_primes(der: ForeignBytes) -> bool:
    """Return whether a plain private key is an RSA key of more than two primes (RFC 8017 appendix A.1.2, version 1)."""
    try:
        inner = children(der, element(der, 0))
        tags = bytes(tag for tag, _, _ in inner)
        if tags.startswith(b"\x02\x30\x04"):  # PKCS#8, which has the key in an octet string
            der = der[inner[2][1] : inner[2][2]]
            inner = children(der, element(der, 0))
            tags = bytes(tag for tag, _, _ in inner)
    except ValueError:
        return False
    return tags.startswith(b"\x02\x02\x02") and der[inner[0][1] : inner[0][2]] == b"\x01"


def _label(der: ForeignBytes) -> str:
    outer = element(der, 0)
    if outer[0] != SEQUENCE:
        return ""
    inner = children(der, outer)
    tags = bytes(tag for tag, _, _ in inner)
    if tags.startswith(b"\x02\x02"):
        return _of_integers(inner)
    if tags.startswith(b"\x30\x30\x03"):
        return _of_signed(der, inner[0])
    return next((label for begin, label in _BEGINNINGS if tags.startswith(begin)), "")


def _of_integers(inner: list[Element]) -> str:
    """Tell a private key, which begins with its version, from a public one, which begins with the modulus."""
    _, start, end = inner[0]
    if end - start > 1:
        return "RSA PUBLIC KEY"
    return "DSA PRIVATE KEY" if len(inner) == _DSA else "RSA PRIVATE KEY"


def _of_signed(der: ForeignBytes, parent: Element) -> str:
    """Tell a certificate from a request for one, whose second element is the name, a sequence of sets."""
    inner = children(der, parent)
    if len(inner) > 1 and inner[0][0] == INTEGER:
        name = children(der, inner[1])
        if not name or name[0][0] == _SET:
            return "CERTIFICATE REQUEST"
    return "CERTIFICATE"


def children(der: ForeignBytes, parent: Element) -> list[Element]:
    """Return the first elements inside another one, seven at most.

    Raises:
        ValueError: one of them is none.
    """
    _, at, end = parent
    found: list[Element] = []
    for _ in range(_MOST):
        if at >= min(end, len(der)):
            break
        found.append(element(der, at))
        at = found[-1][2]
    return found


def element(der: ForeignBytes, at: int) -> Element:
    """Return the element at a place; one of indefinite length, as BER has them, goes on to the end.

    Its end is what it says: it may lie behind that of the octets.

    Raises:
        ValueError: there is no head of one.
    """
    head = der[at : at + 2]
    if len(head) < 2 or head[0] & 0x1F == 0x1F:  # noqa: PLR2004 - a tag and a length; a tag of several octets
        raise ValueError("no element")
    tag, length = head
    start = at + 2
    if length == _INDEFINITE:
        return tag, start, len(der)
    if length > _INDEFINITE:
        more = der[start : start + (length & 0x7F)]
        start += len(more)
        length = int.from_bytes(more[:8])
    return tag, start, start + length
