"""Pieces that were found under names: which value counts, and what it says of a connection."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from sfmint.salesforce.vocabulary import Field
from sfmint_cli.imports.key_text import certificate_piece, key_piece, passphrase_piece
from sfmint_cli.imports.names import Hint, part_of
from sfmint_cli.imports.piece import Piece
from sfmint_cli.options import LONGEST_PATH
from sfmint_cli.result import Failed
from sfmint_values.foreign import Foreign, plain_name

_SHARED_LOGINS = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})
_SHARED_NAMES = ("login", "test")
_TOP = (".com", ".mil", ".cn")
_ENDPOINT = "/services/oauth2"
_FILES = {
    Hint.KEY_FILE: Field.PRIVATE_KEY,
    Hint.CERTIFICATE_FILE: Field.CERTIFICATE,
    Hint.PASSPHRASE_FILE: Field.PRIVATE_KEY_PASSPHRASE,
}
# What the command line can say in the place of a part.
_OPTIONS: Mapping[Field | Hint, str] = {
    **{
        field: f"--{field.value.replace('_', '-')}"
        for field in (
            *(Field.CONSUMER_KEY, Field.USERNAME, Field.TOKEN_HOST, Field.AUDIENCE, Field.ORG_ID, Field.TOKEN_LIFETIME),
            Field.CERTIFICATE,
        )
    },
    Field.PRIVATE_KEY: "--key",
    Hint.KEY_FILE: "--key",
    Hint.CERTIFICATE_FILE: "--certificate",
    Field.PRIVATE_KEY_PASSPHRASE: "--passphrase-file",
    Hint.PASSPHRASE_FILE: "--passphrase-file",
    Hint.LOGIN_URL: "--token-host and --audience",
}
_EXPANDED = ("${", "$(")


def pieces_of(
    variables: Mapping[str, object], source: str, *, prefixed_only: bool, given: frozenset[Field] = frozenset()
) -> dict[Field, Piece]:
    """Return what variables say of a connection.

    Args:
        variables: values by names.
        source: where they stand, in words.
        prefixed_only: whether a name without a prefix of Salesforce's is somebody else's, as USER is in a shell.
        given: the fields that are known already, so that nobody asks for them here.

    Raises:
        Failed: two names say different things of one part, a value is to be expanded by a shell, or a file that one names
            cannot be read.
    """
    parts = _chosen(variables, source, prefixed_only, _known(given))
    found = {part: piece for part, piece in parts.items() if isinstance(part, Field)}
    if Field.PRIVATE_KEY not in given and (key := _key(parts)):
        found |= key
    if (path := parts.get(Hint.CERTIFICATE_FILE)) and Field.CERTIFICATE not in found.keys() | given:
        found[Field.CERTIFICATE] = certificate_piece(path.said(), path.origin)
    if (path := parts.get(Hint.PASSPHRASE_FILE)) and Field.PRIVATE_KEY_PASSPHRASE not in found.keys() | given:
        found[Field.PRIVATE_KEY_PASSPHRASE] = passphrase_piece(path.said(), path.origin)
    return found | _urls(parts, given)


def other_login_in(variables: Mapping[str, object], *, prefixed_only: bool) -> str | None:
    """Return the name of a password, a client secret or a stored token among variables; None: there is none."""
    for name, value in variables.items():
        part, is_prefixed = part_of(name)
        if part is Hint.OTHER_LOGIN and value and (is_prefixed or not prefixed_only):
            return plain_name(name)
    return None


def _known(given: frozenset[Field]) -> frozenset[Field | Hint]:
    """Return the parts that are not looked for, whatever the source says of them."""
    files = {part for part, field in _FILES.items() if field in given}
    urls = {Hint.LOGIN_URL} if given >= {Field.TOKEN_HOST, Field.AUDIENCE} else set()
    return given | files | urls | {Hint.OTHER_LOGIN}


def _chosen(
    variables: Mapping[str, object],
    source: str,
    prefixed_only: bool,  # noqa: FBT001
    known: frozenset[Field | Hint],
) -> dict[Field | Hint, Piece]:
    """Return one piece for each part: a name that says that it is Salesforce's beats one that does not."""
    candidates: dict[Field | Hint, dict[bool, dict[str, str]]] = {}
    for name, value in variables.items():
        part, is_prefixed = part_of(name)
        text = _text_of(value)
        if part is None or part in known or text is None or (prefixed_only and not is_prefixed):
            continue
        candidates.setdefault(part, {}).setdefault(is_prefixed, {})[name] = text
    chosen = {part: by_prefix.get(True) or by_prefix[False] for part, by_prefix in candidates.items()}
    return {part: _only(part, values, source) for part, values in chosen.items()}


def _text_of(value: object) -> str | None:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = ",".join(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(int(value) if value.is_integer() else value)  # 900.0 is what some write for 900
    return value if isinstance(value, str) and value.strip() else None


def _only(part: Field | Hint, values: dict[str, str], source: str) -> Piece:
    names = sorted(values)
    shown = " and ".join(plain_name(name) for name in names[:2])
    option = _OPTIONS.get(part)
    if len(set(values.values())) > 1:
        raise Failed(
            f"{source} says two different things: {shown} are both the {part.value.replace('_', ' ')}.",
            remedy=f"Say which is right with {option}, or take one away." if option else "Take one of them away.",
            name="Ambiguous",
        )
    text = values[names[0]]
    if any(sign in text for sign in _EXPANDED):
        raise Failed(
            f"{plain_name(names[0])} in {source} is to be filled in by a shell, which is not done here.",
            remedy=f"Give the value with {option}, or write it out in that place." if option else "Write it out there.",
            name="NotExpanded",
        )
    return Piece.of(text, f"{plain_name(names[0])} in {source}")


def _key(parts: Mapping[Field | Hint, Piece]) -> dict[Field, Piece]:
    text, path = parts.get(Field.PRIVATE_KEY), parts.get(Hint.KEY_FILE)
    if text is not None:
        return {Field.PRIVATE_KEY: key_piece(text.said(), text.origin)}
    return {} if path is None else {Field.PRIVATE_KEY: key_piece(path.said(), path.origin, is_path=True)}


def _urls(parts: Mapping[Field | Hint, Piece], given: frozenset[Field]) -> dict[Field, Piece]:
    """Return token host and audience: a login URL that all orgs share is an audience, beside the org's own host."""
    found = {part: parts[part] for part in (Field.TOKEN_HOST, Field.AUDIENCE) if part in parts}
    if login := parts.get(Hint.LOGIN_URL):
        is_shared = _spelled(login.said()) in _SHARED_LOGINS
        has_host = Field.TOKEN_HOST in found.keys() | given
        if not has_host:
            found[Field.TOKEN_HOST] = login
        elif is_shared and Field.AUDIENCE not in found.keys() | given:
            found[Field.AUDIENCE] = login
    return {part: Piece.of(_spelled(piece.said()), piece.origin) for part, piece in found.items()}


def _spelled(text: Foreign) -> str:
    """Return a URL as the secret has it: with its scheme, and without the endpoint; `login` and `acme.my` stand for hosts."""
    text = text.strip().rstrip("/")
    if len(text) > LONGEST_PATH:  # what it is instead is said when it is checked
        return text
    if "://" not in text:
        text = f"https://{text}{_rest_of(text)}"
    try:
        path = urlsplit(text).path
    except ValueError:
        return text
    return text.partition(_ENDPOINT)[0] if _ENDPOINT in path else text


def _rest_of(text: Foreign) -> str:
    """Return what a host lacks; simple-salesforce's `domain` is `login`, `test` or `acme.my`, and a My Domain `acme`."""
    if text.endswith(_TOP) or ":" in text or "/" in text:
        return ""
    return ".salesforce.com" if text.endswith(".my") or text in _SHARED_NAMES else ".my.salesforce.com"
