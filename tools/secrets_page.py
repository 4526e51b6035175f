"""Writes docs/secrets.md, by storing a new key in every way that people store keys: ``python tools/secrets_page.py``.

A test makes the page again and compares the two. The keys are made for this run and thrown away.
"""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import stored_forms
from page_table import table
from sfmint.adapters.signers.signing_key import load_signing_key
from sfmint.salesforce.connection import parse_connection
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.vocabulary import OF_THE_STACK
from sfmint_values.secret import Secret
from stored_forms import PASSPHRASE, Pair

PAGE = Path(__file__).resolve().parent.parent / "docs/secrets.md"
ACCEPTED = "accepted"
_FIELDS = {"consumer_key": "3MVG9", "username": "a@acme.example", "token_host": "https://acme.my.salesforce.com"}

_HEAD = """\
# What a secret may hold

*Reference, for everybody who stores a key or reads an error about one.*

<!-- Made by `make docs`, which stores a new key in each of these ways: change tools/stored_forms.py, and run it. -->

People copy keys through forms, shells, mail and templates, which change them on the way. sfmint accepts each form that can only mean
one key. For every other form its error says what was found, and which command converts it. The broker and the program read alike:
what `sfmint keys check` accepts, the broker accepts too. No message quotes what was read. The fields of a secret are listed in
[connections.md](connections.md#the-secret).
"""
_WRAPPED = """\
A PEM text may be wrapped in these ways, also in two at once. It is unwrapped before it is read. A key may be PKCS#8 or PKCS#1, an
encrypted one as well: then `private_key_passphrase` has the passphrase. A line end and a byte order mark around the passphrase are
taken off if the key does not open with them.
"""
_LABELS = "A key is recognised by its content. The label above it may be wrong or missing.\n"
_CERTIFICATES = (
    "The certificate may be wrapped in the same ways. If there are several, the one that belongs to the key is taken.\n"
)
_OTHERS = (
    "These are refused, with the error in the second column. `FILE` is what you have; store what the command writes.\n"
)
_FILES = """\
`sfmint` reads the same forms from files. A file may also hold DER, and its text may be UTF-8 or UTF-16, as PowerShell's `>`
writes it. A passphrase file may be UTF-8 or UTF-16 too, and its line end is no part of the passphrase.

Of encrypted keys these ciphers are read: for PKCS#1 AES-128-CBC, AES-256-CBC and DES-EDE3-CBC, for PKCS#8 what OpenSSL 3 writes by
default. A wrong passphrase, a damaged key and another cipher are three errors.
"""
_SIGNERS = """\
`signer` names a key that never leaves AWS KMS, in place of `private_key`; `other_signer` is written in the same way. Then `certificate`
is needed, in any of the forms above; of several the first one counts.
"""
_WHOLE = """\
The secret itself is one JSON object, stored as text or as octets (`SecretBinary`, UTF-8 or UTF-16). A line break or a tab may stand
in a text as it is.
"""


def page() -> str:
    """Return the page."""
    pair = Pair.new()
    certificate = stored_forms.pem_of(pair.certificate)
    encrypted = pair.pem(passphrase=PASSPHRASE)
    wrapped = [
        (name, _key(wrap(pair.pem())), _key(wrap(encrypted)), _certificate(pair, wrap(certificate)))
        for name, wrap in stored_forms.WRAPPED.items()
    ]
    parts = (
        _HEAD,
        _section("Keys and certificates, wrapped", _WRAPPED),
        table(("the PEM text is", "key", "encrypted key", "certificate"), wrapped),
        _section("Labels of keys", _LABELS),
        _table("stored is", stored_forms.MISLABELLED, pair, _key),
        _section("Certificates", _CERTIFICATES),
        _table("stored is", stored_forms.CERTIFICATES, pair, lambda text: _certificate(pair, text)),
        _section("Files", _FILES).rstrip("\n"),
        "\n",
        _section("What is no key yet", _OTHERS),
        _table("`private_key` is", stored_forms.NO_KEYS, pair, _key),
        "\n",
        _table("`certificate` is", stored_forms.NO_CERTIFICATES, pair, lambda text: _certificate(pair, text)),
        _section("Keys in KMS", _SIGNERS),
        table(("`signer` is", "what becomes of it"), _signers()),
        _section("The secret's text", _WHOLE),
        table(("the secret is stored", "what becomes of it"), _secrets()),
    )
    return "".join(parts)


def _section(title: str, text: str) -> str:
    return f"\n## {title}\n\n{text}\n"


def _table(
    name: str,
    forms: Mapping[str, Callable[[Pair], str]] | Mapping[str, Callable[[Pair], str | bytes]],
    pair: Pair,
    outcome: Callable[[str], str],
) -> str:
    rows = ((form, outcome(_as_text(make(pair)))) for form, make in forms.items())
    return table((name, "what becomes of it"), rows)


def _as_text(value: str | bytes) -> str:
    """Return what a secret holds of a file: text as it is, octets as base64."""
    return value if isinstance(value, str) else base64.b64encode(value).decode()


def _key(text: str) -> str:
    return _outcome(lambda: load_signing_key(Secret(text), Secret(PASSPHRASE), None))


def _certificate(pair: Pair, text: str) -> str:
    return _outcome(lambda: load_signing_key(Secret(pair.pem()), None, text))


def _secrets() -> Iterable[tuple[str, str]]:
    key = "".join(f"-----{word} PRIVATE KEY-----\n" for word in ("BEGIN", "END"))
    text = json.dumps({**_FIELDS, "private_key": key})
    for form, wrap in stored_forms.SECRETS.items():
        stored = wrap(text)
        yield form, _outcome(partial(parse_connection, "orders", stored, frozenset()))


def _signers() -> Iterable[tuple[str, str]]:
    fields = {**_FIELDS, "certificate": "PEM"}
    for form, signer in stored_forms.SIGNERS.items():
        text = json.dumps({**fields, "signer": signer})
        yield form, _outcome(partial(parse_connection, "orders", text, frozenset()))


def _outcome(read: Callable[[], object]) -> str:
    """Return what becomes of it: accepted, or cause and remedy as the broker says them."""
    try:
        read()
    except CredentialFault as fault:
        subject = "the secret " if fault.field is None else f"`{OF_THE_STACK.fields[fault.field]}` "
        said = f"{subject}{fault.clause(OF_THE_STACK)}. {fault.remedy(OF_THE_STACK)}"
        return said.replace("|", "\\|")
    return ACCEPTED


if __name__ == "__main__":
    PAGE.write_text(page())
