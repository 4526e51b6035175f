"""Where credentials are imported from: a file, the environment, a login of the sf CLI, or another secret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.secret_fields import kms_key
from sfmint.salesforce.secret_text import fields_of
from sfmint.salesforce.vocabulary import Field
from sfmint_cli.broker_code import is_encrypted, label_of, pem_of_octets
from sfmint_cli.file_content import expanded
from sfmint_cli.imports import dotenv, key_store, sf_login
from sfmint_cli.imports.key_text import is_key, warn_if_open
from sfmint_cli.imports.named import other_login_in, pieces_of
from sfmint_cli.imports.piece import Found, Piece, subject
from sfmint_cli.key_file import octets_in
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed
from sfmint_cli.tainted_keys import is_object
from sfmint_cli.vocabulary import failure_in, of_origins
from sfmint_values.foreign import Foreign, ForeignBytes
from sfmint_values.secret import Secret
from sfmint_values.text_bytes import text_of

_CERTIFICATE = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Reads what there is.

    Attributes:
        name: the connection's.
        given: the fields that the command line says, which are not looked for.
        environment: of this process.
        home: where sf keeps its logins.
        secret: returns what another secret holds, by its name or ARN; None: there is none.
        passphrase: asks for that of a key store, which it is told by its name.
    """

    name: str
    given: frozenset[Field]
    environment: Mapping[str, str]
    home: Path
    secret: Callable[[str], bytes | None]
    passphrase: Callable[[str], Secret]

    def read(self, where: str) -> Found:
        """Return what was found.

        Args:
            where: `env`, `sf:ALIAS`, `secret:NAME`, or the path of a file.

        Raises:
            Failed: there is nothing, or nothing that can be used.
        """
        kind, _, rest = where.partition(":")
        match kind:
            case "env" if not rest:
                return self._named(self.environment, "the environment", prefixed_only=True)
            case "sf" if rest:
                return self._of_file(sf_login.login_file(rest, self.home))
            case "secret" if rest:
                return self._of_secret(rest)
            case _:
                return self._of_file(expanded(Path(where)))

    def _of_file(self, path: Path) -> Found:
        found = self._of_octets(octets_in(path), str(path), path)
        _warn_of(path, found)
        return found

    def _of_secret(self, secret: str) -> Found:
        source = f"the secret {secret}"
        if not (octets := self.secret(secret)):
            raise Failed(
                f"There is no secret {secret}, or it is empty.", remedy="Check its name.", name="SecretNotFound"
            )
        return self._of_octets(octets, source, Path("FILE.jks"))

    def _of_octets(self, octets: ForeignBytes, source: str, path: Path) -> Found:
        """Return what a file or a secret holds, by its own looks."""
        if kind := key_store.java_store(octets):
            raise key_store.conversion(source, path, kind, self.name)
        if label_of(octets) == "PKCS12":
            pieces = key_store.pieces_of_store(
                octets, source, lambda: Piece(text=self.passphrase(source), origin=source)
            )
            return Found(pieces=pieces, source=f"the PKCS#12 store {source}")
        text = _text(octets)
        if text is not None and dotenv.is_dotenv(text):
            return self._named(dotenv.variables_of(text), source, prefixed_only=False)
        if text is not None and _says_fields(text):
            return self._of_object(_fields(text, source), source)
        return _of_pem(octets, source)

    def _of_object(self, fields: Mapping[str, object], source: str) -> Found:
        is_login = sf_login.is_login(fields)
        if is_login and not fields.get("privateKey") and Field.PRIVATE_KEY not in self.given:
            raise sf_login.not_by_key(source, self.name)
        if fields.get(Field.SIGNER) and not fields.get(Field.PRIVATE_KEY) and Field.PRIVATE_KEY not in self.given:
            raise _in_kms(fields, source, self.name)
        found = self._named(fields, source, prefixed_only=False)
        return Found(pieces=found.pieces, source=source, notes=sf_login.notes_of(fields) if is_login else ())

    def _named(self, variables: Mapping[str, object], source: str, *, prefixed_only: bool) -> Found:
        pieces = pieces_of(variables, source, prefixed_only=prefixed_only, given=self.given)
        other = other_login_in(variables, prefixed_only=prefixed_only)
        if other and Field.PRIVATE_KEY not in pieces.keys() | self.given:
            raise Failed(
                f"{subject(source)} holds a login by {other}, and no private key; passwords, client secrets and tokens are not imported.",
                remedy=f"Make a key and its app for the same user: {sfmint('app', 'create', self.name, '--username', 'USER')}",
                name="NoKey",
            )
        return Found(pieces=pieces, source=source)


def _in_kms(fields: Mapping[str, object], source: str, name: str) -> Failed:
    """Return what is said of a secret of sfmint's whose key is in KMS: there is no key to import."""
    try:
        arn = kms_key(fields, Field.SIGNER)
    except CredentialFault as fault:
        return failure_in(fault, of_origins({Field.SIGNER: f"{Field.SIGNER} in {source}"}))
    again = (
        *("connection", "add", name, "--kms", arn, "--certificate", "FILE", "--consumer-key", "KEY"),
        *("--username", "USER", "--token-host", "https://MYDOMAIN.my.salesforce.com"),
    )
    return Failed(
        f"{subject(source)} has its key in KMS ({Field.SIGNER}), which cannot be imported.",
        remedy=f"Name the key, with its certificate: {sfmint(*again)}",
        name="NoKey",
    )


def _fields(text: Foreign, source: str) -> dict[str, object]:
    try:
        return fields_of(text)
    except CredentialFault as fault:
        raise Failed(
            f"{subject(source)} is {fault.details['what']}.",
            remedy="Give its values as options, or as a file of NAME=VALUE.",
            name="SourceUnreadable",
        ) from None


def _says_fields(text: Foreign) -> bool:
    """Return whether a text is to be read as an object, or told of as what it is in its place; a key is neither."""
    if text.lstrip().startswith("{") or is_object(text):  # base64 of one, too
        return '"kty"' not in text  # a JSON Web Key is told of as a key is
    return not is_key(text) and "-----" not in text and len(text.split()) > 1


def _of_pem(octets: ForeignBytes, source: str) -> Found:
    try:
        text = pem_of_octets(Field.PRIVATE_KEY, octets)
        is_encrypted(Secret(text))  # what is no key is told before anything is missed
    except CredentialFault as fault:
        raise failure_in(fault, of_origins({Field.PRIVATE_KEY: subject(source)})) from None
    found = {Field.PRIVATE_KEY: Piece.of(text, source)}
    certificate = {Field.CERTIFICATE: Piece.of(text, source)} if _CERTIFICATE in text else {}
    return Found(pieces=found | certificate, source=f"the key in {source}")


def _text(octets: ForeignBytes) -> str | None:
    try:
        return text_of(octets)
    except ValueError:
        return None


def _warn_of(path: Path, found: Found) -> None:
    key = found.pieces.get(Field.PRIVATE_KEY)
    if key is not None and key.origin.endswith(str(path)) and "named by" not in key.origin:
        warn_if_open(path)
