"""The certificate that a rotation wants in the app, as a file to upload."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed
from sfmint_cli.rotation.standing import Standing

PUBLIC = 0o644


def published_certificate(name: str, standing: Standing) -> str:
    """Return the certificate that is to be uploaded, PEM.

    Args:
        name: of the connection.
        standing: of its rotation, as `status` tells it.

    Raises:
        Failed: none is, or the function cannot tell it.
    """
    if standing.certificate is None:
        raise Failed(
            f"No certificate of {name} waits to be uploaded, or the function cannot read the secret now.",
            remedy=f"See how its rotation stands: {sfmint('rotate', 'status', name)}",
            name="NoCertificate",
        )
    return standing.certificate


def write_certificate(path: Path, pem: str) -> None:
    """Write a certificate into a new file; one that has it already stays.

    Args:
        path: of the file.
        pem: the certificate.

    Raises:
        Failed: another file is there, or it cannot be written.
    """
    try:
        # O_EXCL: a file or link that came to lie there meanwhile is not written through.
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PUBLIC)
        with _removed_if_unfinished(path), os.fdopen(file, "w", encoding="utf-8") as stream:
            stream.write(pem)
    except FileExistsError:
        if not _holds(path, pem):
            raise Failed(
                f"{path} is there already, and an existing file is never overwritten.",
                remedy="Give another name, or keep what is there under another one, then run this again:"
                f" {shlex.join(['mv', str(path), f'{path}.old'])}",
                name="FileExists",
            ) from None
    except OSError as error:
        raise Failed(
            f"{path} cannot be written: {error.strerror}.", remedy="Give a file in a folder of yours."
        ) from None


@contextmanager
def _removed_if_unfinished(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def _holds(path: Path, pem: str) -> bool:
    from sfmint_cli.key_file import octets_in

    try:
        return octets_in(path) == pem.encode()
    except Failed:
        return False
