"""What somebody else says may be shown, and nothing in it that is, or looks like, a key, an assertion or a token."""

import base64
import json
import string
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import KeyPair
from sfmint_values.redaction import LONGEST, LONGEST_READ, REDACTED, redacted
from sfmint_values.vocabulary import LOGIN, REST, Vocabulary

VOCABULARIES = (LOGIN, REST)
CANARY = "00D5g000004abcd" + "!AQ0AQFx4TOKENcanary.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TOKEN = "00D5g000004aBcd!AQ0AQFx7OKeNc4n9Ry.a1Bc3De5fG7hI9jK2lM4nO6pQ8rS0"
BASE64URL = string.ascii_letters + string.digits + "-_"


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def pem(data: bytes) -> str:
    body = base64.encodebytes(data).decode()
    return f"-----BEGIN {'PRIVATE'} KEY-----\n{body}-----END {'PRIVATE'} KEY-----\n"


def assertion(claims: dict[str, str], signature: bytes) -> str:
    return ".".join([b64url(b'{"alg":"RS256","typ":"JWT"}'), b64url(json.dumps(claims).encode()), b64url(signature)])


opaque_tokens = st.builds(
    "00D{}!{}".format,
    st.text(string.ascii_letters + string.digits, min_size=12, max_size=15),
    st.text(string.ascii_letters + string.digits + "._", min_size=20, max_size=100),
)
assertions = st.builds(
    assertion, st.dictionaries(st.sampled_from(["iss", "sub", "aud"]), st.text()), st.binary(min_size=256, max_size=256)
)
keys = st.builds(pem, st.binary(min_size=300, max_size=1300))
prose = st.text(max_size=300)
disguises = st.sampled_from(
    [
        str,
        quote,
        repr,
        json.dumps,
        lambda text: b64url(text.encode()),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: text.encode().hex(),
    ]
)


def pieces(secret: str, length: int = 24) -> set[str]:
    """Return every piece of a text that would be too much to show."""
    return {secret[start : start + length] for start in range(max(1, len(secret) - length + 1))}


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=["login", "rest"])
@given(
    secret=st.one_of(opaque_tokens, assertions, keys), before=prose, after=prose, glue=st.sampled_from(["", " ", '"'])
)
def test_no_piece_of_a_secret_comes_through(
    vocabulary: Vocabulary, secret: str, before: str, after: str, glue: str
) -> None:
    shown = redacted(f"{before}{glue}{secret}{glue}{after}", longest=10_000, vocabulary=vocabulary)
    for line in secret.splitlines():
        assert not [piece for piece in pieces(line) if piece in shown and len(piece) == 24]


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=["login", "rest"])
@given(secret=st.one_of(opaque_tokens, assertions, keys), disguise=disguises)
def test_no_disguise_helps_a_secret_through(
    vocabulary: Vocabulary, secret: str, disguise: Callable[[str], str]
) -> None:
    disguised = disguise(secret)
    shown = redacted(f"invalid_grant: {disguised} is invalid", longest=10_000, vocabulary=vocabulary)
    assert not [piece for piece in pieces(disguised) if piece in shown]
    assert shown.startswith("invalid_grant: ")


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=["login", "rest"])
@given(text=st.one_of(st.text(string.printable, max_size=2000), st.text()), more=st.integers(0, 300))
def test_whatever_is_said_is_cut_and_in_one_line(vocabulary: Vocabulary, text: str, more: int) -> None:
    shown = redacted(text + "word " * more, vocabulary=vocabulary)
    assert len(shown) <= LONGEST
    assert shown.isprintable()
    assert shown == shown.strip()


@given(st.one_of(st.text(), st.text(BASE64URL + "!.=+/%~\" '", max_size=400)), st.integers(8, 60))
def test_quoting_twice_is_quoting_once(text: str, longest: int) -> None:
    once = redacted(text, longest)
    assert redacted(once, longest) == once
    assert redacted(once) == once


@given(st.lists(st.sampled_from(["a1B", "x", "word", "7", "aB2c", "ab:cd:ef:01:23:45:67:89:ab:cd:ef:01"]), max_size=40))
def test_quoting_pieces_twice_is_quoting_once(pieces: list[str]) -> None:
    once = redacted(" ".join(pieces))
    assert redacted(once) == once


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=["login", "rest"])
def test_what_stands_around_a_secret_is_looked_at_without_it(vocabulary: Vocabulary) -> None:
    codes = "a4 b5 c6 d7 e1 f2 g3 h4"
    once = redacted(f"{codes} ABCDEFg HIJKLMn OPQRSTu {codes}", vocabulary=vocabulary)
    assert once == redacted(once, vocabulary=vocabulary) == REDACTED


@pytest.mark.parametrize(
    "said",
    [
        "invalid_grant: user hasn't approved this consumer",
        "invalid_app_access: user is not admin approved to access this app",
        "OAUTH_APPROVAL_ERROR_GENERIC: An unexpected error has occurred during authentication. Please try again.",
        "OAUTH_EC_APP_NOT_FOUND",
        "request not supported on this domain login.salesforce.com (https://acme.my.salesforce.com/services/oauth2/token)",
        "user integration@acme.example is locked since 2026-11-24 from 10.1.2.3, RS256",
        "der Benutzer hat diese Anwendung für das System nicht genehmigt: überprüfen Sie die Einstellungen",
        "OAuth2 JWT bearer flow of an sObject app (API v67.0) failed for the 2 IDs of org 00Dxx at 2026-11-24 12:00:00",
        "l'utilisateur n'a pas approuvé l'app: s'il y a été invité, il va la voir où il l'a été",
        "пользователь не разрешил приложению OAuth доступ по API v67.0",
        "ユーザはこのアプリケーションを承認していません",
        "",
    ],
)
def test_words_stay_as_they_are(said: str) -> None:
    assert redacted(said) == said


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("bad 00Dxx0000000001!AQ now", f"bad {REDACTED} now"),
        ("key 0f1e2d3c4b5a69788796a5b4c3d2e1f0", f"key {REDACTED}"),
        ("a\r\n  b\tc\x00d\x1b[31m\u202e\ud800e\u200bf", "a b cd[31mef"),
        ("-----BEGIN RSA PRIVATE " + "KEY----- short", REDACTED),
        ("assertion=eyJhbGciOiJ", REDACTED),
    ],
)
def test_what_is_no_word_goes(said: str, shown: str) -> None:
    assert redacted(said) == shown


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize(
    "glue", [" ", "|", ", ", " : ", "\n", "\N{COMBINING ACUTE ACCENT}", "\N{ZERO WIDTH SPACE}", "&", "__", "\\"]
)
def test_a_secret_in_pieces_does_not_come_through(glue: str, length: int) -> None:
    split = glue.join(TOKEN[start : start + length] for start in range(0, len(TOKEN), length))
    shown = redacted(f"the token {split}", longest=10_000)
    assert shown.startswith(f"the token {REDACTED}")
    left = "".join(filter(str.isalnum, shown.removeprefix("the token").replace(REDACTED, "")))
    assert len(left) <= 14, "two pieces at most"


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=["login", "rest"])
@pytest.mark.parametrize("glue", [":", " ", ", ", ":\n    ", "-"])
@pytest.mark.parametrize("form", ["02x", "02X", "d", "03d", "03o"])
@given(secret=st.binary(min_size=12, max_size=60))
def test_a_dump_of_bytes_does_not_come_through(vocabulary: Vocabulary, glue: str, form: str, secret: bytes) -> None:
    dump = glue.join(format(byte, form) for byte in secret)
    assert redacted(f"private key {dump}", vocabulary=vocabulary) == f"private key {REDACTED}"


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=["login", "rest"])
@pytest.mark.parametrize("form", ["\\x{:02x}", "0x{:02x}, ", "\\u{:04x}", "&#{};", "&#x{:x};", "%{:02X}", "\\{:03o}"])
@given(secret=st.binary(min_size=16, max_size=60))
def test_bytes_with_escapes_do_not_come_through(vocabulary: Vocabulary, form: str, secret: bytes) -> None:
    escaped = "".join(map(form.format, secret))
    shown = redacted(f"private key {escaped}", vocabulary=vocabulary).removeprefix("private key ")
    assert "".join(filter(str.isalnum, shown.replace(REDACTED, ""))) in {"", "u", "x"}


@pytest.mark.parametrize("filler", [" and ", " then ", "; the next: ", " foo bar "])
@pytest.mark.parametrize("length", [1, 2, 4, 5, 6, 7])
def test_a_secret_in_pieces_with_words_between_them_does_not_come_through(filler: str, length: int) -> None:
    pieces = [TOKEN[start : start + length] for start in range(0, len(TOKEN), length)]
    shown = redacted(f"the token {filler.join(pieces)}", longest=10_000)
    left = [piece for piece in pieces if len(piece) > 1 and piece in shown.split()]
    assert REDACTED in shown
    assert len("".join(left)) <= 14, "two pieces at most"


def test_a_secret_in_other_letters_does_not_come_through() -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) for char in TOKEN)
    accented = "".join(f"{char}\N{COMBINING ACUTE ACCENT}" for char in TOKEN)
    assert redacted(f"token {wide} für") == redacted(f"token {accented} fur") == f"token {REDACTED} fur"


def test_accents_stay_in_what_rest_says_and_hide_nothing_there() -> None:
    accented = "".join(f"{char}\N{COMBINING ACUTE ACCENT}" for char in TOKEN)
    assert redacted(f"für {accented} für", vocabulary=REST) == f"für {REDACTED} für"


@pytest.mark.parametrize(
    "words",
    [
        "No such column 'BillingCity' on entity 'OpportunityLineItem'.",
        "/services/data/v67.0/sobjects/Account/External_Id__c/A-0001",
        "/services/data/v67.0/sobjects/Case/500gK0000000002QAA",
        "/services/data/v67.0/tooling/executeAnonymous",
        "Bad_OAuth_Token",
        "REQUIRED_FIELD_MISSING",
        ", ".join(f"Amount{number}__c, Total__c" for number in range(1, 20)),
        "entity type cannot be deleted: 001xx000003DGb2AAG, 003xx000004TmiQAAS, 006xx000001a2bCAAQ, a0Bxx0000012345EAA",
        "SELECT Id, Name FROM Account WHERE CreatedDate > 2026-11-24 LIMIT 10 ERROR at Row:1:Column:23",
    ],
)
def test_words_names_and_record_ids_are_shown_of_what_rest_says(words: str) -> None:
    assert redacted(words, 1000, vocabulary=REST) == words


@pytest.mark.parametrize(
    "secret",
    [CANARY, CANARY.replace("!", "%21"), CANARY.replace("!", "&#33;"), f"{CANARY[:20]} {CANARY[20:]}", CANARY[16:]],
)
def test_a_token_in_any_spelling_is_redacted_in_what_rest_says(secret: str) -> None:
    shown = redacted(f"bad sid={secret}", vocabulary=REST)
    assert "(redacted)" in shown
    assert "TOKENcanary" not in shown
    assert "abcdefghij" not in shown


def test_a_control_character_parts_words_in_what_rest_says() -> None:
    assert redacted("a\r\nb\x1b[0m", vocabulary=REST) == "a b [0m"


def test_only_a_bounded_part_of_a_text_is_looked_at() -> None:
    assert redacted(" " * LONGEST_READ + "unseen") == ""
    assert redacted(" " * LONGEST_READ + "seen", longest=LONGEST_READ + 10) == "seen"


def test_a_record_id_is_shown_only_if_its_last_three_letters_agree_with_the_case_of_the_others() -> None:
    right, wrong = "0015g00000ABCdEAAX", "0015g00000ABCdEAAA"
    assert redacted(f"id {right} is gone", vocabulary=REST) == f"id {right} is gone"
    assert redacted(f"id {wrong} is gone", vocabulary=REST) == f"id {REDACTED} is gone"
    assert REDACTED in redacted("000000000000000000.00000", vocabulary=REST)


def test_a_real_key_is_no_word(key_pair: KeyPair) -> None:
    body = key_pair.pem.splitlines()[1:-1]
    for text in (key_pair.pem, json.dumps(key_pair.pem), " ".join(body), key_pair.pem.replace("\n", "\\n")):
        shown = redacted(f"cannot read {text}", longest=10_000)
        assert not [line for line in body if line in shown]


def test_a_long_description_is_cut_and_says_so() -> None:
    shown = redacted("word " * 100)
    assert shown.startswith("word word")
    assert shown.endswith(" ...")
    assert LONGEST - 10 < len(shown) <= LONGEST
