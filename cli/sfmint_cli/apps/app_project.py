"""The folder that `sfmint app metadata` writes: a project of the sf CLI, and a key pair beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sfmint.salesforce.access_token import iso8601
from sfmint_cli.apps.new_files import written
from sfmint_cli.broker_code import SystemClock, key_id_of
from sfmint_cli.key_file import certificate_in
from sfmint_cli.key_pair import KeyPairFiles
from sfmint_cli.result import Facts, Failed
from sfmint_setup.component import Component
from sfmint_setup.key_pair import KeyPair
from sfmint_setup.project import project_of
from sfmint_setup.xml_text import UnusableXml

BITS, DAYS = 2048, 365
_IGNORED = b"# A private key belongs in no repository.\n*.key\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The certificate of an app, and where it lies.

    Attributes:
        certificate: PEM.
        path: its file.
        facts: what is told of it.
        new: the pair that is still to be written, and where to; None: the certificate was given.
    """

    certificate: str = field(repr=False)
    path: Path
    facts: Facts
    new: tuple[KeyPairFiles, KeyPair] | None = None

    @property
    def key(self) -> Path | None:
        """The file of the key; None: nobody said where it is."""
        return None if self.new is None else self.new[0].key

    @property
    def is_new(self) -> bool:
        """Whether a key is written."""
        return self.new is not None


def certificate_for(name: str, folder: Path, given: Path | None) -> Pair:
    """Return a certificate that was given, or a new pair, which is not yet written.

    Args:
        name: of the connection.
        folder: where a new pair is to lie.
        given: a certificate's file.

    Raises:
        Failed: the file holds none that Salesforce takes, or a file of the new pair is there already.
    """
    if given is not None:
        pem = certificate_in(given)
        return Pair(certificate=pem, path=given, facts={"certificate": str(given), "key_id": key_id_of(pem)})
    files = KeyPairFiles.in_folder(folder, name)
    now = SystemClock().now()
    pair = KeyPair.new(name, bits=BITS, days=DAYS, now=now)
    return Pair(
        certificate=pair.certificate,
        path=files.certificate,
        facts={
            "private_key": str(files.key),
            "certificate": str(files.certificate),
            "key_id": key_id_of(pair.certificate),
            "fingerprint": pair.fingerprint,
            "valid_until": iso8601(now + DAYS * 86_400),
        },
        new=(files, pair),
    )


def project_for(components: Iterable[Component], *, with_key: bool) -> Mapping[str, bytes]:
    """Return the files of the project.

    Raises:
        Failed: a text does not fit into them.
    """
    try:
        files = project_of(components)
    except UnusableXml as error:
        raise Failed(
            f"A text for the app {error}.", remedy="Give --label, --username and --contact-email in plain letters."
        ) from None
    return {**files, ".gitignore": _IGNORED} if with_key else files


def write_project(folder: Path, files: Mapping[str, bytes], pair: Pair) -> None:
    """Write all of it, or nothing.

    Raises:
        Failed: something is there already, or cannot be written.
    """
    with written(folder, files):
        if pair.new is not None:
            paths, new = pair.new
            paths.write(new)
