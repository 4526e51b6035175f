"""Text in octets whose encoding nobody names: UTF-8 or UTF-16, with a byte order mark or without."""

from sfmint_values.foreign import ForeignBytes

MARK = "\ufeff"
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def text_of(octets: ForeignBytes) -> str:
    """Return the text, without a byte order mark.

    Args:
        octets: UTF-8, or UTF-16 as PowerShell's `>` writes it. Without a mark UTF-16 is known by the zeros that every
            second octet of plain letters is.

    Raises:
        ValueError: it is neither.
    """
    encoding = _UTF_16.get(octets[:2]) or _unmarked(octets[:4])
    try:
        return octets.decode(encoding).removeprefix(MARK)
    except UnicodeDecodeError:
        raise ValueError("neither UTF-8 nor UTF-16") from None  # the library's words quote the octets


def _unmarked(head: ForeignBytes) -> str:
    zeros = "".join("0" if octet == 0 else "x" for octet in head)
    return {"x0x0": "utf-16-le", "0x0x": "utf-16-be"}.get(zeros, "utf-8")
